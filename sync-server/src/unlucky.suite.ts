// Unlucky surroundings: sockets that close while something is asked, documents that cannot be loaded once, commits that nobody hears of, awareness ids that are free for a moment.
import {
  canonicalJson,
  logRoot,
  MAX_BYTES_PER_EPOCH,
  parseChatId,
  parseOperationId,
  parseUserId,
  type MessageOperation,
  type UserId,
} from '@skein/protocol'
import { testId, testMessage, wireUpdate } from '@skein/protocol/testing'
import type { Storage } from '@skein/storage'
import { RawClient, startTestServer } from '@skein/testing'
import * as encoding from 'lib0/encoding'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import type { SyncPorts } from './ports.ts'

/** The real storage, but for some of its calls. */
function instead(real: Storage, over: Partial<Storage>): Storage {
  return new Proxy(real, {
    get: (target, key) => {
      const value: unknown = Reflect.get(key in over ? over : target, key)
      return typeof value === 'function' ? (value.bind(key in over ? over : target) as unknown) : value
    },
  })
}
const typing = (client: number, clock: number, user: UserId): Uint8Array =>
  encoding.encode((encoder) => {
    for (const n of [1, client, clock]) encoding.writeVarUint(encoder, n)
    encoding.writeVarString(encoder, JSON.stringify({ user, typing: true }))
  })
