// Promise 2 and H1: a fault at every await of the write path. What is acknowledged is stored and seen; what is stored is seen by whoever comes next.
import { canonicalJson, logRoot, parseOperationId, type UserId } from '@skein/protocol'
import { testId, testMessage } from '@skein/protocol/testing'
import type { Storage } from '@skein/storage'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import type { FaultPoint } from './index.ts'
import { RawClient, startTestServer, type TestServer } from '@skein/testing'

const points: FaultPoint[] = ['before-check', 'before-commit', 'after-commit', 'before-acknowledge']

/** A door at a fault point: once armed, the first to come waits there until the test lets it through, or throws. */
class Door {
  point: FaultPoint | null = null
  #arrived = Promise.withResolvers<void>()
  #go = Promise.withResolvers<void>()

  arm(point: FaultPoint): void {
    this.point = point
    this.#arrived = Promise.withResolvers()
    this.#go = Promise.withResolvers()
  }
  get arrived(): Promise<void> {
    return this.#arrived.promise
  }
  open(error?: Error): void {
    if (error) this.#go.reject(error)
    else this.#go.resolve()
  }
  at(point: FaultPoint): Promise<void> | void {
    if (point !== this.point) return
    this.point = null
    this.#arrived.resolve()
    return this.#go.promise
  }
}

