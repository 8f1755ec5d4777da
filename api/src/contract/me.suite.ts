// Oneself: name, picture, email, password, and the end of the account.
import { describe, expect, test } from 'vitest'
import { MAX_AVATAR_URL_LENGTH, type UserId } from '@skein/protocol'
import { createApi } from '../index.ts'
import { ask, badRequest, cookieOf, matching, origin, password, refusal, type Answer, type World } from './world.suite.ts'

const newPassword = 'another good phrase'

export function meTests(world: () => World): void {
  const logIn = (email: string, given = password): Promise<Answer> => world().ask('POST', '/api/auth/login', { body: { email, password: given } })
  const refresh = (answer: Answer): Promise<Answer> => world().ask('POST', '/api/auth/refresh', { headers: { origin, cookie: cookieOf(answer) } })
  const as = (answer: Answer, method: string, path: string, body: object): Promise<Answer> =>
    world().ask(method, path, { body, headers: { authorization: `Bearer ${String(answer.body['accessToken'])}` } })
  const changesOf = (user: UserId): unknown[] => world().notices.filter((notice) => notice.kind === 'changed' && notice.user === user)
  const ended = (): string[] => world().notices.flatMap((notice) => (notice.kind === 'ended' ? [notice.sessionId] : []))

  test('P2: a new name and picture are answered, told to the sockets once, and seen by others', async () => {
    const [me, other] = [await world().person('Before'), await world().person()]
    const avatarUrl = 'https://example.org/a%20b.png'
    const user = { id: me.id, email: me.email, emailConfirmed: false, name: 'After', avatarUrl: null }
    expect(await me.ask('PATCH', '/api/me', { name: ' After ' })).toMatchObject({ status: 200, body: { user } })
    expect(await me.ask('PATCH', '/api/me', { name: 'After', avatarUrl: 'https://EXAMPLE.org/a b.png' })).toMatchObject({
      status: 200,
      body: { user: { ...user, avatarUrl } },
    })
    expect(await me.ask('PATCH', '/api/me', { name: 'After' })).toMatchObject({ status: 200 })
    expect((await me.get('/api/me')).body).toEqual({ user: { ...user, avatarUrl } })
    expect((await other.get(`/api/users/${me.id}`)).body).toMatchObject({ user: { name: 'After', avatarUrl } })
    expect(await me.ask('PATCH', '/api/me', { avatarUrl: null })).toMatchObject({ status: 200, body: { user } })
    expect(changesOf(me.id)).toEqual([null, avatarUrl, null].map((url) => ({ kind: 'changed', user: me.id, name: 'After', avatarUrl: url })))
  })

  test('an email changes with the current password alone, to one that nobody has; nothing of it is told', async () => {
    const [me, other] = [await world().person(), await world().person()]
    const email = `moved-${me.email}`
    expect(await me.ask('PATCH', '/api/me', { email })).toMatchObject(badRequest('password'))
    expect(await me.ask('PATCH', '/api/me', { email, name: 'Half done', password: 'not the password' })).toMatchObject(refusal(403, 'wrong-password'))
    expect(await me.ask('PATCH', '/api/me', { email: other.email.toUpperCase(), name: 'Half done', password })).toMatchObject(
      refusal(409, 'email-taken'),
    )
    expect((await me.get('/api/me')).body).toEqual({ user: { id: me.id, email: me.email, emailConfirmed: false, name: me.name, avatarUrl: null } })
    expect(await me.ask('PATCH', '/api/me', { email: email.toUpperCase(), password })).toMatchObject({ status: 200, body: { user: { email } } })
    expect((await logIn(email)).status).toBe(200)
    expect((await logIn(me.email)).status).toBe(401)
    expect(changesOf(me.id)).toEqual([])
  })

  test('a new password wants the current one, and ends all sessions but the one that asks', async () => {
    const { email } = await world().person()
    const [mine, other] = [await logIn(email), await logIn(email)]
    const change = (body: object): Promise<Answer> => as(mine, 'POST', '/api/me/password', body)
    const before = ended().length
    expect(await change({ currentPassword: newPassword, newPassword })).toMatchObject(refusal(403, 'wrong-password'))
    expect(await change({ currentPassword: password, newPassword: 'short' })).toMatchObject(badRequest('newPassword'))
    expect(await change({ currentPassword: password, newPassword: 'Password1' })).toMatchObject(refusal(400, 'common-password'))
    expect(ended()).toHaveLength(before)
    expect(await change({ currentPassword: password, newPassword })).toMatchObject({ status: 200, body: {} })
    const cookie = cookieOf(other)
    expect(ended().slice(before)).toEqual([cookie.slice(cookie.indexOf('=') + 1, cookie.indexOf('.'))])
    expect(await refresh(other)).toMatchObject(refusal(401, 'session-ended'))
    expect((await refresh(mine)).status).toBe(200)
    expect((await logIn(email)).status).toBe(401)
    expect((await logIn(email, newPassword)).status).toBe(200)
  })

  test('of two new passwords at once one is taken', async () => {
    const { email } = await world().person()
    const mine = await logIn(email)
    const wishes = [newPassword, 'yet another phrase']
    const answers = await Promise.all(wishes.map((wish) => as(mine, 'POST', '/api/me/password', { currentPassword: password, newPassword: wish })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403])
    for (const [index, wish] of wishes.entries()) expect((await logIn(email, wish)).status).toBe(answers[index]?.status === 200 ? 200 : 401)
  })

  test('ERASE-4: an account ends with the current password; who had it is nobody from then on', async () => {
    const { id, email } = await world().person()
    const [mine, other] = [await logIn(email), await logIn(email)]
    expect(await as(mine, 'DELETE', '/api/me', { password: 'not the password' })).toMatchObject(refusal(403, 'wrong-password'))
    expect((await refresh(other)).status).toBe(200)
    const answer = await as(mine, 'DELETE', '/api/me', { password })
    expect(answer).toMatchObject({ status: 200, body: {} })
    expect(answer.headers.get('set-cookie')).toEqual(matching(/^skein_refresh=; Max-Age=0; Path=\/api\/auth/))
    expect(world().notices).toContainEqual({ kind: 'erased', user: id })
    expect(await refresh(mine)).toMatchObject(refusal(401, 'session-ended'))
    expect(await logIn(email)).toMatchObject(refusal(401, 'wrong-login'))
    expect((await (await world().person()).get(`/api/users/${id}`)).body).toMatchObject({ user: { name: 'Deleted account' } })
  })

  test.each(['erased', 'disabled'])('a token that outlives an account that was %s changes nothing of it', async (what) => {
    const { storage } = world()
    const { id, ask: asked } = await world().person('As it was')
    await (what === 'erased' ? storage.eraseUser(id) : storage.disableUser(id))
    const before = await storage.user(id)
    for (const [method, path, body] of [
      ['GET', '/api/me', undefined],
      ['PATCH', '/api/me', { name: 'Back again' }],
      ['PATCH', '/api/me', { email: `back-${id}@example.org`, password }],
      ['POST', '/api/me/password', { currentPassword: password, newPassword }],
      ['DELETE', '/api/me', { password }],
    ] as const) {
      expect(await asked(method, path, body)).toMatchObject(refusal(401, 'session-ended'))
    }
    expect(await storage.user(id)).toEqual(before)
  })

  test('what fails on the way changes nothing: a full queue of passwords is told to come back', async () => {
    const me = await world().person()
    const mine = await logIn(me.email)
    const { TooManyHashes } = await import('@skein/auth')
    const full = (): Promise<never> => Promise.reject(new TooManyHashes())
    const api = createApi({ ...world().dependencies, passwords: { ...world().dependencies.passwords, verify: full, hash: full } })
    const headers = { authorization: `Bearer ${String(mine.body['accessToken'])}` }
    for (const [method, path, body] of [
      ['PATCH', '/api/me', { email: `full-${me.email}`, password }],
      ['POST', '/api/me/password', { currentPassword: password, newPassword }],
      ['DELETE', '/api/me', { password }],
    ] as const) {
      expect(await ask(api, method, path, { body, headers })).toMatchObject(refusal(429, 'slow-down'))
    }
    expect((await refresh(mine)).status).toBe(200)
  })

  describe('attack 32: bodies', () => {
    const cases: [method: string, path: string, body: unknown, field: string][] = [
      ['PATCH', '/api/me', {}, 'name'],
      ['PATCH', '/api/me', [], ''],
      ['PATCH', '/api/me', 'null', ''],
      ['PATCH', '/api/me', '{"name":', 'JSON'],
      ['PATCH', '/api/me', { password }, 'name'],
      ['PATCH', '/api/me', { name: null }, 'name'],
      ['PATCH', '/api/me', { name: '   ' }, 'name'],
      ['PATCH', '/api/me', { name: 'x'.repeat(81) }, 'name'],
      ['PATCH', '/api/me', { name: 'evil\u202eliame' }, 'name'],
      ['PATCH', '/api/me', { name: 'A', role: 'admin' }, 'role'],
      ['PATCH', '/api/me', { name: 'A', id: '0'.repeat(26) }, 'id'],
      ['PATCH', '/api/me', '{"name":"A","__proto__":{"admin":true}}', '__proto__'],
      ['PATCH', '/api/me', { email: 'nobody', password }, 'email'],
      ['PATCH', '/api/me', { email: `${'a'.repeat(300)}@example.org`, password }, 'email'],
      ['PATCH', '/api/me', { email: 'a@example.org', password: 7 }, 'password'],
      ['PATCH', '/api/me', { email: 'a@example.org', password: 'x'.repeat(257) }, 'password'],
      ['PATCH', '/api/me', { avatarUrl: '' }, 'avatarUrl'],
      ['PATCH', '/api/me', { avatarUrl: 7 }, 'avatarUrl'],
      ['PATCH', '/api/me', { avatarUrl: 'javascript:alert(1)' }, 'avatarUrl'],
      ['PATCH', '/api/me', { avatarUrl: 'data:image/svg+xml,<svg/>' }, 'avatarUrl'],
      ['PATCH', '/api/me', { avatarUrl: 'http://example.org/a.png' }, 'avatarUrl'],
      ['PATCH', '/api/me', { avatarUrl: '//example.org/a.png' }, 'avatarUrl'],
      ['PATCH', '/api/me', { avatarUrl: 'https://name:word@example.org/a.png' }, 'avatarUrl'],
      ['PATCH', '/api/me', { avatarUrl: `https://example.org/${'a'.repeat(MAX_AVATAR_URL_LENGTH)}` }, 'avatarUrl'],
      ['PATCH', '/api/me', { avatarUrl: `https://example.org/${'ä'.repeat(MAX_AVATAR_URL_LENGTH / 2)}` }, 'avatarUrl'],
      ['POST', '/api/me/password', {}, 'currentPassword'],
      ['POST', '/api/me/password', { currentPassword: password }, 'newPassword'],
      ['POST', '/api/me/password', { currentPassword: [password], newPassword }, 'currentPassword'],
      ['POST', '/api/me/password', { currentPassword: password, newPassword: 'x'.repeat(257) }, 'newPassword'],
      ['POST', '/api/me/password', { currentPassword: password, newPassword: 'half \ud800 of one' }, 'newPassword'],
      ['POST', '/api/me/password', { currentPassword: password, newPassword, everywhere: false }, 'everywhere'],
      ['DELETE', '/api/me', undefined, 'Content-Type'],
      ['DELETE', '/api/me', {}, 'password'],
      ['DELETE', '/api/me', { password: { $ne: '' } }, 'password'],
      ['DELETE', '/api/me', { password, sure: true }, 'sure'],
    ]
    test.each(cases)('%s %s (%#)', async (method, path, body, field) => {
      const me = await world().person()
      expect(await me.ask(method, path, body)).toMatchObject(badRequest(field))
      expect((await me.get('/api/me')).body).toEqual({ user: { id: me.id, email: me.email, emailConfirmed: false, name: me.name, avatarUrl: null } })
    })
  })
}
