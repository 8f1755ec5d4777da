// Groups that change and people who block each other, as open sockets see it: on one server, and on two of one database.
import { directChatId, logRoot, parseOperationId, type ChatId, type GroupOperation, type UserId } from '@skein/protocol'
import { testId, testMessage } from '@skein/protocol/testing'
import { RawClient, sha256, type Heard, startTestServer, type TestServer } from '@skein/testing'
import { describe, expect, test } from 'vitest'

type Without<T> = T extends unknown ? Omit<T, 'id' | 'at'> : never

export function groupsSuite(databaseUrl: () => Promise<string>): void {
  let ids = 500
  const change = (server: TestServer, chat: ChatId, by: UserId, operation: Without<GroupOperation>) =>
    server.sync.changeMember(chat, by, { ...operation, id: parseOperationId(testId(ids++)), at: '2026-01-01T00:00:00.000Z' } as GroupOperation)
  async function scene() {
    const server = await startTestServer({ databaseUrl: await databaseUrl() })
    const [alice, bob] = [await server.person('alice'), await server.person('bob')]
    return { server, alice, bob }
  }
  const entriesOf = (client: RawClient, document: string) => client.docs.get(document)?.getArray<unknown[]>('ledger').toArray() ?? []

  describe('groups that change', () => {
    test('CHAT-6, CHAT-8: who may not is refused, and a title, an ability and an inheritance stand in the ledger of whoever looks on', async () => {
      const { server, alice, bob } = await scene()
      await using _ = server
      const { id, document } = await server.group(alice, bob)
      const b = await RawClient.connect(server.url)
      await b.open(document, bob)
      expect(await change(server, id, bob, { type: 'leave', user: alice })).toEqual({ ok: false, reason: 'not-allowed' })
      expect(await change(server, id, bob, { type: 'rename', title: 'Boat' })).toMatchObject({ ok: true })
      expect(await change(server, id, alice, { type: 'may', user: bob, invite: true })).toMatchObject({ ok: true })
      expect(await change(server, id, alice, { type: 'leave', user: alice })).toMatchObject({
        ok: true,
        entries: [{ kind: 'may' }, { kind: 'leave' }],
      })
      await b.untilDoc(document, () => entriesOf(b, document).length === 5)
      expect(entriesOf(b, document).map((entry) => entry.at(-1))).toMatchObject([
        { type: 'create' },
        { type: 'rename', title: 'Boat' },
        { type: 'may', user: bob, invite: true },
        { type: 'may', user: bob, remove: true },
        { type: 'leave', user: alice },
      ])
      // Words and changes are one order, and each commit goes on from the one before.
      expect(await b.append(document, logRoot(bob), [testMessage(1)])).toEqual({ type: 'ack' })
      expect((await server.storage.chat(id))?.rev).toBe(6)
    })

    test('promise 8, two servers: whom another server let leave loses the documents here, is told of nothing, and the others stay', async () => {
      const { server: there, alice, bob } = await scene()
      await using a = there
      await using b = await startTestServer({ databaseUrl: a })
      const { id, document } = await a.group(alice, bob)
      const [ofBob, ofAlice] = [await RawClient.connect(b.url), await RawClient.connect(b.url)]
      await ofBob.open(document, bob)
      await ofAlice.open(document, alice)
      await change(a, id, alice, { type: 'leave', user: bob })
      expect(await ofBob.until(document, (heard) => heard.type === 'closed')).toEqual({ type: 'closed', reason: 'no-access' })
      const read = entriesOf(ofBob, document).length
      expect(await ofAlice.append(document, logRoot(alice), [testMessage(1)])).toEqual({ type: 'ack' })
      await ofAlice.untilDoc(document, () => entriesOf(ofAlice, document).length === 3)
      await expect(ofBob.open(document, bob)).rejects.toThrow('no-access')
      expect(entriesOf(ofBob, document).length).toBe(read)
      // Back again, they are let in, and stay in.
      await change(b, id, alice, { type: 'join', user: bob })
      await ofBob.open(document, bob)
      await ofBob.untilDoc(document, () => entriesOf(ofBob, document).length === 4)
    })

    test('CHAT-7, ERASE-4: who is erased leaves their groups, and what they alone could do goes to somebody else', async () => {
      const { server, alice, bob } = await scene()
      await using _ = server
      const { id, document } = await server.group(alice, bob)
      const direct = await server.chat(alice, bob)
      const b = await RawClient.connect(server.url)
      await b.open(document, bob)
      await server.sync.eraseUser(alice)
      expect(await server.storage.members(id)).toMatchObject([{ id: bob, mayInvite: true, mayRemove: true }])
      // A direct chat is its two people's for ever.
      expect((await server.storage.members(direct.id)).length).toBe(2)
      await b.untilDoc(document, () => entriesOf(b, document).length === 3)
    })

    test('what a member wants of a chat is told to their own devices alone', async () => {
      const { server, alice, bob } = await scene()
      await using _ = server
      const { id } = await server.chat(alice, bob)
      const [ofAlice, ofBob] = [await RawClient.connect(server.url), await RawClient.connect(server.url)]
      await ofAlice.open(`user/${alice}`, alice)
      await ofBob.open(`user/${bob}`, bob)
      const mine = { mutedUntil: null, pinned: true, archived: false }
      server.sync.mineChanged(alice, id, mine)
      const isMine = (heard: Heard): boolean => heard.type === 'stateless' && (heard.payload as { type?: string }).type === 'mine'
      expect(await ofAlice.until(`user/${alice}`, isMine)).toEqual({ type: 'stateless', payload: { type: 'mine', chat: id, mine } })
      // What comes behind it has come to Bob, too.
      server.sync.mineChanged(bob, id, mine)
      await ofBob.until(`user/${bob}`, isMine)
      expect((ofBob.heard.get(`user/${bob}`) ?? []).filter(isMine).length).toBe(1)
    })
  })

  describe('people who block each other', () => {
    test('BLOCK-1: new words of both are refused as blocked, at the socket too, until the block is taken back', async () => {
      const { server, alice, bob } = await scene()
      await using _ = server
      const { id, document } = await server.chat(alice, bob)
      const [a, b] = [await RawClient.connect(server.url), await RawClient.connect(server.url)]
      await a.open(document, alice)
      await b.open(document, bob)
      for (const n of [1, 2]) expect(await a.append(document, logRoot(alice), [testMessage(n)])).toEqual({ type: 'ack' })
      await server.storage.block(bob, alice, id)
      expect(await a.append(document, logRoot(alice), [testMessage(3)])).toEqual({ type: 'closed', reason: 'blocked' })
      expect(await b.append(document, logRoot(bob), [testMessage(4)])).toEqual({ type: 'closed', reason: 'blocked' })
      await server.storage.unblock(bob, alice, id)
      const again = await RawClient.connect(server.url)
      await again.open(document, alice)
      expect(await again.append(document, logRoot(alice), [testMessage(5)])).toEqual({ type: 'ack' })
    })

    test('BLOCK-3, PRES-1: the two are not told of each other, from the block on and until it is taken back', async () => {
      const { server, alice, bob } = await scene()
      await using _ = server
      const { id } = await server.chat(alice, bob)
      expect(id).toBe(directChatId(alice, bob, sha256))
      const a = await RawClient.connect(server.url)
      await a.open(`user/${alice}`, alice)
      const b = await RawClient.connect(server.url)
      const name = `user/${bob}`
      await b.open(name, bob)
      const told = (online: boolean) => (heard: Heard) => {
        const { user, online: is } = (heard.type === 'stateless' ? heard.payload : {}) as { user?: string; online?: unknown }
        return user === alice && is === online
      }
      await server.storage.block(alice, bob, id)
      let from = b.count(name)
      server.sync.blockChanged(alice, bob, true)
      await b.until(name, told(false), from)
      from = b.count(name)
      await a.close()
      const back = await RawClient.connect(server.url)
      await back.open(`user/${alice}`, alice)
      await server.storage.unblock(alice, bob, id)
      server.sync.blockChanged(alice, bob, false)
      await b.until(name, told(true), from)
      expect((b.heard.get(name) ?? []).slice(from).filter(told(false))).toEqual([])
    })
  })
}
