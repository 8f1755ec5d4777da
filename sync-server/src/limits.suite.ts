// Rows 20–28 of the attack list (PITFALLS, C) and the limits of a socket, with a clock that the test turns.
import {
  LEDGER_CLIENT,
  logRoot,
  MAX_AWARENESS_BYTES,
  MAX_AWARENESS_PER_SECOND,
  MAX_CLIENT_IDS_PER_EPOCH,
  MAX_CLIENT_IDS_PER_UPDATE,
  MAX_CLIENT_IDS_PER_USER,
  MAX_DOCUMENTS_PER_SOCKET,
  MAX_FRAMES_BURST,
  MAX_IN_FLIGHT_BYTES,
  MAX_NAMED_MARKS,
  MAX_OPERATIONS_BURST,
  MAX_OPERATIONS_PER_SECOND,
  MAX_OPERATIONS_PER_UPDATE,
  MAX_QUESTIONS_BURST,
  MAX_QUESTIONS_PER_SECOND,
  MAX_STATE_VECTOR_BYTES,
  MIN_EPOCH_MS,
  type UserId,
} from '@skein/protocol'
import { testId, testMessage, wireUpdate } from '@skein/protocol/testing'
import { type Heard } from '@skein/testing'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { EMPTY_VECTOR, end, entry, only, openLimitsScene, PING, slowDown, turn } from './limits-scene.suite.ts'

