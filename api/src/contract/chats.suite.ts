// Chats: opening one, the list, history, messages over HTTP, seen, the ids question, changes.
import { expect, test } from 'vitest'
import { checkOperation, genesisHead, nextHead, tagBytes, type ChatId, type Entry, type Head, type MessageView } from '@skein/protocol'
import { createApi } from '../index.ts'
import { ask, havingAll, matching, refusal, sha256, type Answer, type Person, type World } from './world.suite.ts'

type Chat = { id: ChatId; document: string; lastMessage: MessageView | null; unread: number; rev: number; seq: number; members: object[] }
const chatOf = (answer: Answer): Chat => answer.body['chat'] as Chat
const messageOf = (answer: Answer): MessageView => answer.body['message'] as MessageView

export function chatTests(world: () => World): void {
  async function say(person: Person, chat: ChatId, text: string, key?: string): Promise<Answer> {
    world().clock.now += 1000
    return person.post(`/api/chats/${chat}/messages`, { text }, key === undefined ? {} : { 'idempotency-key': key })
  }

  test('a direct chat is opened once, by person or by email, from either side', async () => {
    const [alice, bob] = [await world().person('Alice'), await world().person('Bob')]
    const first = await alice.post('/api/chats', { userId: bob.id })
    expect(first.status).toBe(201)
    expect(first.body).toEqual({
      chat: {
        id: matching(/^[0-9a-z]{26}$/),
        kind: 'direct',
        title: null,
        titleAt: null,
        pictureUrl: null,
        pictureAt: null,
        history: 'all',
        historyFrom: 0,
        members: havingAll([
          { id: alice.id, name: 'Alice', mayInvite: false, mayRemove: false },
          { id: bob.id, name: 'Bob', mayInvite: false, mayRemove: false },
        ]),
        marks: { [alice.id]: [0, 0], [bob.id]: [0, 0] },
        document: matching(new RegExp(`^chat/${chatOf(first).id}/1-[0-9a-f]{16}$`)),
        mine: { mutedUntil: null, pinned: false, archived: false, draft: '', unreadAfter: null, hidden: [], changedAt: null },
        lastMessage: null,
        pins: [],
        unread: 0,
        rev: 1,
        seq: 0,
        erasedPos: 0,
      },
    })
    for (const again of [await alice.post('/api/chats', { email: bob.email.toUpperCase() }), await bob.post('/api/chats', { userId: alice.id })]) {
      expect(again.status).toBe(200)
      expect(chatOf(again)).toMatchObject({ id: chatOf(first).id, document: chatOf(first).document, rev: 1 })
    }
    expect(await alice.get(`/api/chats/${chatOf(first).id}`)).toMatchObject({ status: 200, body: first.body })
    const created = world().notices.filter((notice) => notice.kind === 'created' && notice.chat === chatOf(first).id)
    expect(created).toHaveLength(1)
  })

  test('both sides opening it at once get one chat', async () => {
    const [alice, bob] = [await world().person(), await world().person()]
    const answers = await Promise.all([
      alice.post('/api/chats', { userId: bob.id }),
      bob.post('/api/chats', { userId: alice.id }),
      alice.post('/api/chats', { email: bob.email }),
    ])
    expect(answers.map((answer) => String(answer.status)).sort()).toEqual(['200', '200', '201'])
    expect(new Set(answers.map((answer) => chatOf(answer).document)).size).toBe(1)
  })

  test('no chat with nobody, nor with oneself', async () => {
    const alice = await world().person()
    expect(await alice.post('/api/chats', { userId: '0'.repeat(26) })).toMatchObject(refusal(404, 'no-such-person'))
    expect(await alice.post('/api/chats', { email: 'nobody@example.org' })).toMatchObject(refusal(404, 'no-such-person'))
    expect(await alice.post('/api/chats', { userId: alice.id })).toMatchObject(refusal(400, 'bad-request'))
    expect(await alice.post('/api/chats', { email: alice.email })).toMatchObject(refusal(400, 'bad-request'))
  })

  test('the list holds one’s chats, the last active first, with last message and unread count, page by page', async () => {
    const alice = await world().person()
    const chats: ChatId[] = []
    for (let i = 0; i < 3; i++) {
      const other = await world().person()
      const chat = chatOf(await other.post('/api/chats', { userId: alice.id })).id
      await say(other, chat, `hello ${i}`)
      chats.unshift(chat)
    }
    const first = await alice.get('/api/chats?limit=2')
    const second = await alice.get(`/api/chats?limit=2&cursor=${encodeURIComponent(String(first.body['nextCursor']))}`)
    const listed = [first, second].flatMap((page) => page.body['chats'] as Chat[])
    expect(listed.map((chat) => chat.id)).toEqual(chats)
    expect(listed.map((chat) => chat.lastMessage?.text)).toEqual(['hello 2', 'hello 1', 'hello 0'])
    expect(listed.map((chat) => chat.unread)).toEqual([1, 1, 1])
    expect(second.body['nextCursor']).toBeNull()
  })

  test('a message over HTTP is stored, and has the shape of the stable surface', async () => {
    const { alice, bob, chat } = await world().pair()
    const answer = await say(alice, chat, 'Grüße 👋🏽', 'first')
    const time = new Date(world().clock.now).toISOString()
    const message = {
      id: matching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      chatId: chat,
      seq: 1,
      rev: 2,
      authorId: alice.id,
      text: 'Grüße 👋🏽',
      createdAt: time,
      receivedAt: time,
      editedAt: null,
      deletedAt: null,
      replyTo: null,
      mentions: [],
      reactions: [],
    }
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 201, body: { message } })
    expect((await bob.get(`/api/chats/${chat}/messages`)).body).toEqual({ messages: [messageOf(answer)], nextCursor: null, rev: 2 })
  })

  test('promise 4: the same key again is 200 and the same message, later and after an edit too', async () => {
    const { alice, chat } = await world().pair()
    const first = messageOf(await say(alice, chat, 'once', 'key'))
    const again = await say(alice, chat, 'once', 'key')
    expect({ status: again.status, body: again.body }).toEqual({ status: 200, body: { message: first } })
    const at = new Date(world().clock.now).toISOString()
    const edit = { type: 'edit', id: crypto.randomUUID(), at, target: first.id, text: 'changed' } as const
    const checked = checkOperation(edit)
    if (typeof checked === 'string') throw new Error(checked)
    await world().dependencies.sync.commitOperation(chat, alice.id, checked.operation, checked.text)
    expect(await say(alice, chat, 'once', 'key')).toMatchObject({ status: 200, body: { message: { id: first.id, seq: 1, text: 'changed' } } })
    expect(await say(alice, chat, 'changed', 'key')).toMatchObject(refusal(409, 'key-reused'))
    expect(chatOf(await alice.get(`/api/chats/${chat}`)).seq).toBe(1)
  })

  test('the same key with other words is 409, and stores nothing', async () => {
    const { alice, chat } = await world().pair()
    await say(alice, chat, 'once', 'key')
    expect(await say(alice, chat, 'other', 'key')).toMatchObject(refusal(409, 'key-reused'))
    expect(chatOf(await alice.get(`/api/chats/${chat}`))).toMatchObject({ seq: 1, rev: 2 })
  })

  test('promise 4: a key is one person’s in one chat', async () => {
    const { alice, bob, chat } = await world().pair()
    const elsewhere = chatOf(await alice.post('/api/chats', { userId: (await world().person()).id })).id
    const answers = [await say(alice, chat, 'one', 'key'), await say(bob, chat, 'two', 'key'), await say(alice, elsewhere, 'three', 'key')]
    expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201])
    expect(new Set(answers.map((answer) => messageOf(answer).id)).size).toBe(3)
  })

  test('promise 4: one key many times at once, at different times, stores one message', async () => {
    const { alice, chat } = await world().pair()
    const { dependencies, clock } = world()
    const api = createApi({ ...dependencies, now: () => (clock.now += 1000) })
    const headers = {
      authorization: `Bearer ${await dependencies.accessTokens.issue({ sub: alice.id, name: alice.name, sid: 'session' })}`,
      'idempotency-key': 'key',
    }
    const send = (): Promise<Answer> => ask(api, 'POST', `/api/chats/${chat}/messages`, { body: { text: 'at once' }, headers })
    const answers = await Promise.all(Array.from({ length: 6 }, send))
    expect(answers.map((answer) => String(answer.status)).sort()).toEqual(['200', '200', '200', '200', '200', '201'])
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1)
    expect(chatOf(await alice.get(`/api/chats/${chat}`)).seq).toBe(1)
  })

  test('without a key each request is a message of its own', async () => {
    const { alice, chat } = await world().pair()
    const [one, two] = [await say(alice, chat, 'same'), await say(alice, chat, 'same')]
    expect([one.status, two.status]).toEqual([201, 201])
    expect(messageOf(one).id).not.toBe(messageOf(two).id)
  })

  test.each(['', '  ', '\0', 'a\u202eb', 'half \ud83d', 'x'.repeat(16_001)])('no message without fit words (%#)', async (text) => {
    const { alice, chat } = await world().pair()
    const answer = await say(alice, chat, text)
    expect(answer).toMatchObject(refusal(400, 'bad-request'))
    expect(answer.body['detail']).toMatch(/^text: /)
  })

  test('a text that fits, but not as JSON, is too large', async () => {
    const { alice, chat } = await world().pair()
    expect(await say(alice, chat, '\u0001'.repeat(15_000))).toMatchObject(refusal(413, 'too-large'))
  })

  test.each(['', 'two words', 'x'.repeat(256)])('an idempotency key is 1 to 255 visible characters (%#)', async (key) => {
    const { alice, chat } = await world().pair()
    const answer = await say(alice, chat, 'x', key)
    expect(answer).toMatchObject(refusal(400, 'bad-request'))
    expect(answer.body['detail']).toContain('idempotency-key')
  })

  test('C7: history pages backwards, oldest first within a page, by cursor and by time', async () => {
    const { alice, bob, chat } = await world().pair()
    const sent: MessageView[] = []
    for (let i = 1; i <= 5; i++) sent.push(messageOf(await say(alice, chat, `m${i}`)))
    const page = async (query: string): Promise<{ texts: string[]; nextCursor: unknown }> => {
      const answer = await bob.get(`/api/chats/${chat}/messages?${query}`)
      expect(answer.status).toBe(200)
      return { texts: (answer.body['messages'] as MessageView[]).map((message) => message.text), nextCursor: answer.body['nextCursor'] }
    }
    const newest = await page('limit=2')
    expect(newest.texts).toEqual(['m4', 'm5'])
    await say(alice, chat, 'm6')
    const older = await page(`limit=2&cursor=${String(newest.nextCursor)}`)
    expect(older.texts).toEqual(['m2', 'm3'])
    expect(await page(`limit=2&cursor=${String(older.nextCursor)}`)).toEqual({ texts: ['m1'], nextCursor: null })
    expect((await page(`limit=2&before=${sent[2]?.receivedAt}`)).texts).toEqual(['m1', 'm2'])
    const local = sent[2]?.receivedAt.replace('Z', '%2B00:00')
    expect((await page(`limit=2&before=${local}`)).texts).toEqual(['m1', 'm2'])
    expect((await page(`limit=2&before=${sent[2]?.receivedAt}&cursor=${String(newest.nextCursor)}`)).texts).toEqual(['m2', 'm3'])
  })

  test('C8: seen raises one’s mark to the newest of the messages, never lowers it, and says so once', async () => {
    const { alice, bob, chat } = await world().pair()
    const ids: string[] = []
    for (const text of ['a', 'b', 'c']) ids.push(messageOf(await say(alice, chat, text)).id)
    const seen = (messageIds: unknown[]): Promise<Answer> => bob.post(`/api/chats/${chat}/messages/seen`, { messageIds })
    const raised = (): number => world().notices.filter((notice) => notice.kind === 'marks' && notice.chat === chat).length
    expect(await seen([ids[0], ids[1]])).toMatchObject({ status: 200, body: { seenSeq: 2 } })
    expect(world().notices.at(-1)).toEqual({ kind: 'marks', chat, user: bob.id, marks: [2, 2], markPos: world().clock.now })
    expect(raised()).toBe(1)
    expect((await seen([ids[0]])).body).toEqual({ seenSeq: 2 })
    expect((await seen([])).body).toEqual({ seenSeq: 2 })
    expect((await seen([crypto.randomUUID()])).body).toEqual({ seenSeq: 2 })
    expect(raised()).toBe(1)
    expect(chatOf(await bob.get(`/api/chats/${chat}`)).unread).toBe(1)
  })

  test('stored: which of one’s own ids are there, and whether the epoch is over', async () => {
    const { alice, bob, chat } = await world().pair()
    const { id } = messageOf(await say(alice, chat, 'a'))
    const epoch = chatOf(await alice.get(`/api/chats/${chat}`)).document.split('/')[2]
    const unknown = crypto.randomUUID()
    const stored = (person: Person, name: unknown): Promise<Answer> => person.post(`/api/chats/${chat}/stored`, { ids: [id, unknown], epoch: name })
    expect((await stored(alice, epoch)).body).toEqual({ stored: [[id, null]], closed: false })
    expect((await stored(alice, '7-0123456789abcdef')).body).toEqual({ stored: [[id, null]], closed: true })
    expect((await stored(bob, epoch)).body).toEqual({ stored: [], closed: false })
  })

  test('changes: the entries continue the chain, carry their operations, and end at a head that a tag proves', async () => {
    const { alice, bob, chat } = await world().pair()
    for (const text of ['a', 'b', 'c']) await say(alice, chat, text)
    await bob.post('/api/marks', { marks: { [chat]: [2, 1] } })
    const { status, body } = await bob.get(`/api/chats/${chat}/changes`)
    expect(status).toBe(200)
    const entries = body['entries'] as Entry[]
    for (const entry of entries)
      expect(Object.keys(entry).sort()).toEqual(['at', 'authorId', 'code', 'id', 'kind', 'operation', 'rev', 'salt', 'seq', 'tag'])
    expect(entries.map((entry) => [entry.rev, entry.seq, entry.kind])).toEqual([
      [1, 0, 'create'],
      [2, 1, 'message'],
      [3, 2, 'message'],
      [4, 3, 'message'],
    ])
    const heads: Head[] = [genesisHead(chat, sha256)]
    for (const entry of entries) heads.push(nextHead(heads.at(-1) as Head, entry, sha256))
    expect(body['head']).toBe(heads.at(-1))
    expect(world().chain.verifyTag(tagBytes(chat, 4, heads.at(-1) as Head), entries.at(-1)?.tag ?? '')).toBe(true)
    expect(body['members']).toHaveLength(2)
    expect((body['marks'] as Record<string, unknown>)[bob.id]).toEqual([2, 1])
    expect(body['more']).toBe(false)

    const rest = await bob.get(`/api/chats/${chat}/changes?since=2&head=${heads[2]}`)
    expect((rest.body['entries'] as Entry[]).map((entry) => entry.rev)).toEqual([3, 4])
  })

  test('changes: a head that the server does not have is 409', async () => {
    const { alice, chat } = await world().pair()
    const head = 'A'.repeat(43)
    expect(await alice.get(`/api/chats/${chat}/changes?since=1&head=${head}`)).toMatchObject(refusal(409, 'unknown-head'))
    expect(await alice.get(`/api/chats/${chat}/changes?since=99&head=${head}`)).toMatchObject(refusal(409, 'unknown-head'))
  })

  test('promise 8: a stranger’s list, feed and marks know nothing of the chat', async () => {
    const { chat } = await world().pair()
    const eve = await world().person()
    expect((await eve.get('/api/chats')).body).toEqual({ chats: [], nextCursor: null })
    expect((await eve.get('/api/feed')).body['chats']).toEqual([])
    expect((await eve.post('/api/marks', { marks: { [chat]: [1, 1] } })).body).toEqual({ marks: {}, markPos: {} })
  })

  test('promise 8: who is taken out while a slow database is read for them is not shown what it gave', async () => {
    const { dependencies, clock, storage } = world()
    const [alice, bob] = [await world().person(), await world().person()]
    const chat = await world().groupWithout(alice, await world().person())
    const member = `/api/chats/${chat}/members`
    const path = `/api/chats/${chat}/changes`
    const slowly = (ms: number, meanwhile: () => Promise<unknown>) =>
      createApi({
        ...dependencies,
        storage: {
          ...storage,
          async changes(...asked) {
            const page = await storage.changes(...asked)
            await meanwhile()
            clock.now += ms
            return page
          },
        },
      })
    expect(await alice.post(member, { userId: bob.id })).toMatchObject({ status: 201 })
    const token = await dependencies.accessTokens.issue({ sub: bob.id, name: bob.name, sid: 'session' })
    const headers = { authorization: `Bearer ${token}` }
    const stay = slowly(5_000, async () => {})
    expect(await ask(stay, 'GET', path, { headers })).toMatchObject({ status: 200 })
    const leave = slowly(5_000, () => alice.ask('DELETE', `${member}/${bob.id}`))
    expect(await ask(leave, 'GET', path, { headers })).toMatchObject(refusal(404, 'no-such-chat'))
  })
}
