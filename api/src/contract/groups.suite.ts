// Groups over HTTP: making one, who is in it and may do what, how it looks, links, and what each member wants of a chat.
import { expect, test } from 'vitest'
import { MAX_GROUP_MEMBERS, MAX_LINK_MS, MAX_LINK_USES, MAX_HIDDEN_MESSAGES, MAX_TEXT_LENGTH, type ChatId, type UserId } from '@skein/protocol'
import { createApi } from '../index.ts'
import { createRateLimits } from '../rate-limits.ts'
import { HTTP_RATES } from '@skein/protocol'
import { anyText, ask, badRequest, matching, refusal, type Answer, type Person, type World } from './world.suite.ts'

interface Chat {
  id: ChatId
  title: string | null
  pictureUrl: string | null
  members: { id: UserId; name: string; mayInvite: boolean; mayRemove: boolean }[]
  mine: object
  rev: number
}
const chatOf = (answer: Answer): Chat => answer.body['chat'] as Chat

export function groupTests(world: () => World): void {
  async function crew() {
    const [alice, bob, cleo] = [await world().person('Alice'), await world().person('Bob'), await world().person('Cleo')]
    const answer = await alice.post('/api/chats', { kind: 'group', title: ' Crew 🛶 ', memberIds: [bob.id, bob.id] })
    expect(answer.status).toBe(201)
    const { id } = chatOf(answer)
    return { alice, bob, cleo, id, path: `/api/chats/${id}`, answer }
  }
  const mayOf = (chat: Chat) =>
    chat.members
      .map(({ name, mayInvite, mayRemove }) => `${name}${mayInvite ? ' invites' : ''}${mayRemove ? ' removes' : ''}`)
      .sort((a, b) => a.localeCompare(b))
  const seenBy = async (person: Person, path: string): Promise<Chat> => chatOf(await person.get(path))

  test('CHAT-6: a group is made with its people; who makes it may invite and remove, and everybody is told once', async () => {
    const { alice, bob, id, answer } = await crew()
    expect(answer.body['chat']).toMatchObject({ kind: 'group', title: 'Crew 🛶', pictureUrl: null, rev: 1, document: matching(/^chat\//) })
    expect(mayOf(chatOf(answer))).toEqual(['Alice invites removes', 'Bob'])
    expect(world().notices.filter((notice) => notice.kind === 'created' && notice.chat === id)).toEqual([
      { kind: 'created', chat: id, members: [alice.id, bob.id] },
    ])
    const list = (await bob.get('/api/chats')).body['chats'] as Chat[]
    expect(list.map((chat) => chat.id)).toEqual([id])
    // Nobody else needs to be in it, and it needs no name.
    const alone = await bob.post('/api/chats', { kind: 'group', memberIds: [] })
    expect([alone.status, chatOf(alone).title, mayOf(chatOf(alone))]).toEqual([201, null, ['Bob invites removes']])
  })

  test('promise 4: a group that is asked for again under one key is one group, and another one without', async () => {
    const [alice, bob] = [await world().person(), await world().person()]
    const make = (key?: string) =>
      alice.post('/api/chats', { kind: 'group', title: 'Once', memberIds: [bob.id] }, key === undefined ? {} : { 'idempotency-key': key })
    const answers = await Promise.all([make('key'), make('key'), make('key')])
    expect(answers.map(({ status }) => String(status)).sort()).toEqual(['200', '200', '201'])
    expect(new Set(answers.map((answer) => chatOf(answer).id)).size).toBe(1)
    expect(chatOf(await make()).id).not.toBe(chatOf(answers[0] ?? (await make())).id)
  })

  test('a group that is not well asked for is a 400 that names the field, and people who are not there are 404', async () => {
    const [alice, bob] = [await world().person(), await world().person()]
    const make = (body: object) => alice.post('/api/chats', { kind: 'group', ...body })
    expect(await make({ title: 'x' })).toMatchObject(badRequest('memberIds'))
    expect(await make({ memberIds: [bob.id, 'nobody'] })).toMatchObject(badRequest('memberIds.1'))
    expect(await make({ memberIds: Array(MAX_GROUP_MEMBERS).fill(bob.id) })).toMatchObject(badRequest('memberIds'))
    for (const title of ['', '  ', 'x'.repeat(81), 'a\u202eb', 7]) expect(await make({ title, memberIds: [] })).toMatchObject(badRequest('title'))
    expect(await make({ memberIds: [], userId: bob.id })).toMatchObject(badRequest('userId'))
    expect(await make({ memberIds: [], admin: true })).toMatchObject(refusal(400, 'bad-request'))
    expect(await alice.post('/api/chats', { kind: 'club', memberIds: [] })).toMatchObject(badRequest('kind'))
    expect(await alice.post('/api/chats', { userId: bob.id, title: 'x' })).toMatchObject(badRequest('title'))
    expect(await make({ memberIds: ['0'.repeat(26)] })).toMatchObject(refusal(404, 'no-such-person'))
    await world().storage.eraseUser(bob.id)
    expect(await make({ memberIds: [bob.id] })).toMatchObject(refusal(404, 'no-such-person'))
  })

  test('CHAT-5, CHAT-6: members invite, remove and leave as they may, and the same again is the same', async () => {
    const { alice, bob, cleo, path } = await crew()
    expect(await bob.post(`${path}/members`, { userId: cleo.id })).toMatchObject(refusal(403, 'forbidden'))
    expect(await alice.post(`${path}/members`, { email: cleo.email.toUpperCase() })).toMatchObject({ status: 201, body: { chat: { rev: 2 } } })
    expect(await alice.post(`${path}/members`, { userId: cleo.id })).toMatchObject({ status: 200, body: { chat: { rev: 2 } } })
    expect(mayOf(await seenBy(cleo, path))).toEqual(['Alice invites removes', 'Bob', 'Cleo'])
    expect(await bob.ask('DELETE', `${path}/members/${cleo.id}`)).toMatchObject(refusal(403, 'forbidden'))
    for (let i = 0; i < 2; i++) expect(await alice.ask('DELETE', `${path}/members/${bob.id}`)).toMatchObject({ status: 200, body: {} })
    expect(await bob.get(path)).toMatchObject(refusal(404, 'no-such-chat'))
    expect(await bob.get(`${path}/messages`)).toMatchObject(refusal(404, 'no-such-chat'))
    expect(await cleo.ask('DELETE', `${path}/members/${cleo.id}`)).toMatchObject({ status: 200 })
    expect(mayOf(await seenBy(alice, path))).toEqual(['Alice invites removes'])
    for (const id of ['nonsense', '%00', '__proto__']) expect(await alice.ask('DELETE', `${path}/members/${id}`)).toMatchObject({ status: 404 })
    expect(await alice.post(`${path}/members`, { userId: '0'.repeat(26) })).toMatchObject(refusal(404, 'no-such-person'))
    expect(await alice.post(`${path}/members`, { userId: bob.id, email: bob.email })).toMatchObject(refusal(400, 'bad-request'))
  })

  test('CHAT-6, CHAT-7: abilities are given and taken by who has them, and never end with somebody who goes', async () => {
    const { alice, bob, cleo, path } = await crew()
    const give = (by: Person, to: Person, abilities: object) => by.ask('PATCH', `${path}/members/${to.id}`, abilities)
    expect(await give(bob, bob, { mayInvite: true })).toMatchObject(refusal(403, 'forbidden'))
    expect(await give(alice, cleo, { mayInvite: true })).toMatchObject(refusal(404, 'no-such-member'))
    for (const body of [{}, { mayInvite: 1 }, { role: 'admin' }]) expect(await give(alice, bob, body)).toMatchObject(refusal(400, 'bad-request'))
    expect(mayOf(chatOf(await give(alice, bob, { mayInvite: true })))).toEqual(['Alice invites removes', 'Bob invites'])
    expect(await give(bob, alice, { mayRemove: false })).toMatchObject(refusal(403, 'forbidden'))
    expect(mayOf(chatOf(await give(bob, alice, { mayInvite: false })))).toEqual(['Alice removes', 'Bob invites'])
    expect(await give(alice, alice, { mayRemove: false })).toMatchObject(refusal(403, 'forbidden'))
    expect((await bob.post(`${path}/members`, { userId: cleo.id })).status).toBe(201)
    await alice.ask('DELETE', `${path}/members/${alice.id}`)
    expect(mayOf(await seenBy(bob, path))).toEqual(['Bob invites removes', 'Cleo'])
  })

  test('CHAT-8: any member gives a group a title and a picture; a direct chat stays what it is', async () => {
    const { alice, bob, path } = await crew()
    const time = matching(/^\d{4}-\d\d-\d\dT.*Z$/)
    const answer = await bob.ask('PATCH', path, { title: 'Boat', pictureUrl: 'https://example.org/b.png' })
    expect(answer).toMatchObject({
      status: 200,
      body: { chat: { title: 'Boat', titleAt: time, pictureUrl: 'https://example.org/b.png', pictureAt: time, rev: 3 } },
    })
    expect(await alice.ask('PATCH', path, { title: 'Boat' })).toMatchObject({ status: 200, body: { chat: { rev: 3 } } })
    expect(await alice.ask('PATCH', path, { title: null, pictureUrl: null })).toMatchObject({ body: { chat: { title: null, pictureUrl: null } } })
    for (const body of [{}, { title: '' }, { pictureUrl: 'http://example.org' }, { pictureUrl: 'javascript:1' }, { kind: 'direct' }])
      expect(await alice.ask('PATCH', path, body)).toMatchObject(refusal(400, 'bad-request'))
    const pair = await world().pair()
    const direct = `/api/chats/${pair.chat}`
    const refused = refusal(403, 'forbidden')
    expect(await pair.alice.ask('PATCH', direct, { title: 'Us' })).toMatchObject(refused)
    expect(await pair.alice.post(`${direct}/members`, { userId: bob.id })).toMatchObject(refused)
    expect(await pair.alice.ask('DELETE', `${direct}/members/${pair.alice.id}`)).toMatchObject(refused)
    expect(await pair.alice.ask('PATCH', `${direct}/members/${pair.bob.id}`, { mayRemove: true })).toMatchObject(refused)
    expect(await pair.alice.post(`${direct}/links`, {})).toMatchObject(refused)
  })

  test('mute, pin and archive stand in one’s own list alone, and one’s other devices are told', async () => {
    const { alice, bob, id, path } = await crew()
    const until = new Date(world().clock.now + 3_600_000).toISOString()
    const mine = {
      mutedUntil: until,
      pinned: true,
      archived: false,
      draft: '',
      unreadAfter: null,
      hidden: [],
      changedAt: new Date(world().clock.now).toISOString(),
    }
    expect(await alice.ask('PATCH', `${path}/mine`, { mutedUntil: until.replace('Z', '+00:00'), pinned: true })).toMatchObject({
      status: 200,
      body: { mine },
    })
    expect(world().notices.at(-1)).toEqual({
      kind: 'mine',
      user: alice.id,
      chat: id,
      mine: { ...mine, mutedUntil: Date.parse(until), changedAt: world().clock.now },
    })
    expect((await seenBy(alice, path)).mine).toEqual(mine)
    expect(((await alice.get('/api/chats')).body['chats'] as Chat[])[0]?.mine).toEqual(mine)
    expect((await alice.get('/api/feed')).body['chats']).toMatchObject([{ id, mine }])
    expect((await seenBy(bob, path)).mine).toEqual({
      mutedUntil: null,
      pinned: false,
      archived: false,
      draft: '',
      unreadAfter: null,
      hidden: [],
      changedAt: null,
    })
    const draft = 'x'.repeat(MAX_TEXT_LENGTH)
    expect((await alice.ask('PATCH', `${path}/mine`, { draft })).body['mine']).toMatchObject({
      ...mine,
      draft,
      changedAt: expect.any(String) as string,
    })
    expect((await alice.ask('PATCH', `${path}/mine`, { mutedUntil: null })).body['mine']).toMatchObject({ mutedUntil: null, pinned: true })
    expect((await alice.ask('PATCH', `${path}/mine`, { unreadAfter: 0 })).body['mine']).toMatchObject({ draft, pinned: true, unreadAfter: 0 })
    expect((await seenBy(bob, path)).mine).toMatchObject({ unreadAfter: null })
    expect((await alice.ask('PATCH', `${path}/mine`, { unreadAfter: null })).body['mine']).toMatchObject({ unreadAfter: null })
    for (const body of [
      {},
      { mutedUntil: 'soon' },
      { pinned: 'yes' },
      { draft: 'x'.repeat(MAX_TEXT_LENGTH + 1) },
      { unreadAfter: -1 },
      { unreadAfter: 1.5 },
      { hide: [] },
      { hide: [0] },
      { show: 3 },
      { draft: '\0' },
      { draft: '\ud800' },
    ])
      expect(await alice.ask('PATCH', `${path}/mine`, body)).toMatchObject({ status: 400 })
  })

  test('promise 1: what one hides from oneself stands in one’s own list alone, and one’s other devices are told; more than MAX_HIDDEN_MESSAGES are refused', async () => {
    const { alice, bob, id, path } = await crew()
    const hide = async (body: object) => (await alice.ask('PATCH', `${path}/mine`, body)).body['mine']
    expect(await hide({ hide: [7, 3] })).toMatchObject({ hidden: [3, 7] })
    expect(world().notices.at(-1)).toMatchObject({ kind: 'mine', user: alice.id, chat: id, mine: { hidden: [3, 7] } })
    expect(await hide({ hide: [5], show: [3] })).toMatchObject({ hidden: [5, 7] })
    expect((await seenBy(alice, path)).mine).toMatchObject({ hidden: [5, 7] })
    expect((await seenBy(bob, path)).mine).toMatchObject({ hidden: [] })
    const many = Array.from({ length: MAX_HIDDEN_MESSAGES }, (_, n) => n + 10)
    expect(await alice.ask('PATCH', `${path}/mine`, { hide: many, archived: true })).toMatchObject(refusal(409, 'too-many'))
    expect((await seenBy(alice, path)).mine).toMatchObject({ hidden: [5, 7], archived: false })
  })

  test('a link lets people in until it expires, is used up or revoked; then, and for any other token, the answer is the same', async () => {
    const { alice, bob, cleo, path } = await crew()
    const join = (person: Person, token: unknown) => person.post('/api/join', { token })
    const make = (body: object = {}) => alice.post(`${path}/links`, body)
    expect(await bob.post(`${path}/links`, {})).toMatchObject(refusal(403, 'forbidden'))
    const first = await make({ maxUses: 1 })
    expect(first).toMatchObject({
      status: 201,
      body: { token: matching(/^[\w-]{43}$/), link: { createdBy: alice.id, maxUses: 1, uses: 0, expiresAt: anyText } },
    })
    const used = String(first.body['token'])
    const listed = await alice.get(`${path}/links`)
    expect(listed.body).toEqual({ links: [first.body['link']] })
    expect(JSON.stringify(listed.body)).not.toContain(used)
    expect(await bob.get(`${path}/links`)).toMatchObject(refusal(403, 'forbidden'))
    // Who is in it uses up nothing.
    expect(await join(bob, used)).toMatchObject({ status: 200 })
    expect(await join(cleo, used)).toMatchObject({ status: 201, body: { chat: { title: 'Crew 🛶', unread: 0 } } })
    expect(await join(cleo, used)).toMatchObject(refusal(404, 'no-such-link'))

    const dan = await world().person()
    const [revoked, late] = [await make(), await make({ expiresAt: new Date(world().clock.now + 5_000).toISOString() })]
    const { id } = revoked.body['link'] as { id: string }
    expect(await bob.ask('DELETE', `${path}/links/${id}`)).toMatchObject(refusal(403, 'forbidden'))
    expect(await alice.ask('DELETE', `${path}/links/${id}`)).toMatchObject({ status: 200 })
    expect(await alice.ask('DELETE', `${path}/links/${id}`)).toMatchObject(refusal(404, 'no-such-link'))
    for (const other of ['nonsense', '%00', '%F0%9F%94%91', '__proto__', 'x'.repeat(100)])
      expect(await alice.ask('DELETE', `${path}/links/${other}`)).toMatchObject(refusal(404, 'no-such-link'))
    world().clock.now += 5_000
    const answers: Answer[] = []
    for (const token of [used, revoked.body['token'], late.body['token'], 'x', '', '\0', '🔑'.repeat(50)]) answers.push(await join(dan, token))
    for (const answer of answers) expect({ ...answer.body, status: answer.status }).toEqual({ ...answers[0]?.body, status: 404 })
    expect(await join(dan, 'x'.repeat(201))).toMatchObject(badRequest('token'))
    for (const body of [{ maxUses: 0 }, { maxUses: 1.5 }, { maxUses: MAX_LINK_USES + 1 }, { expiresAt: new Date(world().clock.now).toISOString() }])
      expect(await make(body)).toMatchObject(refusal(400, 'bad-request'))
    expect(await make({ expiresAt: new Date(world().clock.now + MAX_LINK_MS + 1).toISOString() })).toMatchObject(badRequest('expiresAt'))
  })

  test('a link is worth what its maker may, and brings nobody back who was taken out, or who is apart from its maker', async () => {
    const { alice, bob, cleo, path } = await crew()
    const token = String((await alice.post(`${path}/links`, {})).body['token'])
    const join = (person: Person) => person.post('/api/join', { token })
    await alice.ask('DELETE', `${path}/members/${bob.id}`)
    expect(await join(bob)).toMatchObject(refusal(404, 'no-such-link'))
    await cleo.ask('PUT', `/api/users/${alice.id}/block`)
    expect(await join(cleo)).toMatchObject(refusal(404, 'no-such-link'))
    await cleo.ask('DELETE', `/api/users/${alice.id}/block`)
    expect(await join(cleo)).toMatchObject({ status: 201 })
    await alice.ask('DELETE', `${path}/members/${alice.id}`)
    expect(await join(await world().person())).toMatchObject(refusal(404, 'no-such-link'))
  })

  test('R1: tokens are tried a bounded number of times', async () => {
    const api = createApi({ ...world().dependencies, rateLimits: createRateLimits(null, { ...HTTP_RATES, join: { quota: 2, seconds: 60 } }) })
    const eve = await world().person()
    const headers = { authorization: `Bearer ${await world().dependencies.accessTokens.issue({ sub: eve.id, name: 'Eve', sid: 'session' })}` }
    const statuses: number[] = []
    for (let i = 0; i < 3; i++) statuses.push((await ask(api, 'POST', '/api/join', { body: { token: `t${i}` }, headers })).status)
    expect(statuses).toEqual([404, 404, 429])
  })
}