export function limitsSuite(databaseUrl: () => Promise<string>): void {
  const scene = (over?: Parameters<typeof openLimitsScene>[1]) => openLimitsScene(databaseUrl, over)

  describe('LIM-1: rates', () => {
    test('operations: a merge of a thousand passes, a flood is told to slow down, and after a while goes on', async () => {
      const s = await scene()
      await using server = s.server
      const a = await s.connect()
      const many = (from: number): object[] =>
        Array.from({ length: MAX_OPERATIONS_PER_UPDATE }, (_, i) => ({
          type: 'message',
          id: testId(from + i),
          text: 'x',
          at: '2026-01-01T00:00:00.000Z',
        }))
      let document = ''
      for (let n = 0; n < MAX_OPERATIONS_BURST; n += MAX_OPERATIONS_PER_UPDATE) {
        // Another chat before an epoch is full.
        if (n % (4 * MAX_OPERATIONS_PER_UPDATE) === 0) {
          document = (await server.group(s.alice, s.bob)).document
          await a.open(document, s.alice)
        }
        expect(await a.append(document, logRoot(s.alice), many(n))).toEqual({ type: 'ack' })
      }
      const last = testMessage(MAX_OPERATIONS_BURST)
      expect(await a.append(document, logRoot(s.alice), [last])).toEqual({ type: 'closed', reason: 'slow-down' })
      s.clock.now += 1_000
      expect(MAX_OPERATIONS_PER_SECOND).toBeGreaterThan(0)
      await a.open(document, s.alice)
      await a.untilDoc(document, (doc) => doc.getArray<unknown[]>('ledger').toArray().at(-1)?.[0] === testId(MAX_OPERATIONS_BURST))
    })

    test('C21, C23: questions that are answered with a whole document; as many documents as may be open', async () => {
      const s = await scene()
      await using server = s.server
      const a = await s.connect()
      await a.open(s.document, s.alice) // two questions
      for (let n = 2; n < MAX_QUESTIONS_BURST; n++) a.sync(s.document, 0, EMPTY_VECTOR)
      expect(await a.append(s.document, logRoot(s.alice), [testMessage(1)])).toEqual({ type: 'ack' })
      s.clock.now += 1_000
      for (let n = 0; n <= MAX_QUESTIONS_PER_SECOND; n++) a.sync(s.document, 0, EMPTY_VECTOR)
      expect(await end(a)).toEqual(slowDown)
      const b = await s.connect()
      const none = (n: number): string => `chat/${s.id}/${n + 2}-0000000000000000`
      for (let n = 0; n <= MAX_DOCUMENTS_PER_SOCKET; n++) b.auth(none(n), s.bob)
      expect(await end(b)).toEqual(slowDown)
      expect(server.sync.documents).toBeLessThanOrEqual(1)
    })

    test('C21, RT4: a state vector that is too large closes the socket; one with clocks above ours is answered, and changes nothing', async () => {
      const s = await scene()
      await using server = s.server
      const before = await server.storage.chat(s.id)
      const a = await s.connect()
      await a.open(s.document, s.alice)
      const from = a.count(s.document)
      a.sync(
        s.document,
        0,
        Y.encodeStateVector(
          new Map([
            [LEDGER_CLIENT, 1_000_000],
            [77, 2 ** 40],
          ]),
        ),
      )
      await a.until(s.document, (heard) => heard.type === 'synced', from)
      expect(await server.storage.chat(s.id)).toEqual(before)
      a.sync(s.document, 0, new Uint8Array(MAX_STATE_VECTOR_BYTES + 1))
      expect(await end(a)).toMatchObject({ code: 4412, reason: 'too-large' })
    })

    test('AW-1, C26: awareness that comes too fast is dropped, then the connection is told to slow down', async () => {
      const s = await scene()
      await using _ = s.server
      const [a, b] = [await s.connect(), await s.connect()]
      await a.open(s.document, s.alice)
      await b.open(s.document, s.bob)
      const seen = (): number[] =>
        (a.heard.get(s.document) ?? []).flatMap((heard) =>
          heard.type === 'awareness' ? [...heard.states.values()].flatMap((state) => (state as { until?: number } | null)?.until ?? []) : [],
        )
      for (let n = 1; n <= 3 * MAX_AWARENESS_PER_SECOND; n++) b.awareness(s.document, entry(71, n, { user: s.bob, typing: true, until: n }))
      expect(await b.append(s.document, logRoot(s.bob), [testMessage(1)])).toEqual({ type: 'ack' })
      await a.untilDoc(s.document, (doc) => doc.getArray('ledger').length === 2)
      expect(Math.max(...seen())).toBe(MAX_AWARENESS_PER_SECOND)
      s.clock.now += 1_000
      b.awareness(s.document, entry(71, 100, { user: s.bob, typing: true, until: MAX_AWARENESS_BYTES, pad: 'x'.repeat(MAX_AWARENESS_BYTES) }))
      b.awareness(s.document, entry(71, 101, { user: s.bob, typing: true, until: 101 }))
      while (!seen().includes(101)) await turn()
      expect(seen()).not.toContain(MAX_AWARENESS_BYTES)
      const from = b.count(s.document)
      for (let n = 0; n < 21 * MAX_AWARENESS_PER_SECOND; n++) b.awareness(s.document, entry(71, 200 + n, { user: s.bob, typing: true }))
      expect(await b.until(s.document, (heard) => heard.type === 'closed', from)).toEqual({ type: 'closed', reason: 'slow-down' })
    })
  })

  describe('A12: client ids', () => {
    const words = (user: UserId, client: number, count: number): Uint8Array =>
      wireUpdate(
        Array.from({ length: count }, (_, i) => ({
          client: client + i,
          clock: 0,
          structs: [{ root: logRoot(user), values: [testMessage(client + i)] }],
        })),
      )

    test('as many as an epoch may have, of several people', async () => {
      const s = await scene()
      await using server = s.server
      const crowd: UserId[] = [s.alice, s.bob]
      while (crowd.length * MAX_CLIENT_IDS_PER_USER < MAX_CLIENT_IDS_PER_EPOCH) crowd.push(await server.person(`p${crowd.length}`))
      const { id, document } = await server.group(s.alice, ...crowd)
      const a = await s.connect()
      await a.open(document, s.alice)
      let client = 1_000
      const left = (): number => MAX_CLIENT_IDS_PER_EPOCH - (client - 1_000)
      for (const user of crowd) {
        const b = await s.connect()
        await b.open(document, user)
        for (let own = MAX_CLIENT_IDS_PER_USER; own > 0 && left() > 0;) {
          const count = Math.min(own, left(), MAX_CLIENT_IDS_PER_UPDATE)
          await b.offer(document, words(user, client, count))
          client += count
          own -= count
        }
      }
      expect(await a.until(document, (heard) => heard.type === 'closed')).toEqual({ type: 'closed', reason: 'closed-epoch' })
      expect((await server.storage.chat(id))?.seq).toBe(MAX_CLIENT_IDS_PER_EPOCH)
      expect(`chat/${id}/${(await server.storage.chat(id))?.epoch}`).not.toBe(document)
    })

    test('one person ends an epoch by them once in a while', async () => {
      const s = await scene()
      await using server = s.server
      const a = await s.connect()
      let client = 1_000
      const fill = async (): Promise<Heard> => {
        const document = `chat/${s.id}/${(await server.storage.chat(s.id))?.epoch}`
        await a.open(document, s.alice)
        for (let own = MAX_CLIENT_IDS_PER_USER; own > 0; own -= 50)
          expect(await a.offer(document, words(s.alice, (client += 50), 50))).toEqual({ type: 'ack' })
        return a.offer(document, words(s.alice, (client += 50), 1))
      }
      expect(await fill()).toEqual({ type: 'closed', reason: 'closed-epoch' })
      expect(await fill()).toEqual({ type: 'closed', reason: 'slow-down' })
      s.clock.now += MIN_EPOCH_MS
      const document = `chat/${s.id}/${(await server.storage.chat(s.id))?.epoch}`
      const again = await s.connect()
      await again.open(document, s.alice)
      expect(await again.offer(document, words(s.alice, (client += 50), 1))).toEqual({ type: 'closed', reason: 'closed-epoch' })
    })
  })

  describe('LIM-2: what waits is bounded by not reading', () => {
    test('C25, H6: a writer while the database stands still is paused at a bound; when it is back, everything is acknowledged and stored once', async () => {
      let gate: PromiseWithResolvers<void> | null = null
      const s = await scene((real) => ({
        commit: async (items) => {
          await gate?.promise
          return real.commit(items)
        },
      }))
      await using server = s.server
      const a = await s.connect()
      const doc = await a.open(s.document, s.alice)
      const socket = only(server.sockets)
      let received = 0
      socket.on('message', (data: Buffer) => (received += data.length))
      gate = Promise.withResolvers()
      const words = Array.from({ length: 4 }, (_, n) => ({ ...testMessage(n), text: '語'.repeat(15_000) }))
      doc.getArray(logRoot(s.alice)).push(words)
      const update = Y.encodeStateAsUpdate(doc)
      const from = a.count(s.document)
      const frames = 60
      for (let n = 0; n < frames; n++) a.sync(s.document, 2, update)
      while (!socket.isPaused) await turn()
      // What the network had handed over already may still come.
      for (let n = 0; n < 200; n++) await turn()
      expect(socket.isPaused).toBe(true)
      expect(received).toBeLessThan(MAX_IN_FLIGHT_BYTES + 4 * update.length)
      expect(frames * update.length).toBeGreaterThan(8 * MAX_IN_FLIGHT_BYTES)
      gate.resolve()
      gate = null
      const acks = (): number => (a.heard.get(s.document) ?? []).slice(from).filter(({ type }) => type === 'ack').length
      while (acks() < frames) await a.until(s.document, (heard) => heard.type === 'ack', from + acks()).then(turn)
      expect((await server.storage.chat(s.id))?.seq).toBe(4)
      expect(socket.isPaused).toBe(false)
    })

    test('C24: frames and pings that come too fast are taken when they are due, and nothing is lost', async () => {
      const s = await scene()
      await using server = s.server
      const a = await s.connect()
      await a.open(s.document, s.alice)
      const socket = only(server.sockets)
      for (let n = 0; n < MAX_FRAMES_BURST; n++) a.send(PING)
      for (let n = 0; n < 50; n++) a.socket.ping()
      const answer = a.append(s.document, logRoot(s.alice), [testMessage(1)])
      while (!socket.isPaused) await turn()
      expect(await answer).toEqual({ type: 'ack' })
      while (socket.isPaused) await turn()
    })
  })

  test('C28, promise 2: a server that stops waits for what is being committed, and what was offered twice is stored once', async () => {
    const committing = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const s = await scene((real) => ({
      commit: async (items) => {
        committing.resolve()
        await gate.promise
        return real.commit(items)
      },
    }))
    await using server = s.server
    const a = await s.connect()
    await a.open(s.document, s.alice)
    void a.append(s.document, logRoot(s.alice), [testMessage(1)]).catch(() => undefined)
    a.sync(s.document, 2, Y.encodeStateAsUpdate(a.docs.get(s.document) ?? new Y.Doc()))
    await committing.promise
    let drained = false
    const draining = server.sync.drain(60_000).then(() => (drained = true))
    expect(await end(a)).toMatchObject({ reason: 'restart' })
    for (let n = 0; n < 200; n++) await turn()
    expect(drained).toBe(false)
    gate.resolve()
    await draining
    expect((await server.storage.chat(s.id))?.seq).toBe(1)
  })

  test('marks that could not be read when a document was opened are shown with the next that rise', async () => {
    let failures = 1
    const s = await scene((real) => ({
      marks: (chat) => (failures-- > 0 ? Promise.reject(new Error('The database is away')) : real.marks(chat)),
    }))
    await using server = s.server
    const [a, b] = [await s.connect(), await s.connect()]
    await a.open(s.document, s.alice)
    await b.open(s.document, s.bob)
    await a.append(s.document, logRoot(s.alice), [testMessage(1)])
    expect(failures).toBe(0)
    s.clock.now += 2_000
    const seen = (await server.storage.raiseMarks(s.bob, new Map([[s.id, [1, 1]]]))).get(s.id)
    if (!seen) throw new Error('no marks rose')
    server.sync.marksRaised(s.id, s.bob, seen.marks, seen.markPos)
    await a.until(s.document, (heard) => heard.type === 'awareness' && JSON.stringify([...heard.states.values()]).includes(`"${s.bob}":[1,1]`))
  })

  test('AW-2: above so many members marks are counted, not named', async () => {
    const s = await scene()
    await using server = s.server
    const crowd: UserId[] = []
    for (let n = 0; n < MAX_NAMED_MARKS; n++) crowd.push(await server.person(`member${n}`))
    const { document } = await server.group(s.alice, ...crowd)
    const a = await s.connect()
    await a.open(document, s.alice)
    const has = (key: string) => (heard: Heard) =>
      heard.type === 'awareness' && [...heard.states.values()].some((state) => typeof state === 'object' && state !== null && key in state)
    await a.until(document, has('counts'))
    expect((a.heard.get(document) ?? []).some(has('marks'))).toBe(false)
    const small = await server.group(s.alice, ...crowd.slice(1))
    await a.open(small.document, s.alice)
    await a.until(small.document, has('marks'))
  })
}
