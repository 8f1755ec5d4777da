// Two nodes on one database, readers without number, marks, presence and tokens: what is between the sockets.
import {
  chatDocument,
  ERASE_AFTER_MS,
  logRoot,
  MAX_CLIENT_IDS_PER_USER,
  MAX_ENTRIES_PER_EPOCH,
  parseEpochName,
  parseOperationId,
  userDocument,
  type ChatId,
  type UserId,
} from '@skein/protocol'
import { testId, testMessage, wireUpdate } from '@skein/protocol/testing'
import { RawClient, startTestServer, type TestServer } from '@skein/testing'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'

const bytes = (doc: Y.Doc): string => Buffer.from(Y.encodeStateAsUpdate(doc)).toString('hex')
const isMarks = (state: unknown, user: UserId, seen: number): boolean =>
  typeof state === 'object' && state !== null && 'marks' in state && (state.marks as Record<string, number[]>)[user]?.[1] === seen

export function nodesSuite(databaseUrl: () => Promise<string>): void {
  async function scene() {
    const server = await startTestServer({ databaseUrl: await databaseUrl() })
    const alice = await server.person('alice')
    const bob = await server.person('bob')
    return { server, alice, bob, ...(await server.chat(alice, bob)) }
  }

  describe('two nodes on one database', () => {
    test('RT10: an honest client that changes to a node with an unread tail loses nothing, and all end byte-equal', async () => {
      const s = await scene()
      await using a = s.server
      await using b = await startTestServer({ databaseUrl: a })
      const alice = await RawClient.connect(a.url)
      await alice.open(s.document, s.alice)
      const onA = await RawClient.connect(a.url)
      const doc = await onA.open(s.document, s.bob)
      const witness = await RawClient.connect(b.url)
      await witness.open(s.document, s.alice) // B has the document in memory, and is told of nothing
      expect(await alice.append(s.document, logRoot(s.alice), [testMessage(1)])).toEqual({ type: 'ack' })
      await onA.untilDoc(s.document, (d) => d.getArray('ledger').length === 2)
      await onA.close()
      const onB = await RawClient.connect(b.url)
      onB.docs.set(s.document, doc)
      doc.getArray(logRoot(s.bob)).push([testMessage(2)])
      await onB.open(s.document, s.bob)
      for (const client of [onB, witness]) await client.untilDoc(s.document, (d) => d.getArray('ledger').length === 3)
      expect(bytes(doc)).toBe(bytes(witness.docs.get(s.document) ?? new Y.Doc()))
      // And back: A reads what B stored before it takes the next word.
      expect(await alice.append(s.document, logRoot(s.alice), [testMessage(3)])).toEqual({ type: 'ack' })
      await alice.untilDoc(s.document, (d) => d.getArray('ledger').length === 4)
      const rows = (await a.storage.history(s.id, { before: null, cursor: null, limit: 10 })).items.map((item) => item.id)
      expect(rows).toEqual([testId(1), testId(2), testId(3)])
    })
  })

  describe('erasure on two nodes', () => {
    test('ERASE-2: connections of the ended epoch close, on the node that erased and on the other one, and the document leaves the memory', async () => {
      let ahead = 0
      const a = await startTestServer({ databaseUrl: await databaseUrl(), storageNow: () => Date.now() + ahead })
      await using node = a
      await using other = await startTestServer({ databaseUrl: a })
      const [alice, bob] = [await a.person('alice'), await a.person('bob')]
      const { id, document } = await a.chat(alice, bob)
      const writer = await RawClient.connect(node.url)
      await writer.open(document, alice)
      const reader = await RawClient.connect(other.url)
      await reader.open(document, bob)
      const words = { ...testMessage(1), text: 'Stachelbeere' }
      const removal = { type: 'delete', id: testId(2), at: '2026-01-01T00:00:00.000Z', target: testId(1) }
      for (const operation of [words, removal]) expect(await writer.append(document, logRoot(alice), [operation])).toEqual({ type: 'ack' })
      ahead = ERASE_AFTER_MS
      await node.sync.clean()
      expect(await writer.until(document, (heard) => heard.type === 'closed')).toEqual({ type: 'closed', reason: 'closed-epoch' })
      await other.sync.clean()
      expect(await reader.until(document, (heard) => heard.type === 'closed')).toEqual({ type: 'closed', reason: 'closed-epoch' })
      while (node.sync.documents + other.sync.documents > 0) await new Promise((resolve) => setImmediate(resolve))
      expect((await node.storage.chat(id))?.epoch).toMatch(/^2-/)
      expect(await node.storage.snapshot(id, parseEpochName(document.split('/')[2]))).toBeNull()
    })

    test('promise 6: rows that do not continue the chain are an error in the log, once, and nobody is kept from writing', async () => {
      const damaged: [ChatId, string][] = []
      const server = await startTestServer({
        databaseUrl: await databaseUrl(),
        storage: (real) =>
          new Proxy(real, {
            get: (target, key) => {
              const value: unknown = Reflect.get(target, key)
              if (key === 'sweepEpochs')
                return () => Promise.resolve({ more: false, damaged: damaged.splice(0).map(([chatId, epoch]) => ({ chatId, epoch })) })
              return typeof value === 'function' ? (value.bind(target) as unknown) : value
            },
          }),
      })
      await using node = server
      const [alice, bob] = [await node.person('alice'), await node.person('bob')]
      const { id } = await node.chat(alice, bob)
      damaged.push([id, '1-0000000000000000'])
      await Promise.all([node.sync.clean(), node.sync.clean()])
      await node.sync.clean()
      expect(node.log.filter(({ level }) => level === 'error')).toMatchObject([{ fields: { chatId: id, epoch: '1-0000000000000000' } }])
    })
  })

  test('what sessions and links leave behind goes by itself, about once an hour', async () => {
    const clock = { now: Date.now() }
    const now = (): number => clock.now
    await using node = await startTestServer({ databaseUrl: await databaseUrl(), storageNow: now, now })
    let count = 0
    /** Whether a link that has expired is still stored once the server has looked through what is due. */
    async function stays(): Promise<boolean> {
      const tokenHash = `link ${++count}`
      await node.storage.createLink({ tokenHash, purpose: 'invite', userId: null, email: null, expiresAt: clock.now + 1_000 })
      clock.now += 1_000
      await node.sync.clean()
      // A clock that goes back shows what is there.
      clock.now -= 1
      const link = await node.storage.link('invite', tokenHash)
      clock.now += 1
      return link !== null
    }
    expect(await stays()).toBe(false)
    expect(await stays()).toBe(true)
    clock.now += 60 * 60_000
    expect(await stays()).toBe(false)
  })

  describe('promise 6: a document that has outgrown its epoch', () => {
    const at = '2026-01-01T00:00:00.000Z'
    const many = (from: number, count: number): object[] =>
      Array.from({ length: count }, (_, i) => ({ type: 'message', id: testId(from + i), text: 'x', at }))
    const next = async (server: TestServer, id: ChatId): Promise<string> =>
      chatDocument(id, (await server.storage.chat(id))?.epoch ?? parseEpochName('1-0000000000000000'))

    test('A12: as many client ids as one person may have; the next epoch goes on where it ended, but not at any speed', async () => {
      const s = await scene()
      await using server = s.server
      const a = await RawClient.connect(server.url)
      await a.open(s.document, s.alice)
      const fresh = (client: number, clock: number, n: number) =>
        wireUpdate([{ client, clock, structs: [{ root: logRoot(s.alice), values: [testMessage(n)] }] }])
      for (let n = 0; n < MAX_CLIENT_IDS_PER_USER; n++) expect(await a.offer(s.document, fresh(1000 + n, 0, n))).toEqual({ type: 'ack' })
      expect(await a.offer(s.document, fresh(9000, 0, 9000))).toEqual({ type: 'closed', reason: 'closed-epoch' })
      const document = await next(server, s.id)
      expect(document).not.toBe(s.document)
      const doc = await a.open(document, s.alice)
      expect(doc.getArray<{ baseRev: number; baseSeq: number }>('info').get(0)).toMatchObject({
        baseRev: MAX_CLIENT_IDS_PER_USER + 1,
        baseSeq: MAX_CLIENT_IDS_PER_USER,
      })
      expect(await a.append(document, logRoot(s.alice), [testMessage(9000)])).toEqual({ type: 'ack' })
      expect((await server.storage.chat(s.id))?.seq).toBe(MAX_CLIENT_IDS_PER_USER + 1)
      for (let n = 1; n < MAX_CLIENT_IDS_PER_USER; n++) expect(await a.offer(document, fresh(20_000 + n, 0, 20_000 + n))).toEqual({ type: 'ack' })
      expect(await a.offer(document, fresh(30_000, 0, 30_000))).toEqual({ type: 'closed', reason: 'slow-down' })
    })
    test('HEAL-3, RT16: what devices brought back ends the epochs that are open; everybody is told, and nothing is taken for them any more', async () => {
      const s = await scene()
      await using server = s.server
      const [a, b] = [await RawClient.connect(server.url), await RawClient.connect(server.url)]
      await a.open(s.document, s.alice)
      await b.open(userDocument(s.bob), s.bob)
      await b.until(userDocument(s.bob), (heard) => heard.type === 'stateless' && JSON.stringify(heard).includes('"online":['))
      const { epoch, rev } = await server.storage.nextEpoch(s.id, parseEpochName(s.document.split('/')[2]))
      server.sync.chatHealed(s.id, epoch, rev)
      expect(await a.until(s.document, (heard) => heard.type === 'closed')).toEqual({ type: 'closed', reason: 'closed-epoch' })
      await b.until(userDocument(s.bob), (heard) => heard.type === 'stateless' && JSON.stringify(heard).includes('nudge'))
      const from = a.count(s.document)
      a.auth(s.document, s.alice)
      expect(await a.until(s.document, (heard) => heard.type === 'denied', from)).toEqual({ type: 'denied', reason: 'closed-epoch' })
      const document = chatDocument(s.id, epoch)
      await a.open(document, s.alice)
      expect(await a.append(document, logRoot(s.alice), [testMessage(1)])).toEqual({ type: 'ack' })
    })
    test('as many entries as an epoch may have: everybody is sent to the next one, and nothing is lost', async () => {
      const s = await scene()
      await using server = s.server
      const [a, b] = [await RawClient.connect(server.url), await RawClient.connect(server.url)]
      await a.open(s.document, s.alice)
      await b.open(s.document, s.bob)
      const from = b.count(s.document)
      for (let n = 0; n < MAX_ENTRIES_PER_EPOCH; n += 1_000) await a.append(s.document, logRoot(s.alice), many(n, 1_000))
      expect(await b.until(s.document, (heard) => heard.type === 'closed', from)).toEqual({ type: 'closed', reason: 'closed-epoch' })
      const document = await next(server, s.id)
      await b.open(document, s.bob)
      expect(await b.append(document, logRoot(s.bob), [testMessage(77_777)])).toEqual({ type: 'ack' })
      expect(await server.storage.chat(s.id)).toMatchObject({
        rev: MAX_ENTRIES_PER_EPOCH + 2,
        seq: MAX_ENTRIES_PER_EPOCH + 1,
        baseRev: MAX_ENTRIES_PER_EPOCH + 1,
      })
    })
  })

  describe('readers', () => {
    test('RT8: 500 readers and no writer store nothing and change no epoch', async () => {
      const s = await scene()
      await using server = s.server
      const before = await server.storage.chat(s.id)
      const readers: RawClient[] = []
      const enter = async (): Promise<void> => {
        while (readers.length < 500) {
          const reader = await RawClient.connect(server.url)
          readers.push(reader)
          // At once: a socket that says nothing for a while is closed.
          await reader.open(s.document, s.bob)
        }
      }
      await Promise.all(Array.from({ length: 20 }, enter))
      expect(await server.storage.chat(s.id)).toEqual(before)
      await Promise.all(readers.map((reader) => reader.close()))
    })
    test('CHAT-4, AW-2: marks of an open chat are shown by the server, whole', async () => {
      const s = await scene()
      await using server = s.server
      const a = await RawClient.connect(server.url)
      await a.open(s.document, s.alice)
      await a.append(s.document, logRoot(s.alice), [testMessage(1)])
      const raised = await server.storage.raiseMarks(s.bob, new Map([[s.id, [5, 1]]]))
      const result = raised.get(s.id)
      expect(result).toMatchObject({ marks: [1, 1], raised: true })
      server.sync.marksRaised(s.id, s.bob, result?.marks ?? [0, 0], result?.markPos ?? 0)
      await a.until(s.document, (heard) => heard.type === 'awareness' && [...heard.states.values()].some((state) => isMarks(state, s.bob, 1)))
      const late = await RawClient.connect(server.url)
      await late.open(s.document, s.bob)
      await late.until(s.document, (heard) => heard.type === 'awareness' && [...heard.states.values()].some((state) => isMarks(state, s.bob, 1)))
    })
  })

  describe('DOC-4: a person’s own document', () => {
    test('tells who is online, who comes and goes, and which chats have moved; takes no writing', async () => {
      const s = await scene()
      await using server = s.server
      const own = `user/${s.bob}`
      const b = await RawClient.connect(server.url)
      await b.open(own, s.bob)
      await b.until(own, (heard) => heard.type === 'stateless' && JSON.stringify(heard.payload).includes('"online":['))
      const a = await RawClient.connect(server.url)
      await a.open(s.document, s.alice)
      await b.until(own, (heard) => heard.type === 'stateless' && JSON.stringify(heard.payload).includes(`"user":"${s.alice}","online":true`))
      await a.append(s.document, logRoot(s.alice), [testMessage(1)])
      const nudge = await b.until(own, (heard) => heard.type === 'stateless' && JSON.stringify(heard.payload).includes('nudge'))
      expect(nudge).toEqual({ type: 'stateless', payload: { type: 'nudge', chats: [[s.id, 2, 0]] } })
      await a.close()
      await b.until(own, (heard) => heard.type === 'stateless' && JSON.stringify(heard.payload).includes(`"user":"${s.alice}","online":false`))
      // Stored while the others are told.
      await expect.poll(async () => (await server.storage.user(s.alice))?.lastSeenAt).not.toBeNull()
      expect(await b.append(own, 'drafts', [{ x: 1 }])).toEqual({ type: 'closed', reason: 'read-only' })
    })
  })

  describe('promise 8: what ends, ends on open sockets too', () => {
    test('H8: a token that ends is asked for anew, then closes everything; a new one goes on', async () => {
      const s = await scene()
      await using server = s.server
      const a = await RawClient.connect(server.url)
      await a.open(s.document, `${s.alice}@${Date.now() + 3_000}`)
      await a.until(s.document, (heard) => heard.type === 'token-wanted')
      expect(await a.until(s.document, (heard) => heard.type === 'closed')).toEqual({ type: 'closed', reason: 'token-expired' })
      await a.open(s.document, `${s.alice}@${Date.now() + 6_000}`)
      a.auth(s.document, s.alice) // the client answers the request for a token
      expect(await a.append(s.document, logRoot(s.alice), [testMessage(1)])).toEqual({ type: 'ack' })
    })
    test('a session that was ended closes its sockets', async () => {
      const s = await scene()
      await using server = s.server
      const a = await RawClient.connect(server.url)
      await a.open(s.document, s.alice)
      server.sync.sessionEnded(s.alice)
      expect(await a.until('', () => true)).toMatchObject({ code: 4421, reason: 'logged-out' })
    })
    test('CHAT-5, promise 8: who left a group loses its documents at once, is let in nowhere, and the others see the entry', async () => {
      const { server, alice, bob } = await scene()
      await using _ = server
      const { id, document } = await server.group(bob, alice)
      const [a, b] = [await RawClient.connect(server.url), await RawClient.connect(server.url)]
      await a.open(document, alice)
      await b.open(document, bob)
      const leave = { type: 'leave', id: parseOperationId(testId(90)), at: '2026-01-01T00:00:00.000Z', user: alice } as const
      expect(await server.sync.changeMember(id, bob, leave)).toMatchObject({ ok: true, entries: [{ kind: 'leave', rev: 2 }] })
      expect(await a.until(document, (heard) => heard.type === 'closed')).toEqual({ type: 'closed', reason: 'no-access' })
      const from = a.count(document)
      a.auth(document, alice)
      expect(await a.until(document, (heard) => heard.type === 'denied', from)).toEqual({ type: 'denied', reason: 'no-access' })
      await b.untilDoc(document, (doc) => doc.getArray<unknown[]>('ledger').length === 2)
      expect(b.docs.get(document)?.getArray<unknown[]>('ledger').get(1)?.at(-1)).toMatchObject({ type: 'leave', id: leave.id, user: alice })
      // The same again changes nothing, and who is out changes nobody.
      expect(await server.sync.changeMember(id, bob, { ...leave, id: parseOperationId(testId(91)) })).toMatchObject({ ok: true, entries: [] })
      expect(await server.sync.changeMember(id, alice, { ...leave, id: parseOperationId(testId(92)), user: bob })).toEqual({
        ok: false,
        reason: 'no-access',
      })
    })
    test('promise 8: who leaves while a document is being opened for them reads nothing of it', async () => {
      const arrived = Promise.withResolvers<void>()
      const go = Promise.withResolvers<void>()
      let armed = false
      const at = (point: string): Promise<void> | void => {
        if (!armed || point !== 'loading') return
        arrived.resolve()
        return go.promise
      }
      await using server = await startTestServer({ databaseUrl: await databaseUrl(), faults: { at } })
      const [alice, bob] = [await server.person('alice'), await server.person('bob')]
      const { id, document } = await server.group(bob, alice)
      const a = await RawClient.connect(server.url)
      armed = true
      a.auth(document, alice)
      a.docs.set(document, new Y.Doc())
      // Asked before the document is there: Hocuspocus answers it before any hook says that it is open.
      a.sync(document, 0, Uint8Array.of(0))
      await arrived.promise
      await server.sync.changeMember(id, bob, { type: 'leave', id: parseOperationId(testId(93)), at: '2026-01-01T00:00:00.000Z', user: alice })
      go.resolve()
      expect(await a.until(document, (heard) => heard.type === 'closed' || heard.type === 'synced')).toEqual({ type: 'closed', reason: 'no-access' })
      // Whatever was sent behind the closing has come when this is answered.
      await a.open(`user/${alice}`, alice)
      expect(a.heard.get(document)?.map(({ type }) => type)).not.toContain('synced')
    })
    test('a socket of one person cannot become another’s', async () => {
      const s = await scene()
      await using server = s.server
      const a = await RawClient.connect(server.url)
      await a.open(s.document, s.alice)
      const own = `user/${s.bob}`
      a.auth(own, s.bob)
      expect(await a.until(own, (heard) => heard.type === 'denied')).toEqual({ type: 'denied', reason: 'token-expired' })
    })
  })
}