const openUnlessDenied = (client: RawClient, document: string, user: UserId): Promise<Y.Doc | null> =>
  client.open(document, user).catch((error: unknown) => {
    if (error instanceof Error && error.message.includes(' was denied: ')) return null
    throw error
  })
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export function unluckySuite(databaseUrl: () => Promise<string>): void {
  async function scene(over: (real: Storage) => Partial<Storage> = () => ({}), faults?: SyncPorts['faults']) {
    const server = await startTestServer({
      databaseUrl: await databaseUrl(),
      storage: (real) => instead(real, over(real)),
      ...(faults ? { faults } : {}),
    })
    const alice = await server.person('alice')
    const bob = await server.person('bob')
    return { server, alice, bob, ...(await server.chat(alice, bob)) }
  }

  describe('sockets and loading', () => {
    test('W1: a socket that closes while its authentication waits leaves nobody online', async () => {
      const arrived = Promise.withResolvers<void>()
      const go = Promise.withResolvers<void>()
      const asked = Promise.withResolvers<void>()
      const s = await scene((real) => ({
        // The last that is asked before somebody counts as online.
        chat: async (id) => {
          const chat = await real.chat(id)
          asked.resolve()
          return chat
        },
        membership: async (chat, user) => {
          const member = await real.membership(chat, user)
          arrived.resolve()
          await go.promise
          return member
        },
      }))
      await using server = s.server
      const a = await RawClient.connect(server.url)
      a.auth(s.document, s.alice)
      await arrived.promise
      a.socket.terminate()
      while (server.sync.connections > 0) await turn()
      go.resolve()
      await asked.promise
      for (let i = 0; i < 20; i++) await turn()
      expect(server.sync.isOnline(s.alice)).toBe(false)
    })

    test('a socket that closes while its token is verified leaves no timer behind, which would keep a server from ending', async () => {
      const arrived = Promise.withResolvers<void>()
      const go = Promise.withResolvers<void>()
      const verifying = (): Promise<void> => {
        arrived.resolve()
        return go.promise
      }
      await using server = await startTestServer({ databaseUrl: await databaseUrl(), verifying })
      const [alice, bob] = [await server.person('alice'), await server.person('bob')]
      const { document } = await server.chat(alice, bob)
      const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
      const a = await RawClient.connect(server.url)
      a.auth(document, alice)
      await arrived.promise
      a.socket.terminate()
      while (server.sync.connections > 0) await turn()
      const before = timers()
      go.resolve()
      for (let i = 0; i < 20; i++) await turn()
      // A pool of connections has some of its own, which come and go; this one would stay for half an hour.
      while (timers() > before) await turn()
    })

    test('ERASE-3, ERASE-4: a chat whose words cannot be erased keeps no other chat, and no person, waiting', async () => {
      const [broken, next, gone] = [parseChatId('b'.repeat(26)), parseChatId('c'.repeat(26)), parseUserId('d'.repeat(26))]
      const erased: string[] = []
      const s = await scene(() => ({
        dueErasures: () => Promise.resolve([broken, next]),
        erasedUsers: () => Promise.resolve([gone]),
        eraseDeleted: (chat) => {
          if (chat === broken) return Promise.reject(new Error('damaged'))
          erased.push(chat)
          return Promise.resolve(null)
        },
        eraseUserWords: (user) => {
          erased.push(user)
          return Promise.resolve()
        },
      }))
      await using server = s.server
      await server.sync.clean()
      expect(erased).toEqual([next, gone])
    })

    test('a drained server waits for no snapshot that is due later', async () => {
      const go = Promise.withResolvers<void>()
      const arrived = Promise.withResolvers<void>()
      let gate = false
      const at = (point: string): Promise<void> | void => {
        if (!gate || point !== 'before-commit') return
        arrived.resolve()
        return go.promise
      }
      const s = await scene(undefined, { at })
      await using server = s.server
      const a = await RawClient.connect(server.url)
      await a.open(s.document, s.alice)
      for (let n = 1; n <= 32; n++) expect(await a.append(s.document, logRoot(s.alice), [testMessage(n)])).toEqual({ type: 'ack' })
      // The word that makes a snapshot worth its bytes is stored when nobody has the document open any more.
      gate = true
      const last = a.append(s.document, logRoot(s.alice), [testMessage(33)]).catch(() => null)
      await arrived.promise
      a.socket.terminate()
      while (server.sync.connections > 0) await turn()
      go.resolve()
      await server.sync.drain(5_000)
      expect(await last).toBeNull()
      const { epoch } = (await server.storage.chat(s.id)) ?? expect.fail('no chat')
      expect(await server.storage.snapshot(s.id, epoch)).toMatchObject({ pos: 33, rev: 34 })
    })

    test('a document whose opener is gone before it is loaded is let go', async () => {
      const arrived = Promise.withResolvers<void>()
      const go = Promise.withResolvers<void>()
      const s = await scene((real) => ({
        // The last that is asked.
        marks: async (chat) => {
          arrived.resolve()
          await go.promise
          return real.marks(chat)
        },
      }))
      await using server = s.server
      const a = await RawClient.connect(server.url)
      a.auth(s.document, s.alice)
      await arrived.promise
      a.socket.terminate()
      while (server.sync.connections > 0) await turn()
      expect(server.sync.documents).toBe(0)
      go.resolve()
      // It is there for a moment.
      while (server.sync.documents === 0) await turn()
      await expect.poll(() => server.sync.documents).toBe(0)
    })

    test('H3: a document that could not be loaded can be opened again on the same socket', async () => {
      let fail = true
      const s = await scene((real) => ({
        epochTail: (...args) => (fail ? Promise.reject(new Error('planted')) : real.epochTail(...args)),
      }))
      await using server = s.server
      const a = await RawClient.connect(server.url)
      a.auth(s.document, s.alice)
      expect(await a.until(s.document, (heard) => heard.type === 'denied')).toEqual({ type: 'denied', reason: 'try-again' })
      fail = false
      await a.open(s.document, s.alice)
      expect(await a.append(s.document, logRoot(s.alice), [testMessage(1)])).toEqual({ type: 'ack' })
    })

    test('H3: documents that cannot be loaded leave nothing behind that goes on for ever', async () => {
      let fail = false
      const planted = (): Promise<never> => Promise.reject(new Error('planted'))
      const s = await scene((real) => ({
        snapshot: (...args) => (fail ? planted() : real.snapshot(...args)),
        epochTail: (...args) => (fail ? real.epochTail(...args) : planted()),
      }))
      await using server = s.server
      const a = await RawClient.connect(server.url)
      const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
      const before = timers()
      for (let i = 0; i < 20; i++) {
        fail = i % 2 === 0
        const from = a.count(s.document)
        a.auth(s.document, s.alice)
        await a.until(s.document, (heard) => heard.type === 'denied', from)
      }
      // Of the socket there may be a few; each document had one of its own.
      expect(timers() - before).toBeLessThan(5)
    })

    test('H1: what is committed between the reading of a document’s rows and its opening is in it', async () => {
      let between: (() => Promise<unknown>) | null = null
      const s = await scene((real) => ({
        epochTail: async (...args) => {
          const tail = await real.epochTail(...args)
          const run = between
          between = null
          await run?.()
          return tail
        },
      }))
      await using server = s.server
      const operation = testMessage(7) as MessageOperation
      between = () => server.sync.commitOperation(s.id, s.bob, operation, canonicalJson(operation))
      const a = await RawClient.connect(server.url)
      const doc = await a.open(s.document, s.alice)
      expect(doc.getArray('ledger').length).toBe(2)
    })

    test('promise 8: who was taken out loses the chat also when the answer of that commit was lost, as soon as the database answers', async () => {
      let lost = false
      let away = 0
      const s = await scene((real) => ({
        commit: async (items) => {
          const outcomes = await real.commit(items)
          if (lost) throw new Error('planted: the answer was lost')
          return outcomes
        },
        members: (chat) => (lost && away++ < 2 ? Promise.reject(new Error('planted: no answer')) : real.members(chat)),
      }))
      await using server = s.server
      const { id, document } = await server.group(s.bob, s.alice)
      const [a, b] = [await RawClient.connect(server.url), await RawClient.connect(server.url)]
      await a.open(document, s.alice)
      await b.open(document, s.bob)
      lost = true
      const leave = { type: 'leave', id: parseOperationId(testId(90)), at: '2026-01-01T00:00:00.000Z', user: s.alice } as const
      expect(await server.sync.changeMember(id, s.bob, leave)).toEqual({ ok: false, reason: 'try-again' })
      expect(await a.until(document, (heard) => heard.type === 'closed')).toEqual({ type: 'closed', reason: 'no-access' })
      expect(away).toBeGreaterThan(2)
      lost = false
      expect(await b.append(document, logRoot(s.bob), [testMessage(1)])).toEqual({ type: 'ack' })
    })

    test('H1: a document is let go at whatever turn a wait ends while its unloading is being refused', async () => {
      let wait: Promise<void> = Promise.resolve()
      const s = await scene(undefined, { at: (point) => (point === 'before-acknowledge' ? wait : undefined) })
      await using server = s.server
      for (let turns = 0; turns < 25; turns++) {
        const a = await RawClient.connect(server.url)
        await a.open(s.document, s.alice)
        const [socket] = server.sockets
        const closed = Promise.withResolvers<void>()
        socket?.once('close', closed.resolve)
        wait = (async () => {
          await closed.promise
          for (let n = 0; n < turns; n++) await Promise.resolve()
        })()
        a.append(s.document, logRoot(s.alice), [testMessage(turns)]).catch(() => {})
        await expect.poll(async () => (await server.storage.chat(s.id))?.rev).toBe(turns + 2)
        a.socket.terminate()
        await expect.poll(() => server.sync.documents, { message: `after ${turns} turns` }).toBe(0)
      }
    })

    test('promise 6: an epoch ends at its bytes also when the document was unloaded meanwhile', async () => {
      const s = await scene()
      await using server = s.server
      const text = '語'.repeat(15_000)
      let { document } = s
      for (let n = 0, bytes = 0; document === s.document && bytes < 3 * MAX_BYTES_PER_EPOCH;) {
        const a = await RawClient.connect(server.url)
        // Denied where the epoch ends while nobody has it open.
        const doc = await openUnlessDenied(a, document, s.alice)
        for (let i = 0; doc && i < 10; i++) {
          const heard = await a.append(document, logRoot(s.alice), [{ ...testMessage(n++), text }])
          if (heard.type !== 'ack') break
        }
        if (doc) bytes = Y.encodeStateAsUpdate(doc).length
        expect(bytes).toBeLessThan(MAX_BYTES_PER_EPOCH + 256 * 1024)
        await a.close()
        while (server.sync.documents > 0) await turn()
        document = `chat/${s.id}/${(await server.storage.chat(s.id))?.epoch}`
      }
      expect(document).not.toBe(s.document)
    })
  })

  describe('what is stored is seen', () => {
    test('promise 2, D2: a word whose commit was rejected although it is stored is seen by whoever has the chat open, also when its author is gone', async () => {
      let lose = false
      const s = await scene((real) => ({
        commit: async (items) => {
          const outcomes = await real.commit(items)
          if (lose) throw new Error('planted: the answer was lost, and the database with it')
          return outcomes
        },
      }))
      await using server = s.server
      const [a, b] = [await RawClient.connect(server.url), await RawClient.connect(server.url)]
      await a.open(s.document, s.alice)
      await b.open(s.document, s.bob)
      lose = true
      expect(await a.append(s.document, logRoot(s.alice), [testMessage(1)])).toEqual({ type: 'closed', reason: 'try-again' })
      a.socket.terminate()
      await b.untilDoc(s.document, (doc) => doc.getArray('ledger').length === 2 && doc.getArray(logRoot(s.alice)).length === 1)
    })

    test('promise 2 on two servers: what is acknowledged is in the document of the server that says so', async () => {
      await using one = await startTestServer({ databaseUrl: await databaseUrl() })
      let hold: PromiseWithResolvers<void> | null = null
      const asked = Promise.withResolvers<void>()
      await using two = await startTestServer({
        databaseUrl: one,
        storage: (real) =>
          instead(real, {
            epochTail: async (...args) => {
              const tail = await real.epochTail(...args)
              if (hold) asked.resolve()
              await hold?.promise
              return tail
            },
          }),
      })
      const [alice, bob] = [await one.person('alice'), await one.person('bob')]
      const { document } = await one.chat(alice, bob)
      const [a, b] = [await RawClient.connect(one.url), await RawClient.connect(two.url)]
      await a.open(document, alice)
      await b.open(document, bob)
      expect(await a.append(document, logRoot(alice), [testMessage(1)])).toEqual({ type: 'ack' })
      hold = Promise.withResolvers()
      const from = b.count(document)
      const answer = b.append(document, logRoot(bob), [testMessage(2)])
      await asked.promise
      expect(
        b.heard
          .get(document)
          ?.slice(from)
          .filter((heard) => heard.type === 'ack'),
      ).toEqual([])
      hold.resolve()
      hold = null
      expect(await answer).toEqual({ type: 'ack' })
      const c = await RawClient.connect(two.url)
      const fresh = await c.open(document, alice)
      expect(
        fresh
          .getArray<{ id: string }>(logRoot(bob))
          .toArray()
          .map((value) => value.id),
      ).toEqual([testId(2)])
    })

    test('CHECK-3, RT1: what is known and names an unknown origin is acknowledged, and leaves nothing pending', async () => {
      const s = await scene()
      await using server = s.server
      const a = await RawClient.connect(server.url)
      await a.open(s.document, s.alice)
      const first = testMessage(1)
      const offer = (origin?: [number, number]) =>
        a.offer(
          s.document,
          wireUpdate([{ client: 77, clock: 0, structs: [{ ...(origin ? { origin } : { root: logRoot(s.alice) }), values: [first] }] }]),
        )
      expect(await offer()).toEqual({ type: 'ack' })
      expect(await offer([999_999, 5])).toEqual({ type: 'ack' })
      const b = await RawClient.connect(server.url)
      await b.open(s.document, s.bob)
      expect(await b.append(s.document, logRoot(s.bob), [testMessage(2)])).toEqual({ type: 'ack' })
      expect(`chat/${s.id}/${(await server.storage.chat(s.id))?.epoch}`).toBe(s.document)
    })
  })

  describe('W4: nobody mutes another', () => {
    test('an awareness id that is free for a moment is still somebody’s; one connection wears one', async () => {
      const s = await scene()
      await using server = s.server
      const a = await RawClient.connect(server.url)
      const m = await RawClient.connect(server.url)
      await a.open(s.document, s.alice)
      await m.open(s.document, s.bob)
      a.awareness(s.document, typing(555, 2, s.alice))
      await m.until(s.document, (heard) => heard.type === 'awareness' && heard.states.has(555))
      await a.close()
      m.awareness(s.document, typing(555, 10, s.bob))
      m.awareness(s.document, typing(556, 1, s.bob))
      m.awareness(s.document, typing(557, 1, s.bob))
      const back = await RawClient.connect(server.url)
      await back.open(s.document, s.alice)
      await back.until(s.document, (heard) => heard.type === 'awareness' && heard.states.has(556))
      const from = m.count(s.document)
      back.awareness(s.document, typing(555, 50, s.alice))
      const shown = await m.until(s.document, (heard) => heard.type === 'awareness' && heard.states.has(555), from)
      expect(shown).toMatchObject({ states: new Map([[555, { user: s.alice, typing: true }]]) })
      expect((back.heard.get(s.document) ?? []).some((heard) => heard.type === 'awareness' && heard.states.has(557))).toBe(false)
    })
  })
}
