// Presence as others see it, through real sockets: who is told what, and when nothing is told. The times are printed, and none is asserted.
import { canonicalJson, logRoot, parseOperationId, type UserId } from '@skein/protocol'
import { testId, testMessage } from '@skein/protocol/testing'
import { RawClient, startTestServer, type Heard, type TestServer } from '@skein/testing'
import * as encoding from 'lib0/encoding'
import { afterAll, describe, expect, test } from 'vitest'

type Told = { type: string; online?: unknown; user?: UserId; chats?: unknown[][] }
const typing = (client: number, clock: number, user: UserId): Uint8Array =>
  encoding.encode((encoder) => {
    for (const n of [1, client, clock]) encoding.writeVarUint(encoder, n)
    encoding.writeVarString(encoder, JSON.stringify({ user, typing: true }))
  })
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Somebody who listens on their own document. */
class Watcher {
  readonly client: RawClient
  readonly #own: string
  constructor(client: RawClient, user: UserId) {
    this.client = client
    this.#own = `user/${user}`
  }
  static async of(server: TestServer, user: UserId): Promise<Watcher> {
    const client = await RawClient.connect(server.url)
    const watcher = new Watcher(client, user)
    await client.open(watcher.#own, user)
    await watcher.until(0, ({ online }) => Array.isArray(online))
    return watcher
  }
  get count(): number {
    return this.client.count(this.#own)
  }
  told(from = 0): Told[] {
    return (this.client.heard.get(this.#own) ?? []).slice(from).flatMap((heard) => (heard.type === 'stateless' ? [heard.payload as Told] : []))
  }
  /** How long it took until this was heard, in milliseconds. */
  async until(from: number, is: (told: Told) => boolean): Promise<number> {
    const start = performance.now()
    await this.client.until(this.#own, (heard: Heard) => heard.type === 'stateless' && is(heard.payload as Told), from)
    return Math.round(performance.now() - start)
  }
  /** What was said of one person, in order. */
  of(user: UserId, from = 0): unknown[] {
    return this.told(from).flatMap((told) => (told.user === user ? [told.online] : []))
  }
}

export function presenceSuite(databaseUrl: () => Promise<string>): void {
  const times: [string, number][] = []
  afterAll(() => void process.stdout.write(times.map(([what, ms]) => `presence, ${what}: ${ms} ms\n`).join('')))

  async function scene() {
    const server = await startTestServer({ databaseUrl: await databaseUrl() })
    const [alice, bob, carol] = [await server.person('alice'), await server.person('bob'), await server.person('carol')]
    const chat = await server.chat(alice, bob)
    const b = await Watcher.of(server, bob)
    const connect = async (token: string = alice): Promise<RawClient> => {
      const client = await RawClient.connect(server.url)
      await client.open(chat.document, token)
      return client
    }
    const isAlice =
      (online: boolean) =>
      (told: Told): boolean =>
        told.user === alice && told.online === online
    return { server, alice, bob, carol, ...chat, b, connect, isAlice }
  }

  describe('PRES-2, W1–W5: who is there, as a contact sees it', () => {
    test('leaving, dying, a token that ends', async () => {
      const s = await scene()
      await using _ = s.server
      const ends: [string, () => Promise<unknown>][] = [
        ['leave', async () => (await s.connect()).close()],
        ['kill', async () => (await s.connect()).socket.terminate()],
        ['token end', async () => (await s.connect(`${s.alice}@${Date.now() + 1_000}`)).until(s.document, (heard) => heard.type === 'closed')],
      ]
      for (const [what, end] of ends) {
        const from = s.b.count
        await end()
        times.push([`${what}, seen by others`, await s.b.until(from, s.isAlice(false))])
        expect([what, s.b.of(s.alice, from)]).toEqual([what, [true, false]])
        expect(s.server.sync.isOnline(s.alice)).toBe(false)
      }
      expect((await s.server.storage.user(s.alice))?.lastSeenAt).not.toBeNull()
    })

    test('a blip and a reload tell nobody anything; a second tab keeps somebody there', async () => {
      const s = await scene()
      await using _ = s.server
      const first = await s.connect()
      await s.b.until(0, s.isAlice(true))
      const from = s.b.count
      first.socket.terminate()
      const second = await s.connect()
      const third = await s.connect()
      await second.close()
      while (s.server.sync.connections > 2) await turn()
      expect(s.server.sync.isOnline(s.alice)).toBe(true)
      await third.close()
      times.push(['last tab closed, seen by others', await s.b.until(from, s.isAlice(false))])
      expect(s.b.of(s.alice, from)).toEqual([false])
    })

    test('a token that has ended and a new one on the same socket', async () => {
      const s = await scene()
      await using _ = s.server
      const from = s.b.count
      const a = await s.connect(`${s.alice}@${Date.now() + 1_000}`)
      await s.b.until(from, s.isAlice(false))
      await a.open(s.document, s.alice)
      expect(s.server.sync.isOnline(s.alice)).toBe(true)
      await a.close()
      await s.b.until(from, () => s.b.of(s.alice, from).length === 4)
      expect(s.b.of(s.alice, from)).toEqual([true, false, true, false])
    })

    test('a server that stops keeps when everybody was last seen', async () => {
      const s = await scene()
      await using server = s.server
      await s.connect()
      await server.sync.drain(10_000)
      expect([server.sync.isOnline(s.alice), server.sync.isOnline(s.bob)]).toEqual([false, false])
      for (const user of [s.alice, s.bob]) expect((await server.storage.user(user))?.lastSeenAt).not.toBeNull()
    })
  })

  describe('PRES-1, promise 8: told to contacts alone', () => {
    test('a stranger hears nothing, on opening or later, until they share a chat, and again nothing when they share none', async () => {
      const s = await scene()
      await using server = s.server
      const a = await s.connect()
      const c = await Watcher.of(server, s.carol)
      expect(c.told()).toEqual([{ type: 'presence', online: [] }])
      const { id } = await server.group(s.bob, s.carol)
      server.sync.chatCreated(id, [s.bob, s.carol])
      const isList =
        (...users: UserId[]) =>
        ({ online }: Told): boolean =>
          JSON.stringify(online) === JSON.stringify([...users].sort())
      await c.until(0, isList(s.bob))
      const from = c.count
      const join = { type: 'join', id: parseOperationId(testId(80)), at: '2026-01-01T00:00:00.000Z', user: s.alice } as const
      await server.sync.changeMember(id, s.bob, join)
      await c.until(from, s.isAlice(true))
      const left = c.count
      const leave = { type: 'leave', id: parseOperationId(testId(81)), at: '2026-01-01T00:00:00.000Z', user: s.alice } as const
      await server.sync.changeMember(id, s.bob, leave)
      await c.until(left, s.isAlice(false))
      const after = c.count
      const bobsView = s.b.count
      await a.close()
      await s.b.until(bobsView, s.isAlice(false))
      await s.connect()
      await s.b.until(bobsView, s.isAlice(true))
      // Something that is carol's to hear, so that what comes before it has come.
      const dave = await server.person('dave')
      const both = await server.chat(s.carol, dave)
      server.sync.chatCreated(both.id, [s.carol, dave])
      await (await RawClient.connect(server.url)).open(both.document, dave)
      await c.until(after, ({ user, online }) => user === dave && online === true)
      expect(c.of(s.alice, after)).toEqual([])
      // Bob shares a chat with Alice still.
      expect(s.b.of(s.alice, bobsView)).toEqual([false, true])
    })

    test('somebody whose chats are all closed hears of their contacts over their own document, also after a failed question', async () => {
      let fail = false
      const server = await startTestServer({
        databaseUrl: await databaseUrl(),
        storage: (real) =>
          new Proxy(real, {
            get: (target, key) => {
              if (key === 'contacts' && fail) return () => Promise.reject(new Error('planted'))
              const value: unknown = Reflect.get(target, key)
              return typeof value === 'function' ? (value.bind(target) as unknown) : value
            },
          }),
      })
      await using _ = server
      const [alice, bob] = [await server.person('alice'), await server.person('bob')]
      await server.chat(alice, bob)
      const b = await Watcher.of(server, bob)
      fail = true
      const one = await RawClient.connect(server.url)
      await one.open(`user/${alice}`, alice)
      while (server.log.length === 0) await turn()
      fail = false
      await one.close()
      await b.until(0, ({ user, online }) => user === alice && online === false)
      const two = await RawClient.connect(server.url)
      await two.open(`user/${alice}`, alice)
      await two.until(`user/${alice}`, (heard) => heard.type === 'stateless' && JSON.stringify(heard.payload).includes(bob))
      await b.until(0, ({ user, online }) => user === alice && online === true)
    })
  })

  describe('AW-3, W1, W3: typing ends with its connection', () => {
    const ofClient = (heard: Heard, client: number): unknown =>
      heard.type === 'awareness' && heard.states.has(client) ? heard.states.get(client) : undefined

    test('when it closes, when it dies, when it is back under the same id and goes again', async () => {
      const s = await scene()
      await using server = s.server
      const b = await RawClient.connect(server.url)
      await b.open(s.document, s.bob)
      let clock = 1
      for (const how of ['close', 'terminate'] as const) {
        const a = await s.connect()
        let from = b.count(s.document)
        a.awareness(s.document, typing(71, clock++, s.alice))
        await b.until(s.document, (heard) => Boolean(ofClient(heard, 71)), from)
        from = b.count(s.document)
        const start = performance.now()
        a.socket[how]()
        await b.until(s.document, (heard) => ofClient(heard, 71) === null, from)
        times.push([`typing, ${how}`, Math.round(performance.now() - start)])
      }
    })

    test('an id that has moved to a newer connection of the same person stays when the old one ends', async () => {
      const s = await scene()
      await using server = s.server
      const b = await RawClient.connect(server.url)
      await b.open(s.document, s.bob)
      const [old, fresh] = [await s.connect(), await s.connect()]
      old.awareness(s.document, typing(71, 1, s.alice))
      await b.until(s.document, (heard) => Boolean(ofClient(heard, 71)))
      let from = b.count(s.document)
      fresh.awareness(s.document, typing(71, 2, s.alice))
      await b.until(s.document, (heard) => Boolean(ofClient(heard, 71)), from)
      from = b.count(s.document)
      await old.close()
      while (server.sync.connections > 3) await turn()
      await fresh.append(s.document, logRoot(s.alice), [testMessage(1)])
      await b.untilDoc(s.document, (doc) => doc.getArray('ledger').length === 2)
      fresh.awareness(s.document, typing(72, 1, s.alice)) // one connection wears one
      fresh.awareness(s.document, typing(71, 3, s.alice))
      await b.until(s.document, (heard) => Boolean(ofClient(heard, 71)), from)
      expect((b.heard.get(s.document) ?? []).slice(from).some((heard) => ofClient(heard, 71) === null)).toBe(false)
      from = b.count(s.document)
      await fresh.close()
      await b.until(s.document, (heard) => ofClient(heard, 71) === null, from)
    })
  })

  test('DOC-4: of many changes at once somebody is told at once and then once a second, the last one included', async () => {
    const s = await scene()
    await using server = s.server
    const from = s.b.count
    const start = performance.now()
    const words = Array.from({ length: 60 }, (_, n) => testMessage(n) as { id: never; text: string; at: string })
    for (const word of words)
      await server.sync.commitOperation(s.id, s.alice, { type: 'message', ...word }, canonicalJson({ type: 'message', ...word }))
    await s.b.until(from, ({ chats }) => chats?.[0]?.[1] === 61)
    const nudges = s.b.told(from).filter(({ type }) => type === 'nudge').length
    expect(nudges).toBeLessThanOrEqual(2 + (performance.now() - start) / 1_000)
  })
}
