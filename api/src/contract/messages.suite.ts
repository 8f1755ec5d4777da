// The contract of one message over HTTP: read, edit, delete, react, reply and mention, each once for its key.
import { expect, test } from 'vitest'
import { MAX_REACTIONS_PER_PERSON, type ChatId, type MessageView } from '@skein/protocol'
import { createApi } from '../index.ts'
import { ask, badRequest, refusal, type Answer, type Person, type World } from './world.suite.ts'

const messageOf = (answer: Answer): MessageView => answer.body['message'] as MessageView

export function messageTests(world: () => World): void {
  /** Two people, their chat and a message of Alice's in it. */
  async function scene() {
    const { alice, bob, chat } = await world().pair()
    const word = messageOf(await alice.post(`/api/chats/${chat}/messages`, { text: 'a word' }))
    world().clock.now += 1_000
    return { alice, bob, chat, word, path: `/api/chats/${chat}/messages/${word.id}` }
  }
  const revOf = async (person: Person, chat: ChatId): Promise<number> =>
    ((await person.get(`/api/chats/${chat}`)).body['chat'] as { rev: number }).rev
  const keyed = (key: string): Record<string, string> => ({ 'idempotency-key': key })

  test('C7: one message by its id, as the history shows it', async () => {
    const { bob, chat, word, path } = await scene()
    expect(await bob.get(path)).toMatchObject({ status: 200, body: { message: word } })
    const elsewhere = (await world().pair()).chat
    expect(await bob.get(path.replace(chat, elsewhere))).toMatchObject(refusal(404, 'no-such-chat'))
    for (const id of [crypto.randomUUID(), 'nonsense', '%00', word.id.toUpperCase()])
      expect(await bob.get(`/api/chats/${chat}/messages/${id}`)).toMatchObject(refusal(404, 'no-such-message'))
  })

  test('C11: edit, react, take back and delete, by the same path as everybody’s operations', async () => {
    const { alice, bob, chat, word, path } = await scene()
    const at = new Date(world().clock.now).toISOString()
    expect(await alice.ask('PATCH', path, { text: 'better' })).toMatchObject({
      status: 200,
      body: { message: { id: word.id, seq: 1, rev: 3, text: 'better', editedAt: at } },
    })
    const wave = `${path}/reactions/${encodeURIComponent('👋🏽')}`
    expect(messageOf(await bob.ask('PUT', wave)).reactions).toEqual([{ emoji: '👋🏽', userIds: [bob.id] }])
    expect(messageOf(await alice.ask('PUT', wave)).reactions).toEqual([{ emoji: '👋🏽', userIds: [bob.id, alice.id] }])
    expect(messageOf(await bob.ask('DELETE', wave)).reactions).toEqual([{ emoji: '👋🏽', userIds: [alice.id] }])
    expect(await alice.ask('DELETE', path)).toMatchObject({ status: 200, body: { message: { id: word.id, text: '', deletedAt: at, reactions: [] } } })
    const { entries } = (await bob.get(`/api/chats/${chat}/changes`)).body as { entries: { kind: string; authorId: string; code: string | null }[] }
    expect(entries.slice(1).map(({ kind, authorId, code }) => [kind, authorId, code])).toEqual([
      ['message', alice.id, null],
      ['edit', alice.id, null],
      ['react', bob.id, null],
      ['react', alice.id, null],
      ['react', bob.id, null],
      ['delete', alice.id, null],
    ])
  })

  test('PIN-1, PIN-2: a message is pinned and taken out by its address, once for its key; the chat says what is pinned', async () => {
    const { alice, bob, chat, word, path } = await scene()
    const pinned = async (person: Person): Promise<unknown> => ((await person.get(`/api/chats/${chat}`)).body['chat'] as { pins: unknown }).pins
    const pin = () => bob.ask('PUT', `${path}/pin`, undefined, keyed('pin'))
    expect(await pinned(alice)).toEqual([])
    expect(await pin()).toMatchObject({ status: 200, body: { message: { id: word.id, text: 'a word' } } })
    expect((await pin()).status).toBe(200)
    expect(await revOf(alice, chat)).toBe(3)
    expect(await pinned(alice)).toEqual([{ authorId: alice.id, id: word.id, message: word }])
    expect(await bob.ask('DELETE', `${path}/pin`, undefined, keyed('pin'))).toMatchObject(refusal(409, 'key-reused'))
    expect((await alice.ask('DELETE', `${path}/pin`)).status).toBe(200)
    expect(await pinned(bob)).toEqual([])
    await pin()
    expect(await pinned(bob)).toEqual([])
    for (const id of [crypto.randomUUID(), 'nonsense'])
      for (const method of ['PUT', 'DELETE'] as const)
        expect(await alice.ask(method, `/api/chats/${chat}/messages/${id}/pin`)).toMatchObject(refusal(404, 'no-such-message'))
    await alice.ask('PUT', `${path}/pin`)
    await alice.ask('DELETE', path)
    expect(await pinned(bob)).toEqual([])
    expect(await bob.ask('PUT', `${path}/pin`)).toMatchObject(refusal(409, 'deleted'))
    expect((await bob.ask('DELETE', `${path}/pin`)).status).toBe(200)
  })

  test('C11: a reply and mentions', async () => {
    const { alice, bob, chat, word } = await scene()
    const body = { text: 'yes', replyTo: word.id, replyToAuthor: alice.id, mentions: [alice.id] }
    const answer = await bob.post(`/api/chats/${chat}/messages`, body, keyed('reply'))
    expect(answer).toMatchObject({ status: 201, body: { message: { text: 'yes', replyTo: word.id, mentions: [alice.id] } } })
    expect(await bob.post(`/api/chats/${chat}/messages`, body, keyed('reply'))).toMatchObject({ status: 200, body: answer.body })
    for (const other of [{ text: 'yes' }, { ...body, mentions: [bob.id] }, { ...body, replyToAuthor: bob.id }])
      expect(await bob.post(`/api/chats/${chat}/messages`, other, keyed('reply'))).toMatchObject(refusal(409, 'key-reused'))
    const wrong: [object, string][] = [
      [{ text: 'x', replyTo: 'x' }, 'replyTo'],
      [{ text: 'x', mentions: ['x'] }, 'mentions.0'],
      [{ text: 'x', mentions: Array(51).fill(bob.id) }, 'mentions'],
    ]
    for (const [given, field] of wrong) expect(await bob.post(`/api/chats/${chat}/messages`, given)).toMatchObject(badRequest(field))
  })

  test('promise 4: each is done once for its key, and the answer is the same; another one with the key is 409', async () => {
    const { alice, chat, path } = await scene()
    const wave = `${path}/reactions/%F0%9F%91%8D`
    const asked = {
      edit: () => alice.ask('PATCH', path, { text: 'better' }, keyed('edit')),
      react: () => alice.ask('PUT', wave, undefined, keyed('react')),
      back: () => alice.ask('DELETE', wave, undefined, keyed('back')),
      remove: () => alice.ask('DELETE', path, undefined, keyed('remove')),
    }
    for (const question of Object.values(asked)) {
      const first = await question()
      world().clock.now += 1_000
      const again = await question()
      expect({ status: again.status, body: again.body }).toEqual({ status: 200, body: first.body })
    }
    expect(await revOf(alice, chat)).toBe(6)
    // After the deletion, too: what was done stays done.
    for (const question of Object.values(asked)) expect(await question()).toMatchObject({ status: 200, body: { message: { text: '' } } })
    for (const other of [
      alice.ask('PATCH', path, { text: 'other' }, keyed('edit')),
      alice.ask('PUT', `${path}/reactions/%F0%9F%91%8B`, undefined, keyed('react')),
      alice.ask('PUT', wave, undefined, keyed('back')),
      alice.ask('DELETE', path, undefined, keyed('edit')),
      alice.post(`/api/chats/${chat}/messages`, { text: 'better' }, keyed('edit')),
    ])
      expect(await other).toMatchObject(refusal(409, 'key-reused'))
    expect(await revOf(alice, chat)).toBe(6)
  })

  test('promise 4: one key many times at once edits once', async () => {
    const { alice, chat, path } = await scene()
    const { dependencies, clock } = world()
    const api = createApi({ ...dependencies, now: () => (clock.now += 1000) })
    const token = await dependencies.accessTokens.issue({ sub: alice.id, name: alice.name, sid: 'session' })
    const headers = { authorization: `Bearer ${token}`, ...keyed('edit') }
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(api, 'PATCH', path, { body: { text: 'better' }, headers })))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
    expect(await revOf(alice, chat)).toBe(3)
  })

  test('CHAT-2: what is not allowed is refused with its code, and nothing is stored', async () => {
    const { alice, bob, chat, path } = await scene()
    expect(await bob.ask('PATCH', path, { text: 'mine' })).toMatchObject(refusal(403, 'not-yours'))
    expect(await bob.ask('DELETE', path)).toMatchObject(refusal(403, 'not-yours'))
    for (const id of [crypto.randomUUID(), 'nonsense'])
      for (const [method, rest, body] of [
        ['PATCH', '', { text: 'x' }],
        ['DELETE', ''],
        ['PUT', '/reactions/x'],
        ['DELETE', '/reactions/x'],
      ] as const)
        expect(await alice.ask(method, `/api/chats/${chat}/messages/${id}${rest}`, body)).toMatchObject(refusal(404, 'no-such-message'))
    expect(await revOf(alice, chat)).toBe(2)
    for (const text of ['x', '👍👍', '1'])
      expect(await bob.ask('PUT', `${path}/reactions/${encodeURIComponent(text)}`)).toMatchObject(refusal(400, 'no-emoji'))
    expect(await revOf(alice, chat)).toBe(2)
    for (let i = 0; i < MAX_REACTIONS_PER_PERSON; i++)
      expect((await bob.ask('PUT', `${path}/reactions/${encodeURIComponent(String.fromCodePoint(0x1f600 + i))}`)).status).toBe(200)
    expect(await bob.ask('PUT', `${path}/reactions/%F0%9F%91%8D`)).toMatchObject(refusal(409, 'too-many-reactions'))
    await alice.ask('DELETE', path)
    const rev = await revOf(alice, chat)
    expect(await alice.ask('PATCH', path, { text: 'late' })).toMatchObject(refusal(409, 'deleted'))
    expect(await bob.ask('PUT', `${path}/reactions/%F0%9F%91%8D`)).toMatchObject(refusal(409, 'deleted'))
    expect(await revOf(alice, chat)).toBe(rev)
  })

  test('LED-3: what became forbidden at the same moment is stored as refused, and the answer is the same then and again', async () => {
    const { alice, chat, path } = await scene()
    const { dependencies } = world()
    const token = await dependencies.accessTokens.issue({ sub: alice.id, name: alice.name, sid: 'session' })
    const headers = { authorization: `Bearer ${token}`, ...keyed('late') }
    const api = createApi({
      ...dependencies,
      sync: {
        ...dependencies.sync,
        async commitOperation(...offered) {
          await alice.ask('DELETE', path)
          return dependencies.sync.commitOperation(...offered)
        },
      },
    })
    expect(await ask(api, 'PATCH', path, { body: { text: 'late' }, headers })).toMatchObject(refusal(409, 'deleted'))
    const { entries } = (await alice.get(`/api/chats/${chat}/changes?since=2`)).body as { entries: { kind: string; code: string | null }[] }
    expect(entries.map(({ kind, code }) => [kind, code])).toEqual([
      ['delete', null],
      ['edit', 'deleted'],
    ])
    expect(await alice.ask('PATCH', path, { text: 'late' }, keyed('late'))).toMatchObject(refusal(409, 'deleted'))
    expect(await revOf(alice, chat)).toBe(4)
  })

  test('OP-4: of two messages with one id the first is read and reacted to, and each edits their own', async () => {
    const { alice, bob, chat, word, path } = await scene()
    const at = new Date(world().clock.now).toISOString()
    const same = { type: 'message' as const, id: word.id, at, text: 'the same id' }
    await world().dependencies.sync.commitOperation(chat, bob.id, same, JSON.stringify({ at, id: word.id, text: same.text, type: same.type }))
    expect(messageOf(await bob.get(path)).authorId).toBe(alice.id)
    expect(messageOf(await bob.ask('PATCH', path, { text: 'changed' }))).toMatchObject({ authorId: bob.id, text: 'changed' })
    expect(messageOf(await bob.ask('PUT', `${path}/reactions/%F0%9F%91%8D`))).toMatchObject({ authorId: alice.id, text: 'a word' })
    expect(messageOf(await bob.ask('DELETE', path))).toMatchObject({ authorId: bob.id, text: '' })
    expect(messageOf(await alice.get(path)).text).toBe('a word')
  })

  test.each(['%00', encodeURIComponent('a\u202eb'), 'x'.repeat(33)])('no reaction without a fit emoji (%#)', async (emoji) => {
    const { alice, path } = await scene()
    expect(await alice.ask('PUT', `${path}/reactions/${emoji}`)).toMatchObject(badRequest('emoji'))
  })

  test('an edit takes a text and nothing else', async () => {
    const { alice, path } = await scene()
    for (const [body, field] of [
      [{ text: '' }, 'text'],
      [{}, 'text'],
      [{ text: 'x', mentions: [] }, 'mentions'],
    ] as const)
      expect(await alice.ask('PATCH', path, body)).toMatchObject(badRequest(field))
    expect(await alice.ask('PATCH', path, { text: 'x' }, keyed('two words'))).toMatchObject(badRequest('idempotency-key'))
    expect(await alice.ask('PATCH', path, { text: '\u0001'.repeat(15_000) })).toMatchObject(refusal(413, 'too-large'))
  })
}
