// Ordinary y-websocket clients: the real provider, at /yjs, under the same checks as everybody.
import { logRoot, parseOperationId, type UserId } from '@skein/protocol'
import { testId, testMessage, wireUpdate } from '@skein/protocol/testing'
import { RawClient, startTestServer, until, type TestServer } from '@skein/testing'
import * as encoding from 'lib0/encoding'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

/** A y-websocket provider that notes how its connections ended, and tells of everything it hears. */
class Plain {
  readonly doc = new Y.Doc()
  readonly closes: number[] = []
  /** Numbers after which the provider gave up. */
  readonly finals: number[] = []
  readonly provider: WebsocketProvider
  readonly #listeners = new Set<() => void>()

  constructor(server: TestServer, path: string, token: string | null) {
    const tell = (): void => this.#listeners.forEach((listener) => listener())
    this.provider = new WebsocketProvider(server.url.replace(/sync$/, 'yjs'), path, this.doc, {
      WebSocketPolyfill: WebSocket as never,
      disableBc: true,
      ...(token === null ? {} : { params: { token } }),
    })
    this.provider.on('connection-close', (event) => {
      if (event) this.closes.push(event.code)
      tell()
    })
    this.provider.on('closed', ({ code }) => {
      this.finals.push(code)
      tell()
    })
    this.provider.on('sync', tell)
    this.doc.on('afterTransaction', tell)
    this.provider.awareness.on('change', tell)
  }

