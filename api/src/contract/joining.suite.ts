// Groups whose history begins, for whoever joins, where they joined: every way of reading over HTTP (CHAT-9).
import { expect, test } from 'vitest'
import type { ChatId } from '@skein/protocol'
import { badRequest, refusal, type Answer, type Person, type World } from './world.suite.ts'

const texts = (answer: Answer): string[] => (answer.body['messages'] as { text: string }[]).map(({ text }) => text)
const idOf = (answer: Answer): string => (answer.body['message'] as { id: string }).id

export function joiningTests(world: () => World): void {
  async function exported(person: Person, chat: ChatId): Promise<string[]> {
    const token = await world().dependencies.accessTokens.issue({ sub: person.id, name: person.name, sid: 'session' })
    const response = await world().api.request(`/api/chats/${chat}/export`, { headers: { authorization: `Bearer ${token}` } })
    return (await response.text()).trim().split('\n')
  }
  async function scene() {
    const [alice, bob, cleo] = [await world().person('Alice'), await world().person('Bob'), await world().person('Cleo')]
    const made = await alice.post('/api/chats', { kind: 'group', memberIds: [bob.id], history: 'joined' })
    const { id } = made.body['chat'] as { id: ChatId }
    const path = `/api/chats/${id}`
    const hidden = idOf(await alice.post(`${path}/messages`, { text: 'hidden' }))
    const of = (person: Person, message: string, more = '') => person.get(`${path}/messages/${message}${more}`)
    return { alice, bob, cleo, id, path, hidden, of, made }
  }

  test('CHAT-9, promise 8: no page, message, answer, export, entry or report holds what was said before one joined', async () => {
    const { alice, bob, cleo, id, path, hidden, of, made } = await scene()
    expect(made.body['chat']).toMatchObject({ history: 'joined', historyFrom: 0 })
    const joined = await alice.post(`${path}/members`, { userId: cleo.id })
    expect(joined.status).toBe(201)
    expect((await cleo.get(path)).body['chat']).toMatchObject({ history: 'joined', historyFrom: 1, lastMessage: null, unread: 0, seq: 1 })
    expect((await cleo.get('/api/chats')).body['chats']).toMatchObject([{ id, historyFrom: 1, lastMessage: null }])
    expect((await cleo.get(`${path}/messages`)).body).toEqual({ messages: [], nextCursor: null, rev: expect.any(Number) })
    const shown = idOf(await bob.post(`${path}/messages`, { text: 'shown' }))
    await alice.ask('PATCH', `${path}/messages/${hidden}`, { text: 'hidden still' })
    for (const query of ['', '?limit=1', `?before=${new Date(world().clock.now + 1).toISOString()}`])
      expect([query, texts(await cleo.get(`${path}/messages${query}`))]).toEqual([query, ['shown']])
    expect(texts(await bob.get(`${path}/messages`))).toEqual(['hidden still', 'shown'])

    const none = refusal(404, 'no-such-message')
    expect(await of(cleo, hidden)).toMatchObject(none)
    expect((await of(cleo, shown)).status).toBe(200)
    expect(await cleo.ask('PATCH', `${path}/messages/${hidden}`, { text: 'x' })).toMatchObject(none)
    expect(await cleo.ask('DELETE', `${path}/messages/${hidden}`)).toMatchObject(none)
    expect(await cleo.ask('PUT', `${path}/messages/${hidden}/reactions/${encodeURIComponent('👍')}`)).toMatchObject(none)
    // Pinned for those who see it.
    expect(await cleo.ask('PUT', `${path}/messages/${hidden}/pin`)).toMatchObject(none)
    expect((await bob.ask('PUT', `${path}/messages/${hidden}/pin`)).status).toBe(200)
    expect((await cleo.get(path)).body['chat']).toMatchObject({ pins: [{ authorId: alice.id, id: hidden, message: null }] })
    expect((await bob.get(path)).body['chat']).toMatchObject({ pins: [{ message: { text: 'hidden still' } }] })
    const report = (message: string) =>
      cleo.post('/api/reports', { chatId: id, messages: [{ authorId: message === hidden ? alice.id : bob.id, id: message }], reason: 'Look.' })
    expect(await report(hidden)).toMatchObject(none)
    expect((await report(shown)).status).toBe(201)

    const changes = (await cleo.get(`${path}/changes?since=0`)).body
    expect(changes['begins']).toMatchObject({ rev: 2, seq: 1 })
    expect((changes['entries'] as { kind: string }[]).map(({ kind }) => kind)).toEqual(['join', 'message', 'edit', 'pin'])
    expect((await bob.get(`${path}/changes?since=0`)).body['begins']).toBeNull()
    const lines = await exported(cleo, id)
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { type: 'chat', history: 'joined', historyFrom: 1, pins: [] },
      { type: 'message', text: 'shown', seq: 2 },
      { type: 'end', messages: 1 },
    ])
    expect((await exported(bob, id)).length).toBe(4)
  })

  test('CHAT-9: so it is by a link, too; it is a group’s to say', async () => {
    const { alice, cleo, path } = await scene()
    const link = await alice.post(`${path}/links`, {})
    expect((await cleo.post('/api/join', { token: link.body['token'] })).status).toBe(201)
    expect(texts(await cleo.get(`${path}/messages`))).toEqual([])
    expect(await alice.post('/api/chats', { userId: cleo.id, history: 'joined' })).toMatchObject(badRequest('history'))
    expect(await alice.post('/api/chats', { kind: 'group', memberIds: [], history: 'none' })).toMatchObject(badRequest('history'))
    const open = await alice.post('/api/chats', { kind: 'group', memberIds: [] })
    expect(open.body['chat']).toMatchObject({ history: 'all' })
  })
}
