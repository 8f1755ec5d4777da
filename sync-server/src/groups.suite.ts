// Groups that change and people who block each other, as open sockets see it: on one server, and on two of one database.
import { randomBytes } from 'node:crypto'
import { chatDocument, chatIdOf, directChatId, logRoot, parseOperationId, type ChatId, type GroupOperation, type UserId } from '@skein/protocol'
import { testId, testMessage } from '@skein/protocol/testing'
import { RawClient, sha256, type Heard, startTestServer, type TestServer } from '@skein/testing'
import * as encoding from 'lib0/encoding'
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

    test('CHAT-9, promise 8, two servers: a join ends the epoch on both, nothing written meanwhile is lost, and who joins is let into none that was before', async () => {
      const { server: there, alice, bob } = await scene()
      await using a = there
      await using b = await startTestServer({ databaseUrl: a })
      const cleo = await a.person('cleo')
      const chat = await a.storage.createChat({
        ...{ id: chatIdOf(randomBytes(17)), kind: 'group', title: 'Crew', by: alice, members: [alice, bob], fromJoining: true },
      } as const)
      const { id } = chat.chat
      const before = chatDocument(id, chat.chat.epoch)
      const [ofAlice, ofBob, ofCleo] = [await RawClient.connect(a.url), await RawClient.connect(b.url), await RawClient.connect(b.url)]
      await ofAlice.open(before, alice)
      await ofBob.open(before, bob)
      expect(await ofAlice.append(before, logRoot(alice), [testMessage(1)])).toEqual({ type: 'ack' })
      const joined = change(a, id, alice, { type: 'join', user: cleo })
      const outcome = await joined
      const now = chatDocument(id, (await a.storage.chat(id))?.epoch ?? chat.chat.epoch)
      expect([outcome, now === before]).toMatchObject([{ ok: true }, false])
      expect(await ofAlice.until(before, (heard) => heard.type === 'closed')).toEqual({ type: 'closed', reason: 'closed-epoch' })
      // The other server learns it by what it is offered, at the latest.
      expect(await ofBob.append(before, logRoot(bob), [testMessage(2)])).toEqual({ type: 'closed', reason: 'closed-epoch' })
      await expect(ofCleo.open(before, cleo)).rejects.toThrow('closed-epoch')
      await ofCleo.open(now, cleo)
      await ofBob.open(now, bob)
      expect(await ofBob.append(now, logRoot(bob), [testMessage(2)])).toEqual({ type: 'ack' })
      await ofCleo.untilDoc(now, () => entriesOf(ofCleo, now).length === 1)
      expect(ofCleo.docs.get(now)?.getArray(logRoot(alice)).length).toBe(0)
      expect((await a.storage.chat(id))?.seq).toBe(2)
      // A device that has forgotten that its word was stored says it again: it is sent on to ask, once in a while, and the word reaches nobody.
      await ofAlice.open(now, alice)
      expect(await ofAlice.append(now, logRoot(alice), [testMessage(1)])).toEqual({ type: 'closed', reason: 'closed-epoch' })
      expect(await ofCleo.until(now, (heard) => heard.type === 'closed')).toEqual({ type: 'closed', reason: 'closed-epoch' })
      const next = chatDocument(id, (await a.storage.chat(id))?.epoch ?? chat.chat.epoch)
      for (const [client, user] of [[ofAlice, alice] as const, [ofCleo, cleo] as const]) await client.open(next, user)
      expect(await ofAlice.append(next, logRoot(alice), [testMessage(1)])).toEqual({ type: 'closed', reason: 'slow-down' })
      expect([now, next].map((name) => ofCleo.docs.get(name)?.getArray(logRoot(alice)).length)).toEqual([0, 0])
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
      const mine = { mutedUntil: null, pinned: true, archived: false, draft: '', unreadAfter: null, hidden: [], changedAt: 5 }
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
      server.sync.blockChanged(alice, bob, id, true)
      await b.until(name, told(false), from)
      from = b.count(name)
      await a.close()
      const back = await RawClient.connect(server.url)
      await back.open(`user/${alice}`, alice)
      await server.storage.unblock(alice, bob, id)
      server.sync.blockChanged(alice, bob, id, false)
      await b.until(name, told(true), from)
      expect((b.heard.get(name) ?? []).slice(from).filter(told(false))).toEqual([])
    })

    const typing = (client: number, clock: number, user: UserId): Uint8Array =>
      encoding.encode((encoder) => {
        for (const n of [1, client, clock]) encoding.writeVarUint(encoder, n)
        encoding.writeVarString(encoder, JSON.stringify({ user, typing: true }))
      })
    const states = (heard: Heard): unknown[] => (heard.type === 'awareness' ? [...heard.states.values()] : [])
    const isOf =
      (user: UserId) =>
      (heard: Heard): boolean =>
        states(heard).some((state) => JSON.stringify(state ?? null).includes(user))
    const raise = async ({ storage, sync }: TestServer, chat: ChatId, user: UserId, seq: number) => {
      const result = (await storage.raiseMarks(user, new Map([[chat, [seq, seq]]]))).get(chat)
      if (result?.raised) sync.marksRaised(chat, user, result.marks, result.markPos)
      return result
    }

    test.each(['on this server', 'through another server'])(
      'BLOCK-3: neither typing nor marks go from one to the other, in chats that were open before and that are opened then, until the block ends: %s',
      async (where) => {
        const { server, alice, bob } = await scene()
        await using by = server
        await using second = where === 'on this server' ? null : await startTestServer({ databaseUrl: by })
        const here = second ?? by
        const { id, document } = await by.chat(alice, bob)
        const [a, b] = [await RawClient.connect(here.url), await RawClient.connect(here.url)]
        await a.open(document, alice)
        await b.open(document, bob)
        for (const n of [1, 2, 3]) await a.append(document, logRoot(alice), [testMessage(n)])
        // Before the block both see what there is.
        a.awareness(document, typing(71, 1, alice))
        b.awareness(document, typing(72, 1, bob))
        await raise(here, id, alice, 1)
        await b.until(document, (heard) => states(heard).some((state) => JSON.stringify(state).includes(`"${alice}":[1,1]`)))
        await a.until(document, isOf(bob))
        await b.until(document, (heard) => isOf(alice)(heard) && states(heard).some((state) => JSON.stringify(state).includes('typing')))

        const markPos = (await here.storage.chat(id))?.markPos
        const from = [a.count(document), b.count(document)] as const
        await by.storage.block(alice, bob, id)
        by.sync.blockChanged(alice, bob, id, true)
        // What was shown is taken back: the marks, and both who type.
        const isBlank = (heard: Heard): boolean => states(heard).some((state) => JSON.stringify(state) === '{"server":true}')
        for (const [client, since] of [
          [a, from[0]],
          [b, from[1]],
        ] as const) {
          await client.until(document, isBlank, since)
          await client.until(document, (heard) => heard.type === 'awareness' && heard.states.get(71) === null, since)
          await client.until(document, (heard) => heard.type === 'awareness' && heard.states.get(72) === null, since)
        }
        const quiet = [a.count(document), b.count(document)] as const
        const late = await RawClient.connect(here.url)
        await late.open(document, bob)
        await late.until(document, isBlank)
        a.awareness(document, typing(71, 2, alice))
        b.awareness(document, typing(72, 2, bob))
        expect(await raise(here, id, alice, 2)).toMatchObject({ marks: [2, 2], raised: false, markPos })
        // What one may send, a deletion, comes to the other behind all of it.
        const gone = { type: 'delete', id: testId(90), at: '2026-01-01T00:00:00.000Z', target: testId(1) }
        expect(await a.append(document, logRoot(alice), [gone])).toEqual({ type: 'ack' })
        for (const client of [a, b, late]) await client.untilDoc(document, (doc) => doc.getArray('ledger').length === 5)
        expect((a.heard.get(document) ?? []).slice(quiet[0]).filter(isOf(bob))).toEqual([])
        expect((b.heard.get(document) ?? []).slice(quiet[1]).filter(isOf(alice))).toEqual([])
        expect((late.heard.get(document) ?? []).filter(isOf(alice))).toEqual([])

        await by.storage.unblock(alice, bob, id)
        by.sync.blockChanged(alice, bob, id, false)
        // The marks of now, also to those who had the chat closed: its place has moved.
        await b.until(document, (heard) => states(heard).some((state) => JSON.stringify(state).includes(`"${alice}":[2,2]`)), quiet[1])
        expect((await here.storage.chat(id))?.markPos).toBeGreaterThan(markPos ?? 0)
        a.awareness(document, typing(71, 3, alice))
        await b.until(document, (heard) => heard.type === 'awareness' && Boolean(heard.states.get(71)), quiet[1])
        await raise(here, id, bob, 3)
        await a.until(document, (heard) => states(heard).some((state) => JSON.stringify(state).includes(`"${bob}":[3,3]`)), quiet[0])
      },
    )
  })
}
