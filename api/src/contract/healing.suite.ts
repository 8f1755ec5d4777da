// What devices bring back, over HTTP.
import { expect, test } from 'vitest'
import {
  chatIdOf,
  genesisHead,
  MAX_RUN_BYTES,
  MAX_RUN_ENTRIES,
  nextHead,
  tagBytes,
  uuidOf,
  type AnyOperation,
  type ChatId,
  type Entry,
  type Run,
} from '@skein/protocol'
import { badRequest, matching, refusal, sha256, type Person, type World } from './world.suite.ts'

/** The chain of a chat that this server made and has forgotten: Alice began it with Bob, and said some words. */
export function forgottenRun({ chain, dependencies, clock }: World, alice: Person, bob: Person, words: string[]): { id: ChatId; run: Run } {
  const { randomBytes } = dependencies
  const id = chatIdOf(randomBytes(17))
  const base = () => ({ id: uuidOf(randomBytes(16), 4), at: new Date(clock.now).toISOString() })
  const said: AnyOperation[] = [
    { type: 'create', ...base(), kind: 'group', title: 'Crew', members: [alice.id, bob.id].sort() },
    ...words.map((text): AnyOperation => ({ type: 'message', ...base(), text })),
  ]
  const start = { rev: 0, head: genesisHead(id, sha256) }
  let { head } = start
  const entries = said.map((operation, seq): Entry => {
    const entry: Entry = {
      rev: seq + 1,
      seq,
      kind: operation.type,
      code: null,
      at: clock.now,
      authorId: alice.id,
      id: operation.id,
      salt: 'salt',
      tag: null,
      operation,
      hash: null,
    }
    head = nextHead(head, entry, sha256)
    return { ...entry, tag: chain.tag(tagBytes(id, entry.rev, head)) }
  })
  return { id, run: { start, entries } }
}

export function healTests(world: () => World): void {
  test('promise 7: a run brings a forgotten chat back; the answer says what became of it, and the operator what came back', async () => {
    const [alice, bob] = [await world().person('Alice'), await world().person('Bob')]
    const { id, run } = forgottenRun(world(), alice, bob, ['one', 'two'])
    expect(await bob.get(`/api/chats/${id}`)).toMatchObject(refusal(404, 'no-such-chat'))
    const { messages } = world().dependencies.healed.total
    const answer = await bob.post(`/api/chats/${id}/heal`, run)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      common: { rev: 3, seq: 2, head: matching(/^.{43}$/) },
      proven: 3,
      fork: null,
      placed: 3,
      entered: 0,
      missing: [],
      document: matching(new RegExp(`^chat/${id}/1-[0-9a-f]{16}$`)),
      rev: 3,
    })
    expect(world().notices.at(-1)).toMatchObject({ kind: 'healed', chat: id, rev: 3 })
    expect(await alice.get(`/api/chats/${id}`)).toMatchObject({
      status: 200,
      body: { chat: { title: 'Crew', seq: 2, lastMessage: { text: 'two' } } },
    })
    const notices = world().notices.length
    expect(await alice.post(`/api/chats/${id}/heal`, run)).toMatchObject({ status: 200, body: { placed: 0, entered: 0, missing: [] } })
    expect(world().notices.length).toBe(notices)
    const { healed } = world().dependencies
    expect(healed.total.messages).toBe(messages + 2)
    expect(healed.news()).toMatch(/^healed \d+ messages? in \d+ chats? from 1 device$/)
    expect(healed.news()).toBeNull()
  })

  test('HEAL-7: the last common place', async () => {
    const { alice, chat } = await world().pair()
    await alice.post(`/api/chats/${chat}/messages`, { text: 'one' })
    const { entries } = (await alice.get(`/api/chats/${chat}/changes`)).body as { entries: Entry[] }
    const [first] = entries
    if (!first) throw new Error('no entry')
    const places = [
      { rev: 1, head: nextHead(genesisHead(chat, sha256), first, sha256) },
      { rev: 2, head: 'A'.repeat(43) },
    ]
    expect(await alice.post(`/api/chats/${chat}/common`, { places })).toMatchObject({ status: 200, body: { common: { ...places[0], seq: 0 } } })
    expect((await alice.post(`/api/chats/${chat}/common`, { places: [places[1]] })).body).toEqual({ common: null })
    expect(await alice.post(`/api/chats/${chat}/common`, { places: Array.from({ length: 101 }, () => places[0]) })).toMatchObject(
      badRequest('places'),
    )
    expect(await alice.post(`/api/chats/${chat}/common`, { places: [{ rev: 1 }] })).toMatchObject(badRequest('places.0.head'))
  })

  test('HEAL-2, promise 8: no member, no such chat, and no chat’s id get one answer', async () => {
    const [alice, bob, eve] = [await world().person(), await world().person(), await world().person()]
    const { chat } = await world().pair()
    const { id, run } = forgottenRun(world(), alice, bob, ['secret'])
    const asked = [chat, id, '0'.repeat(26), 'nonsense', '%ff'].map((path) => eve.post(`/api/chats/${path}/heal`, run))
    const answers = await Promise.all(asked)
    for (const answer of answers) expect(answer).toMatchObject(refusal(404, 'no-such-chat'))
    for (const answer of answers) expect(answer.body).toEqual(answers[0]?.body)
  })

  test('HEAL-1: what is not proven is answered, logged without its words, and not stored', async () => {
    const { alice, bob, chat } = await world().pair()
    const { run } = forgottenRun(world(), alice, bob, ['secret'])
    const before = world().log.length
    expect(await bob.post(`/api/chats/${chat}/heal`, run)).toMatchObject({ status: 200, body: { proven: 0, placed: 0, missing: [1, 2] } })
    expect(world().log.slice(before)).toEqual([
      { level: 'warn', message: 'A run was not proven to its end', fields: { chat, entries: 2, proven: 0 } },
    ])
  })

  test('attack 32: a run is bounded in entries and bytes, and everything in it has its shape', async () => {
    const { alice, bob, chat } = await world().pair()
    const { run } = forgottenRun(world(), alice, bob, ['x'])
    const post = (body: unknown) => alice.post(`/api/chats/${chat}/heal`, body)
    const [, word] = run.entries
    if (!word) throw new Error('no entry')
    expect(await post({ ...run, entries: Array.from({ length: MAX_RUN_ENTRIES + 1 }, () => word) })).toMatchObject(badRequest('entries'))
    expect(await post({ ...run, entries: [{ ...word, salt: 'x'.repeat(MAX_RUN_BYTES) }] })).toMatchObject(refusal(413, 'too-large'))
    const wrong: [string, unknown][] = [
      ['start', { entries: [] }],
      ['entries', { start: run.start }],
      ['start.head', { ...run, start: { rev: 0, head: 'x' } }],
      ['fork', { ...run, fork: -1 }],
      ['entries.0.kind', { ...run, entries: [{ ...word, kind: 'x' }] }],
      ['entries.0.operation', { ...run, entries: [{ ...word, operation: { type: 'message', text: 1 } }] }],
      ['entries.0.at', { ...run, entries: [{ ...word, at: 1e300 }] }],
    ]
    for (const [field, body] of wrong) expect(await post(body)).toMatchObject(badRequest(field))
    expect(await post({ ...run, more: 1 })).toMatchObject(refusal(400, 'bad-request'))
  })
}
