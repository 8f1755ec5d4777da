// Where people find only those with whom they share a chat: the same rule at every door that takes somebody's id, name or email.
import { expect, test } from 'vitest'
import { HTTP_RATES } from '@skein/protocol'
import { createApi, type ApiDependencies } from '../index.ts'
import { createRateLimits } from '../rate-limits.ts'
import { ask, refusal, type Answer, type Person, type World } from './world.suite.ts'

export function contactTests(world: () => World): void {
  type Asker = (method: string, path: string, body?: unknown) => Promise<Answer>
  function server(changes: Partial<ApiDependencies> = {}): (person: Person) => Asker {
    const { dependencies } = world()
    const api = createApi({ ...dependencies, contacts: 'shared', ...changes })
    return ({ id, name }) =>
      async (method, path, body) =>
        ask(api, method, path, {
          body,
          headers: { authorization: `Bearer ${await dependencies.accessTokens.issue({ sub: id, name, sid: 'session' })}` },
        })
  }
  const nobody = refusal(404, 'no-such-person')
  const users = (answer: Answer): string[] => (answer.body['users'] as { id: string }[]).map(({ id }) => id)
  const chatOf = (answer: Answer): string => (answer.body['chat'] as { id: string }).id
  const list = async (asks: Asker, q: string): Promise<string[]> => users(await asks('GET', `/api/users?q=${encodeURIComponent(q)}`))
  let scenes = 0

  /** Alice shares a group with Bob, and Dan has left it; Cleo is a stranger. All names begin alike. */
  async function scene(changes?: Partial<ApiDependencies>) {
    const mark = `Kontakt${++scenes}`
    const people = { alice: await world().person(`${mark} A`), bob: await world().person(`${mark} B`) }
    const all = { ...people, cleo: await world().person(`${mark} C`), dan: await world().person(`${mark} D`) }
    const by = server(changes)
    const made = await all.bob.post('/api/chats', { kind: 'group', memberIds: [all.alice.id, all.dan.id] })
    const group = `/api/chats/${chatOf(made)}`
    await all.dan.ask('DELETE', `${group}/members/${all.dan.id}`)
    return { mark, ...all, group, alices: by(all.alice), bobs: by(all.bob), cleos: by(all.cleo), dans: by(all.dan) }
  }

  test('P5, promise 8: the list and its search hold those with whom one shares a chat now, whatever is asked for', async () => {
    const s = await scene()
    expect(await list(s.alices, s.mark)).toEqual([s.bob.id])
    expect(await list(s.bobs, s.mark)).toEqual([s.alice.id])
    for (const asks of [s.cleos, s.dans]) expect(await list(asks, s.mark)).toEqual([])
    expect([await list(s.alices, s.bob.email), await list(s.alices, s.cleo.email)]).toEqual([[s.bob.id], []])
    const unasked = await s.alices('GET', '/api/users?limit=100')
    expect([users(unasked), unasked.body['nextCursor']]).toEqual([[s.bob.id], null])
    await s.alices('PUT', `/api/users/${s.bob.id}/block`)
    expect([await list(s.alices, s.mark), await list(s.bobs, s.mark)]).toEqual([[], []])
    // Where everybody finds everybody, it is as ever.
    expect(users(await s.dan.get(`/api/users?q=${s.mark}`))).toEqual([s.alice.id, s.bob.id, s.cleo.id])
  })

  test('P5, promise 8: one person is told of those whose words one reads, also of who has left; not of strangers, nor of a group that one has left', async () => {
    const s = await scene()
    for (const { id, name } of [s.alice, s.bob, s.dan]) expect((await s.alices('GET', `/api/users/${id}`)).body['user']).toMatchObject({ id, name })
    expect(await s.alices('GET', `/api/users/${s.cleo.id}`)).toMatchObject(nobody)
    for (const asks of [s.cleos, s.dans]) expect(await asks('GET', `/api/users/${s.alice.id}`)).toMatchObject(nobody)
  })

  test('P5, promise 8: whoever shares no chat is nobody when a chat is opened, a group is made, somebody is invited, or blocked by id', async () => {
    const s = await scene()
    for (const stranger of [s.cleo, s.dan]) {
      expect(await s.alices('POST', '/api/chats', { userId: stranger.id })).toMatchObject(nobody)
      expect(await s.alices('POST', '/api/chats', { kind: 'group', memberIds: [s.bob.id, stranger.id] })).toMatchObject(nobody)
      expect(await s.bobs('POST', `${s.group}/members`, { userId: stranger.id })).toMatchObject(nobody)
    }
    expect(await s.alices('PUT', `/api/users/${s.cleo.id}/block`)).toMatchObject(nobody)
    expect((await s.alices('GET', '/api/blocks')).body).toEqual({ users: [] })
    expect(await s.dans('POST', '/api/chats', { userId: s.alice.id })).toMatchObject(nobody)
    expect(await s.alices('POST', '/api/chats', { userId: s.alice.id })).toMatchObject(refusal(400, 'bad-request'))
    // With who is there all of it works, and a block stays what it is.
    expect((await s.alices('POST', '/api/chats', { userId: s.bob.id })).status).toBe(201)
    expect((await s.alices('POST', '/api/chats', { kind: 'group', memberIds: [s.bob.id] })).status).toBe(201)
    for (const other of [s.bob, s.dan]) expect((await s.alices('PUT', `/api/users/${other.id}/block`)).status).toBe(200)
    expect(await s.alices('POST', '/api/chats', { userId: s.bob.id })).toMatchObject(refusal(403, 'blocked'))
    await s.alices('DELETE', `${s.group}/members/${s.alice.id}`)
    expect((await s.alices('PUT', `/api/users/${s.dan.id}/block`)).status).toBe(200)
    expect((await s.alices('DELETE', `/api/users/${s.dan.id}/block`)).status).toBe(200)
    expect(await s.alices('PUT', `/api/users/${s.dan.id}/block`)).toMatchObject(nobody)
  })

  test('P5: whose whole email one knows is reached by it, a bounded number of times, and found from then on', async () => {
    const rates = createRateLimits(null, { ...HTTP_RATES, lookup: { quota: 3, seconds: 60 } })
    const s = await scene({ rateLimits: rates })
    const chat = await s.alices('POST', '/api/chats', { email: s.cleo.email })
    expect(chat.status).toBe(201)
    expect([await list(s.alices, s.mark), await list(s.cleos, s.mark)]).toEqual([[s.bob.id, s.cleo.id], [s.alice.id]])
    expect((await s.bobs('POST', `${s.group}/members`, { email: s.cleo.email })).status).toBe(201)
    expect(await list(s.bobs, s.mark)).toEqual([s.alice.id, s.cleo.id])
    const statuses: number[] = []
    for (let i = 0; i < 3; i++) statuses.push((await s.alices('POST', '/api/chats', { email: `guess${i}@example.org` })).status)
    expect(statuses).toEqual([404, 404, 429])
  })

  test('R1: where nobody is found by email, an email tells nothing: no search, no chat and no invitation knows it', async () => {
    const s = await scene({ findByEmail: false })
    for (const asks of [s.alices, s.cleos]) {
      for (const { email } of [s.bob, { email: 'nobody@example.org' }]) expect(await asks('POST', '/api/chats', { email })).toMatchObject(nobody)
    }
    expect(await s.bobs('POST', `${s.group}/members`, { email: s.cleo.email })).toMatchObject(nobody)
    expect(await list(s.alices, s.bob.email)).toEqual([])
    expect(await list(s.alices, s.mark)).toEqual([s.bob.id])
  })

  test('R1: where nobody is found by email and emails have to be confirmed, registering tells nobody who has an account; its owner is written to', async () => {
    const { dependencies, mails, notices, settled } = world()
    const there = await world().person()
    const fresh = `fresh${world().clock.now}@example.org`
    const open = (changes: Partial<ApiDependencies>) => {
      const api = createApi({ ...dependencies, findByEmail: false, unconfirmedMayLogIn: false, ...changes })
      return (email: string) => ask(api, 'POST', '/api/auth/register', { body: { email, name: 'Eve', password: 'another good phrase' } })
    }
    const register = open({ rateLimits: createRateLimits(null, { ...HTTP_RATES, mail: { quota: 2, seconds: 60 } }) })
    const before = { mails: mails.length, notices: notices.length }
    const answers = [await register(there.email), await register(fresh)]
    for (const answer of answers) expect(answer).toMatchObject(refusal(403, 'email-unconfirmed'))
    expect(JSON.stringify(answers[0]?.body)).toBe(JSON.stringify(answers[1]?.body))
    await settled()
    expect(mails.slice(before.mails).map(({ kind, to }) => [kind, to])).toEqual([
      ['already-here', there.email],
      ['confirm', fresh],
    ])
    expect(notices.slice(before.notices)).toEqual([{ kind: 'newcomer', name: 'Eve' }])
    // The account that is there is untouched, and nobody is written to without end.
    expect((await world().storage.accountByEmail(there.email))?.name).toBe(there.name)
    for (const email of [there.email, fresh]) {
      expect(await register(email)).toMatchObject(refusal(403, 'email-unconfirmed'))
      expect(await register(email)).toMatchObject(refusal(429, 'slow-down'))
    }
    // Who is let in at once learns whether they are.
    expect(await open({ unconfirmedMayLogIn: true })(there.email)).toMatchObject(refusal(409, 'email-taken'))
    expect(await open({ findByEmail: true })(there.email)).toMatchObject(refusal(409, 'email-taken'))
  })
}
