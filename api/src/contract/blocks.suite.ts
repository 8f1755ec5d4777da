// Blocks over HTTP: what the two can do with each other no more, and that nobody is told.
import { expect, test } from 'vitest'
import { refusal, type Answer, type Person, type World } from './world.suite.ts'

export function blockTests(world: () => World): void {
  const block = (by: Person, other: { id: string }, method: 'PUT' | 'DELETE' = 'PUT'): Promise<Answer> =>
    by.ask(method, `/api/users/${other.id}/block`)
  const names = (answer: Answer): string[] => (answer.body['users'] as { name: string }[]).map(({ name }) => name)

  test('BLOCK-1: neither sends anything new while one blocks; what was sent is found under its key, and everything can be read', async () => {
    const { alice, bob, chat } = await world().pair()
    const path = `/api/chats/${chat}/messages`
    await alice.post(path, { text: 'before' }, { 'idempotency-key': 'k' })
    for (let i = 0; i < 2; i++) expect(await block(bob, alice)).toMatchObject({ status: 200, body: {} })
    const told = () => world().notices.filter((notice) => notice.kind === 'block' && notice.user === bob.id)
    expect(told()).toMatchObject([{ other: alice.id, blocked: true }])
    for (const person of [alice, bob]) {
      expect(await person.post(path, { text: 'after' })).toMatchObject(refusal(403, 'blocked'))
      expect(await person.get(path)).toMatchObject({ status: 200, body: { messages: [{ text: 'before' }] } })
    }
    expect(await alice.post(path, { text: 'before' }, { 'idempotency-key': 'k' })).toMatchObject({ status: 200 })
    expect(await alice.get('/api/blocks')).toMatchObject({ status: 200, body: { users: [] } })
    expect((await bob.get('/api/blocks')).body).toEqual({ users: [{ id: alice.id, name: alice.name }] })
    // The one who is blocked cannot take it back.
    expect(await block(alice, bob, 'DELETE')).toMatchObject({ status: 200 })
    expect(await alice.post(path, { text: 'after' })).toMatchObject(refusal(403, 'blocked'))
    expect(await block(bob, alice, 'DELETE')).toMatchObject({ status: 200 })
    expect((await alice.post(path, { text: 'after' })).status).toBe(201)
    expect(told().slice(1)).toMatchObject([{ other: alice.id, blocked: false }])
  })

  test('a block that both have is over when both have taken it back', async () => {
    const { alice, bob, chat } = await world().pair()
    await block(alice, bob)
    await block(bob, alice)
    const before = world().notices.length
    await block(alice, bob, 'DELETE')
    expect(world().notices.length).toBe(before)
    expect(await alice.post(`/api/chats/${chat}/messages`, { text: 'x' })).toMatchObject(refusal(403, 'blocked'))
    await block(bob, alice, 'DELETE')
    expect((await alice.post(`/api/chats/${chat}/messages`, { text: 'x' })).status).toBe(201)
  })

  test('BLOCK-2: no direct chat is opened with somebody who is apart or erased, by id or by email', async () => {
    const [alice, bob, gone] = [await world().person(), await world().person(), await world().person()]
    await block(alice, bob)
    for (const body of [{ userId: bob.id }, { email: bob.email }]) expect(await alice.post('/api/chats', body)).toMatchObject(refusal(403, 'blocked'))
    expect(await bob.post('/api/chats', { userId: alice.id })).toMatchObject(refusal(403, 'blocked'))
    await alice.post('/api/chats', { userId: gone.id })
    await world().storage.eraseUser(gone.id)
    for (const person of [alice, bob]) expect(await person.post('/api/chats', { userId: gone.id })).toMatchObject(refusal(404, 'no-such-person'))
    expect(await alice.post('/api/chats', { email: gone.email })).toMatchObject(refusal(404, 'no-such-person'))
  })

  test('BLOCK-3: they find each other in no list, see nobody’s presence, and are in each other’s groups by nobody’s invitation but others’', async () => {
    const mark = `Zwölf${Math.floor(world().clock.now)}`
    const [alice, bob, cleo] = [await world().person(`${mark} A`), await world().person(`${mark} B`), await world().person(`${mark} C`)]
    await alice.post('/api/chats', { userId: bob.id })
    world().online.add(bob.id)
    expect((await alice.get(`/api/users/${bob.id}`)).body['user']).toMatchObject({ online: true })
    await block(alice, bob)
    const list = async (person: Person) => names(await person.get(`/api/users?q=${encodeURIComponent(mark)}`))
    expect([await list(alice), await list(bob)]).toEqual([[cleo.name], [cleo.name]])
    expect((await alice.get(`/api/users/${bob.id}`)).body['user']).toMatchObject({ online: false, lastSeenAt: null })
    const group = (by: Person, ...ids: string[]) => by.post('/api/chats', { kind: 'group', memberIds: ids })
    expect(await group(bob, alice.id)).toMatchObject(refusal(403, 'blocked'))
    const { id } = (await group(bob, cleo.id)).body['chat'] as { id: string }
    expect(await bob.post(`/api/chats/${id}/members`, { userId: alice.id })).toMatchObject(refusal(403, 'blocked'))
    await bob.ask('PATCH', `/api/chats/${id}/members/${cleo.id}`, { mayInvite: true })
    expect((await cleo.post(`/api/chats/${id}/members`, { userId: alice.id })).status).toBe(201)
    expect((await alice.post(`/api/chats/${id}/messages`, { text: 'hello group' })).status).toBe(201)
    world().online.delete(bob.id)
  })

  test('BLOCK-3: neither reads the other’s marks while one blocks, nor hears of them by feed or sockets, and both do afterwards', async () => {
    const { alice, bob, chat } = await world().pair()
    await alice.post(`/api/chats/${chat}/messages`, { text: 'one' })
    await alice.post(`/api/chats/${chat}/messages`, { text: 'two' })
    const raise = (person: Person, seq: number) => person.post('/api/marks', { marks: { [chat]: [seq, seq] } })
    await raise(bob, 1)
    const marksFor = async (person: Person) => {
      const { body: list } = await person.get('/api/chats')
      const [inList] = (list['chats'] as { marks: unknown }[]).map(({ marks }) => marks)
      const { body: one } = await person.get(`/api/chats/${chat}`)
      const { body: page } = await person.get(`/api/chats/${chat}/changes?since=0`)
      expect([(one['chat'] as { marks: unknown }).marks, page['marks']]).toEqual([inList, inList])
      return inList
    }
    const placeFor = async (person: Person) => ((await person.get('/api/feed')).body['chats'] as { markPos: number }[])[0]?.markPos
    expect(await marksFor(alice)).toEqual({ [alice.id]: [0, 0], [bob.id]: [1, 1] })
    const place = await placeFor(alice)
    await block(alice, bob)
    const told = world().notices.length
    expect(await raise(bob, 2)).toMatchObject({ status: 200, body: { marks: { [chat]: [2, 2] }, markPos: {} } })
    expect(await raise(alice, 1)).toMatchObject({ status: 200 })
    expect([await marksFor(alice), await marksFor(bob)]).toEqual([{ [alice.id]: [1, 1] }, { [bob.id]: [2, 2] }])
    expect([world().notices.length, await placeFor(alice)]).toEqual([told, place])
    await block(alice, bob, 'DELETE')
    for (const person of [alice, bob]) expect(await marksFor(person)).toEqual({ [alice.id]: [1, 1], [bob.id]: [2, 2] })
    expect(await placeFor(alice)).toBeGreaterThan(place ?? 0)
  })

  test('nobody blocks themselves, or who is not there', async () => {
    const alice = await world().person()
    expect(await block(alice, alice)).toMatchObject(refusal(400, 'bad-request'))
    for (const id of ['0'.repeat(26), 'nonsense', '%00', '__proto__'])
      expect(await block(alice, { id })).toMatchObject(refusal(404, 'no-such-person'))
    expect(await block(alice, { id: '0'.repeat(26) }, 'DELETE')).toMatchObject({ status: 200 })
  })
}
