// Two nodes on one database, readers without number, marks, presence and tokens: what is between the sockets.
import { logRoot, type UserId } from '@skein/protocol'
import { testId, testMessage } from '@skein/protocol/testing'
import { RawClient, startTestServer } from '@skein/testing'
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

  describe('readers', () => {
    test('RT8: 200 readers and no writer store nothing and change no epoch', async () => {
      const s = await scene()
      await using server = s.server
      const before = await server.storage.chat(s.id)
      const readers = await Promise.all(Array.from({ length: 200 }, () => RawClient.connect(server.url)))
      await Promise.all(readers.map((reader) => reader.open(s.document, s.bob)))
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
      expect((await server.storage.user(s.alice))?.lastSeenAt).not.toBeNull()
      expect(await b.append(own, 'drafts', [{ x: 1 }])).toEqual({ type: 'closed', reason: 'read-only' })
    })
  })

  describe('promise 8: what ends, ends on open sockets too', () => {
    test('H8: a token that ends is asked for anew, then closes everything; a new one goes on', async () => {
      const s = await scene()
      await using server = s.server
      const a = await RawClient.connect(server.url)
      await a.open(s.document, `${s.alice}@${Date.now() + 700}`)
      await a.until(s.document, (heard) => heard.type === 'token-wanted')
      expect(await a.until(s.document, (heard) => heard.type === 'closed')).toEqual({ type: 'closed', reason: 'token-expired' })
      await a.open(s.document, `${s.alice}@${Date.now() + 2_000}`)
      a.auth(s.document, s.alice) // the client answers the request for a token
      expect(await a.append(s.document, logRoot(s.alice), [testMessage(1)])).toEqual({ type: 'ack' })
    })
    test('a session that was ended closes its sockets; a removed member loses the document', async () => {
      const s = await scene()
      await using server = s.server
      const a = await RawClient.connect(server.url)
      await a.open(s.document, s.alice)
      server.sync.memberRemoved(s.id, s.alice)
      expect(await a.until(s.document, (heard) => heard.type === 'closed')).toEqual({ type: 'closed', reason: 'no-access' })
      server.sync.sessionEnded(s.alice)
      expect(await a.until('', () => true)).toMatchObject({ code: 4421, reason: 'logged-out' })
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