  until(is: () => boolean): Promise<void> {
    return until({ subscribe: (listener) => (this.#listeners.add(listener), () => this.#listeners.delete(listener)) }, is)
  }
  synced(): Promise<void> {
    return this.until(() => this.provider.synced)
  }
  async closed(): Promise<number | undefined> {
    await this.until(() => this.closes.length > 0)
    return this.closes[0]
  }
  typists(): unknown[] {
    return [...this.provider.awareness.getStates().values()].filter((state) => state['typing'] === true)
  }
  stored(id: string): boolean {
    return this.doc
      .getArray<unknown[]>('ledger')
      .toArray()
      .some((entry) => entry[0] === id)
  }
}

const typing = (client: number, clock: number, user: UserId): Uint8Array =>
  encoding.encode((encoder) => {
    for (const n of [1, client, clock]) encoding.writeVarUint(encoder, n)
    encoding.writeVarString(encoder, JSON.stringify({ user, typing: true }))
  })

export function plainSuite(databaseUrl: () => Promise<string>): void {
  const open: Plain[] = []
  afterEach(() => open.splice(0).forEach(({ provider }) => provider.destroy()))

  async function scene() {
    const server = await startTestServer({ databaseUrl: await databaseUrl() })
    const alice = await server.person('alice')
    const bob = await server.person('bob')
    const plain = (path: string, token: string | null): Plain => {
      const client = new Plain(server, path, token)
      open.push(client)
      return client
    }
    return { server, alice, bob, plain, own: logRoot(bob), ...(await server.chat(alice, bob)) }
  }

  test('PLAIN-1, PLAIN-2: reads what others wrote and writes its own log; the ledger says when it is stored', async () => {
    const s = await scene()
    await using server = s.server
    const a = await RawClient.connect(server.url)
    await a.open(s.document, s.alice)
    expect(await a.append(s.document, logRoot(s.alice), [testMessage(1)])).toEqual({ type: 'ack' })
    const p = s.plain(s.document, s.bob)
    await p.synced()
    expect(p.doc.getArray<{ id: string }>(logRoot(s.alice)).toArray()).toMatchObject([{ id: testId(1) }])
    p.doc.getArray(s.own).push([testMessage(2)])
    await p.until(() => p.stored(testId(2)))
    await a.untilDoc(s.document, (doc) => doc.getArray('ledger').length === 3)
    expect(a.docs.get(s.document)?.getArray<{ id: string }>(s.own).toArray()).toMatchObject([{ id: testId(2) }])
    expect((await server.storage.history(s.id, { before: null, cursor: null, limit: 10 })).items.map(({ id }) => id)).toEqual([testId(1), testId(2)])
    // And what comes later.
    await a.append(s.document, logRoot(s.alice), [testMessage(3)])
    await p.until(() => p.stored(testId(3)))
    expect(Buffer.from(Y.encodeStateAsUpdate(p.doc)).equals(Buffer.from(Y.encodeStateAsUpdate(a.docs.get(s.document) ?? new Y.Doc())))).toBe(true)
    expect(p.closes).toEqual([])
  })

  test('PLAIN-1: the name may be encoded, a ticket opens it, what was written offline arrives', async () => {
    const s = await scene()
    await using _ = s.server
    const p = s.plain(encodeURIComponent(s.document), `ticket-${s.bob}`)
    p.doc.getArray(s.own).push([testMessage(1)])
    p.doc.getArray(s.own).push([testMessage(2)])
    await p.until(() => p.stored(testId(1)) && p.stored(testId(2)))
  })

  test('PLAIN-1: on /sync a ticket opens nothing', async () => {
    const s = await scene()
    await using server = s.server
    const a = await RawClient.connect(server.url)
    a.auth(s.document, `ticket-${s.bob}`)
    expect(await a.until(s.document, () => true)).toEqual({ type: 'denied', reason: 'token-expired' })
  })

  describe('CLOSE-2, promise 3, promise 8: refused by number', () => {
    type Scene = Awaited<ReturnType<typeof scene>>
    const writes: [string, number, (doc: Y.Doc, s: Scene) => void][] = [
      ['another’s root', 4403, (doc) => doc.getArray(`log:${'0'.repeat(26)}`).push([testMessage(1)])],
      ['another’s log, behind their words', 4404, (doc, s) => doc.getArray(logRoot(s.alice)).push([testMessage(1)])],
      ['the ledger', 4404, (doc) => doc.getArray('ledger').push([[testId(1)]])],
      ['no operation', 4409, (doc, s) => doc.getArray(s.own).push([{ type: 'nonsense' }])],
      ['a text', 4402, (doc) => doc.getText('notes').insert(0, 'x')],
      ['a map', 4408, (doc) => doc.getMap('info').set('members', 1)],
      ['a nested type', 4402, (doc, s) => doc.getArray(s.own).push([new Y.Map()])],
      [
        'another’s client id',
        4405,
        (doc, s) => {
          const [client] = [...doc.store.clients.keys()].filter((id) => id > 2)
          Y.applyUpdate(doc, wireUpdate([{ client: client ?? 0, clock: 1, structs: [{ root: s.own, values: [testMessage(1)] }] }]))
        },
      ],
    ]
    test.each(writes)('%s: %i, the provider stops, nothing is stored or shown', async (_, number, write) => {
      const s = await scene()
      await using server = s.server
      const a = await RawClient.connect(server.url)
      await a.open(s.document, s.alice)
      await a.append(s.document, logRoot(s.alice), [testMessage(9)])
      const bytes = (): string => Buffer.from(Y.encodeStateAsUpdate(a.docs.get(s.document) ?? new Y.Doc())).toString('hex')
      await a.untilDoc(s.document, (doc) => doc.getArray('ledger').length === 2)
      const [before, chat] = [bytes(), await server.storage.chat(s.id)]
      const p = s.plain(s.document, s.bob)
      await p.synced()
      write(p.doc, s)
      expect(await p.closed()).toBe(number)
      expect(p.finals).toEqual([number])
      expect([bytes(), await server.storage.chat(s.id)]).toEqual([before, chat])
      // An honest client of the same person goes on.
      const again = s.plain(s.document, s.bob)
      await again.synced()
      again.doc.getArray(s.own).push([testMessage(5)])
      await again.until(() => again.stored(testId(5)))
    })

    test('what may not be opened, and what may be later', async () => {
      const s = await scene()
      await using server = s.server
      const stranger = await server.person('stranger')
      const none = s.document.replace(s.id, '0'.repeat(26))
      for (const [path, token, number] of [
        [s.document, stranger, 4420],
        [none, s.bob, 4420],
        [`user/${s.alice}`, s.bob, 4420],
        ['__proto__', s.bob, 4420],
        ['%E0%A4%A', s.bob, 4420],
        [`${s.document}%00x`, s.bob, 4420],
        [`chat/${s.id}/7-0000000000000000`, s.bob, 4503],
        [s.document, null, 4510],
        [s.document, 'nonsense', 4510],
        [s.document, `${s.bob}@${Date.now() - 1}`, 4510],
        [s.document, `ticket-${s.bob}@${Date.now() - 1}`, 4510],
      ] as const) {
        const p = s.plain(path, token)
        expect([path, token, await p.closed()]).toEqual([path, token, number])
        expect(p.finals.length).toBe(number < 4500 ? 1 : 0)
        p.provider.destroy()
      }
    })

    test.each([
      ['sync type 3', Uint8Array.of(0, 3, 0)],
      ['authentication', Uint8Array.of(2, 0, 0)],
      ['a close', Uint8Array.of(7, 0)],
      ['nothing', new Uint8Array()],
      ['awareness cut off', Uint8Array.of(1, 9, 1)],
    ])('CLOSE-3: %s is no message of this protocol: 4413', async (_, bytes) => {
      const s = await scene()
      await using server = s.server
      const socket = new WebSocket(`${server.url.replace(/sync$/, 'yjs')}/${s.document}?token=${s.bob}`)
      const closed = new Promise((resolve) => socket.on('close', resolve))
      socket.on('open', () => socket.send(bytes))
      expect(await closed).toBe(4413)
    })
  })

  describe('45xx: come back', () => {
    test('a token that ends on an open socket; a new one goes on', async () => {
      const s = await scene()
      await using _ = s.server
      const p = s.plain(s.document, `${s.bob}@${Date.now() + 1_500}`)
      await p.synced()
      p.provider.params = { token: s.bob }
      expect(await p.closed()).toBe(4510)
      await p.synced()
      p.doc.getArray(s.own).push([testMessage(1)])
      await p.until(() => p.stored(testId(1)))
    })

    test('promise 6: an epoch that has ended', async () => {
      const s = await scene()
      await using server = s.server
      const p = s.plain(s.document, s.bob)
      await p.synced()
      const [, , epoch] = s.document.split('/')
      await server.storage.nextEpoch(s.id, epoch as never)
      p.doc.getArray(s.own).push([testMessage(1)])
      expect(await p.closed()).toBe(4503)
      const next = s.plain(`chat/${s.id}/${(await server.storage.chat(s.id))?.epoch}`, s.bob)
      next.doc.getArray(s.own).push([testMessage(1)])
      await next.until(() => next.stored(testId(1)))
    })

    test('a server that stops', async () => {
      const s = await scene()
      const p = s.plain(s.document, s.bob)
      await p.synced()
      await s.server[Symbol.asyncDispose]()
      expect(await p.closed()).toBe(4513)
      expect(p.finals).toEqual([])
    })

    test('promise 8, C27: who left the chat; what they wrote meanwhile stays on their side', async () => {
      const s = await scene()
      await using server = s.server
      const { id, document } = await server.group(s.alice, s.bob)
      const p = s.plain(document, s.bob)
      await p.synced()
      const leave = { type: 'leave', id: parseOperationId(testId(90)), at: '2026-01-01T00:00:00.000Z', user: s.bob } as const
      await server.sync.changeMember(id, s.alice, leave)
      expect(await p.closed()).toBe(4420)
      p.doc.getArray(s.own).push([testMessage(1)])
      p.provider.connect()
      await p.until(() => p.finals.length === 2)
      expect(p.finals).toEqual([4420, 4420])
      expect(p.doc.getArray(s.own).length).toBe(1)
      expect((await server.storage.chat(id))?.rev).toBe(2)
    })
  })

  describe('awareness', () => {
    test('PLAIN-3, RT3, W3: typing is seen under an id that is not the document’s; it ends at a last word and with the connection (AW-3, W1)', async () => {
      const s = await scene()
      await using server = s.server
      const a = await RawClient.connect(server.url)
      await a.open(s.document, s.alice)
      const p = s.plain(s.document, s.bob)
      await p.synced()
      const typed = (on: boolean, from: number) =>
        a.until(
          s.document,
          (heard) =>
            heard.type === 'awareness' &&
            [...heard.states.values()].some((state) => JSON.stringify(state) === JSON.stringify({ user: s.bob, typing: on })),
          from,
        )
      let from = a.count(s.document)
      p.provider.awareness.setLocalState({ user: s.bob, typing: true })
      await typed(true, from)
      from = a.count(s.document)
      p.provider.awareness.setLocalState(null)
      await typed(false, from)
      from = a.count(s.document)
      p.provider.awareness.setLocalState({ user: s.bob, typing: true })
      await typed(true, from)
      from = a.count(s.document)
      p.provider.destroy()
      await a.until(s.document, (heard) => heard.type === 'awareness' && [...heard.states.values()].includes(null), from)
      const ids = (a.heard.get(s.document) ?? []).flatMap((heard) => (heard.type === 'awareness' ? [...heard.states.keys()] : []))
      expect(ids).not.toContain(p.doc.clientID)
    })

    test('PLAIN-3: sees who types; what it sends back of others mutes nobody and costs it nothing', async () => {
      const s = await scene()
      await using server = s.server
      const a = await RawClient.connect(server.url)
      await a.open(s.document, s.alice)
      const p = s.plain(s.document, s.bob)
      await p.synced()
      for (let clock = 1; clock <= 30; clock++) a.awareness(s.document, typing(71, clock, s.alice))
      await p.until(() => p.typists().length === 1)
      p.provider.awareness.setLocalState({ user: s.bob, typing: true })
      await a.until(s.document, (heard) => heard.type === 'awareness' && JSON.stringify([...heard.states.values()]).includes(`"${s.bob}"`))
      // It hears itself as another, and that goes no further either.
      await p.until(() => p.typists().length === 3)
      p.doc.getArray(s.own).push([testMessage(1)])
      await a.untilDoc(s.document, (doc) => doc.getArray('ledger').length === 2)
      const said = (a.heard.get(s.document) ?? []).filter(
        (heard) => heard.type === 'awareness' && JSON.stringify([...heard.states.values()]).includes(`"user":"${s.bob}"`),
      )
      expect(said.length).toBe(1)
      await a.close()
      await p.until(() => p.typists().every((state) => JSON.stringify(state).includes(s.bob)))
      expect(p.closes).toEqual([])
    })
  })
}