export function durabilitySuite(databaseUrl: () => Promise<string>): void {
  async function scene(wrap?: (real: Storage) => Storage) {
    const door = new Door()
    const server = await startTestServer({
      databaseUrl: await databaseUrl(),
      faults: { at: (point) => door.at(point) },
      ...(wrap ? { storage: wrap } : {}),
    })
    const alice = await server.person('alice')
    const bob = await server.person('bob')
    const { id, document } = await server.chat(alice, bob)
    return { server, door, alice, bob, id, document, log: logRoot(alice) }
  }
  type Scene = Awaited<ReturnType<typeof scene>>

  const write = (client: RawClient, s: Scene, n: number): void => {
    const doc = client.docs.get(s.document)
    if (!doc) throw new Error('not open')
    const before = Y.encodeStateVector(doc)
    doc.getArray(s.log).push([testMessage(n)])
    client.sync(s.document, 2, Y.encodeStateAsUpdate(doc, before))
  }
  const ids = (doc: Y.Doc | undefined, root: string): string[] => (doc?.getArray<{ id: string }>(root).toArray() ?? []).map((value) => value.id)

  /** The truth, three ways: the rows, a newcomer's document, and the ledger in it. */
  async function seenByNewcomer(server: TestServer, s: Scene, user: UserId): Promise<{ rows: string[]; log: string[]; ledger: unknown[] }> {
    const rows = (await server.storage.history(s.id, { before: null, cursor: null, limit: 100 })).items.map((item) => item.id as string)
    const client = await RawClient.connect(server.url)
    const doc = await client.open(s.document, user)
    const ledger = doc
      .getArray<unknown[]>('ledger')
      .toArray()
      .slice(1)
      .map((entry) => entry[0])
    const log = ids(doc, s.log)
    expect(doc.store.pendingStructs).toBeNull()
    await client.close()
    return { rows, log, ledger }
  }

  describe('promise 2, H1: a fault at every await of the write path', () => {
    for (const point of points) {
      test(`${point}: the author's socket dies, everybody leaves, somebody comes back`, async () => {
        const s = await scene()
        await using server = s.server
        const a = await RawClient.connect(server.url)
        await a.open(s.document, s.alice)
        s.door.arm(point)
        write(a, s, 1)
        await s.door.arrived
        a.socket.terminate()
        await a.until('', () => true)
        const b = await RawClient.connect(server.url)
        await b.open(s.document, s.bob)
        s.door.open()
        // The author offers it again, as an engine does that heard no answer.
        const again = await RawClient.connect(server.url)
        const doc = a.docs.get(s.document)
        if (doc) again.docs.set(s.document, doc)
        await again.open(s.document, s.alice)
        await b.untilDoc(s.document, (d) => d.getArray(s.log).length === 1)
        expect(await seenByNewcomer(server, s, s.bob)).toEqual({ rows: [testId(1)], log: [testId(1)], ledger: [testId(1)] })
      })

      test(`${point}: it throws there; nothing is acknowledged, the next offer is`, async () => {
        const s = await scene()
        await using server = s.server
        const a = await RawClient.connect(server.url)
        await a.open(s.document, s.alice)
        s.door.arm(point)
        const from = a.count(s.document)
        write(a, s, 1)
        await s.door.arrived
        s.door.open(new Error('planted'))
        expect(await a.until(s.document, (heard) => heard.type === 'closed' || heard.type === 'ack', from)).toEqual({
          type: 'closed',
          reason: 'try-again',
        })
        await a.open(s.document, s.alice)
        await a.untilDoc(s.document, (d) => d.getArray('ledger').length === 2)
        expect(await seenByNewcomer(server, s, s.bob)).toEqual({ rows: [testId(1)], log: [testId(1)], ledger: [testId(1)] })
      })

      test.each([[false], [true]])(
        `${point}: closed and opened anew on one socket, what was sent before is not acknowledged (behind another message: %s)`,
        async (behind) => {
          const s = await scene()
          await using server = s.server
          const { id, document } = await server.group(s.alice, s.bob)
          const of = { ...s, id, document, log: logRoot(s.bob) }
          const change = async (type: 'leave' | 'join'): Promise<void> => {
            const operation = { type, user: s.bob, id: parseOperationId(testId(type === 'leave' ? 101 : 102)), at: new Date(0).toISOString() }
            expect((await server.sync.changeMember(id, s.alice, operation)).ok).toBe(true)
          }
          const b = await RawClient.connect(server.url)
          const doc = await b.open(document, s.bob)
          s.door.arm(point)
          // Such an update goes Hocuspocus's own way.
          if (behind) b.sync(document, 0, Y.encodeStateVector(doc))
          write(b, of, 1)
          await s.door.arrived
          await change('leave')
          await b.until(document, ({ type }) => type === 'closed')
          await change('join')
          b.docs.delete(document)
          const again = await b.open(document, s.bob)
          const from = b.count(document)
          s.door.open()
          await b.untilDoc(document, () => again.getArray(of.log).length === 1)
          b.sync(document, 0, Y.encodeStateVector(again))
          await b.until(document, ({ type }) => type === 'synced', from)
          expect((b.heard.get(document) ?? []).slice(from).filter(({ type }) => type === 'ack')).toEqual([])
          expect(await b.append(document, of.log, [testMessage(2)])).toEqual({ type: 'ack' })
        },
      )

      test(`${point}: others write meanwhile`, async () => {
        const s = await scene()
        await using server = s.server
        const a = await RawClient.connect(server.url)
        const b = await RawClient.connect(server.url)
        await a.open(s.document, s.alice)
        await b.open(s.document, s.bob)
        s.door.arm(point)
        write(a, s, 1)
        await s.door.arrived
        expect(await b.append(s.document, logRoot(s.bob), [testMessage(2)])).toEqual({ type: 'ack' })
        const from = a.count(s.document)
        s.door.open()
        await a.until(s.document, (heard) => heard.type === 'ack', from)
        for (const client of [a, b]) await client.untilDoc(s.document, (d) => d.getArray('ledger').length === 3 && d.getArray(s.log).length === 1)
        expect(
          Buffer.from(Y.encodeStateAsUpdate(a.docs.get(s.document) ?? new Y.Doc())).equals(
            Buffer.from(Y.encodeStateAsUpdate(b.docs.get(s.document) ?? new Y.Doc())),
          ),
        ).toBe(true)
      })
    }

    test('commits while a document loads are in it', async () => {
      const s = await scene()
      await using server = s.server
      s.door.arm('loading')
      const b = await RawClient.connect(server.url)
      const opening = b.open(s.document, s.bob)
      await s.door.arrived
      const operation = { type: 'message' as const, ...(testMessage(5) as { id: never; text: string; at: string }) }
      const stored = await server.sync.commitOperation(s.id, s.alice, operation, canonicalJson(operation))
      expect(stored).toMatchObject({ ok: true, entries: [{ id: testId(5), carried: true }] })
      s.door.open()
      const doc = await opening
      expect(doc.getArray<unknown[]>('ledger').toArray().at(-1)?.[0]).toBe(testId(5))
    })

    test('a commit that fails is not acknowledged, and stores nothing', async () => {
      let fail = false
      const s = await scene((real) =>
        failing(real, async (items) => {
          if (fail) throw new Error('planted: no database')
          return real.commit(items)
        }),
      )
      await using server = s.server
      const a = await RawClient.connect(server.url)
      await a.open(s.document, s.alice)
      fail = true
      const from = a.count(s.document)
      write(a, s, 1)
      expect(await a.until(s.document, (heard) => heard.type === 'closed' || heard.type === 'ack', from)).toEqual({
        type: 'closed',
        reason: 'try-again',
      })
      expect((await server.storage.chat(s.id))?.rev).toBe(1)
      fail = false
      await a.open(s.document, s.alice)
      await a.untilDoc(s.document, (d) => d.getArray('ledger').length === 2)
      expect(await seenByNewcomer(server, s, s.bob)).toEqual({ rows: [testId(1)], log: [testId(1)], ledger: [testId(1)] })
    })

    test('D2: a commit whose answer is lost is stored once, and everybody sees it', async () => {
      let lose = false
      const s = await scene((real) =>
        failing(real, async (items) => {
          const outcomes = await real.commit(items)
          if (lose) throw new Error('planted: the answer was lost')
          return outcomes
        }),
      )
      await using server = s.server
      const a = await RawClient.connect(server.url)
      const b = await RawClient.connect(server.url)
      await a.open(s.document, s.alice)
      await b.open(s.document, s.bob)
      lose = true
      const from = a.count(s.document)
      write(a, s, 1)
      expect(await a.until(s.document, (heard) => heard.type === 'closed' || heard.type === 'ack', from)).toEqual({
        type: 'closed',
        reason: 'try-again',
      })
      lose = false
      await a.open(s.document, s.alice)
      for (const client of [a, b]) await client.untilDoc(s.document, (d) => d.getArray('ledger').length === 2)
      expect(await seenByNewcomer(server, s, s.bob)).toEqual({ rows: [testId(1)], log: [testId(1)], ledger: [testId(1)] })
    })

    test('two sockets of one person that contradict each other at one clock: one of them is refused', async () => {
      const s = await scene()
      await using server = s.server
      const [one, two] = [await RawClient.connect(server.url), await RawClient.connect(server.url)]
      for (const client of [one, two]) {
        const doc = await client.open(s.document, s.alice)
        doc.clientID = 4711
      }
      s.door.arm('before-commit')
      const from = [one.count(s.document), two.count(s.document)]
      write(one, s, 1)
      await s.door.arrived
      write(two, s, 2)
      s.door.open()
      expect(await one.until(s.document, (heard) => heard.type === 'ack' || heard.type === 'closed', from[0])).toEqual({ type: 'ack' })
      expect(await two.until(s.document, (heard) => heard.type === 'ack' || heard.type === 'closed', from[1])).toEqual({
        type: 'closed',
        reason: 'client-id-taken',
      })
      expect((await server.storage.chat(s.id))?.rev).toBe(2)
    })
  })

  describe('restart, snapshots, drain', () => {
    test('A4, X5: what is loaded from snapshot and log is what was in memory, to the byte', async () => {
      const s = await scene()
      await using server = s.server
      const a = await RawClient.connect(server.url)
      const doc = await a.open(s.document, s.alice)
      for (let n = 0; n < 100; n++) expect(await a.append(s.document, s.log, [testMessage(n)])).toEqual({ type: 'ack' })
      await a.untilDoc(s.document, (d) => d.getArray('ledger').length === 101)
      const before = Buffer.from(Y.encodeStateAsUpdate(doc)).toString('hex')
      await a.close()
      while (server.sync.documents > 0) await new Promise((resolve) => setImmediate(resolve))
      expect(await server.storage.snapshot(s.id, epochOf(s.document))).toMatchObject({ pos: 100, rev: 101 })
      const b = await RawClient.connect(server.url)
      const loaded = await b.open(s.document, s.bob)
      expect(Buffer.from(Y.encodeStateAsUpdate(loaded)).toString('hex')).toBe(before)
      expect(await b.append(s.document, logRoot(s.bob), [testMessage(500)])).toEqual({ type: 'ack' })
    })

    test('drain says restart, commits what waits, and takes no new socket', async () => {
      const s = await scene()
      await using server = s.server
      const a = await RawClient.connect(server.url)
      await a.open(s.document, s.alice)
      write(a, s, 1)
      // Heard by the server before it stops: the acknowledgement may be lost, the word not.
      while ((await server.storage.chat(s.id))?.rev === 1) await new Promise((resolve) => setImmediate(resolve))
      const drained = server.sync.drain(5_000)
      expect(await a.until('', () => true)).toMatchObject({ code: 4513, reason: 'restart' })
      await drained
      const late = await RawClient.connect(server.url)
      expect(await late.until('', () => true)).toMatchObject({ reason: 'restart' })
    })
  })
}

const epochOf = (document: string) => document.split('/')[2] as never

/** The real storage, but for its commit. */
function failing(real: Storage, commit: Storage['commit']): Storage {
  return new Proxy(real, { get: (target, key) => (key === 'commit' ? commit : bound(target, key)) })
}
function bound(target: Storage, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key)
  return typeof value === 'function' ? (value.bind(target) as unknown) : value
}
