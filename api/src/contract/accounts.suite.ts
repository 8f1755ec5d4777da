// Register, log in, refresh, log out.
import { argon2Sync } from 'node:crypto'
import { expect, test } from 'vitest'
import { TooManyHashes } from '@skein/auth'
import type { UserId } from '@skein/protocol'
import { createApi } from '../index.ts'
import { anyText, ask, cookieOf, matching, origin, password, refusal, type Answer, type World } from './world.suite.ts'

const ownPage = { origin }

export function accountTests(world: () => World): void {
  let count = 0
  const newEmail = (): string => `new-${++count}@example.org`
  const register = (email: string): Promise<Answer> => world().ask('POST', '/api/auth/register', { body: { email, name: 'Alice', password } })
  const refresh = (cookie: string): Promise<Answer> => world().ask('POST', '/api/auth/refresh', { headers: { ...ownPage, cookie } })
  const logout = (cookie: string): Promise<Answer> => world().ask('POST', '/api/auth/logout', { headers: { ...ownPage, cookie } })
  const ended = (): string[] => world().notices.flatMap((notice) => (notice.kind === 'ended' ? [notice.sessionId] : []))

  test('register answers 201 with a token, oneself and a cookie that no script reads', async () => {
    const email = newEmail()
    const answer = await register(email)
    const user = { id: matching(/^[0-9a-z]{26}$/), email, name: 'Alice' }
    expect(answer).toMatchObject({ status: 201, body: { accessToken: anyText, user } })
    expect(world().notices).toContainEqual({ kind: 'newcomer', name: user.name })
    expect(Object.keys(answer.body).sort()).toEqual(['accessToken', 'user'])
    const cookie = answer.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^skein_refresh=[\w-]{22}\.[\w-]{43}; Max-Age=2592000; Path=\/api\/auth; HttpOnly; SameSite=Strict$/)
    const me = await world().ask('GET', '/api/me', { headers: { authorization: `Bearer ${String(answer.body['accessToken'])}` } })
    expect(me).toMatchObject({ status: 200, body: { user: answer.body['user'] } })
    expect(Object.keys(me.body['user'] as object).sort()).toEqual(['avatarUrl', 'email', 'emailConfirmed', 'id', 'name'])
  })

  test('the cookie is Secure where the server is reached by https', async () => {
    const api = createApi({ ...world().dependencies, publicUrl: 'https://chat.example.org' })
    const answer = await ask(api, 'POST', '/api/auth/register', { body: { email: newEmail(), name: 'A', password } })
    expect(answer.headers.get('set-cookie')).toContain('; Secure')
    expect(answer.headers.get('strict-transport-security')).toBe('max-age=15552000')
  })

  test('an email is taken once, however it is written', async () => {
    const email = newEmail()
    expect((await register(email)).status).toBe(201)
    expect(await register(email)).toMatchObject(refusal(409, 'email-taken'))
    expect(await register(` ${email.toUpperCase()} `)).toMatchObject(refusal(409, 'email-taken'))
  })

  test('of registrations with one email at once, one is taken', async () => {
    const email = newEmail()
    const answers = await Promise.all([register(email), register(email), register(email)])
    expect(answers.map((answer) => String(answer.status)).sort()).toEqual(['201', '409', '409'])
  })

  test('registration closed: no new accounts', async () => {
    const api = createApi({ ...world().dependencies, registration: 'closed' })
    const answer = await ask(api, 'POST', '/api/auth/register', { body: { email: newEmail(), name: 'A', password } })
    expect(answer).toMatchObject(refusal(403, 'registration-closed'))
  })

  const badRegistrations: [field: string, body: object][] = [
    ['email', { email: 'nobody', name: 'A', password }],
    ['email', { email: `${'a'.repeat(300)}@example.org`, name: 'A', password }],
    ['email', { email: 7, name: 'A', password }],
    ['name', { email: 'a@example.org', name: '   ', password }],
    ['name', { email: 'a@example.org', name: 'x'.repeat(81), password }],
    ['name', { email: 'a@example.org', name: 'two\nlines', password }],
    ['name', { email: 'a@example.org', name: 'evil\u202eliame', password }],
    ['name', { email: 'a@example.org', name: '\u200b', password }],
    ['name', { email: 'a@example.org', name: 'half \ud800', password }],
    ['password', { email: 'a@example.org', name: 'A', password: 'short' }],
    ['password', { email: 'a@example.org', name: 'A', password: 'x'.repeat(257) }],
    ['password', { email: 'a@example.org', name: 'A' }],
    ['role', { email: 'a@example.org', name: 'A', password, role: 'admin' }],
  ]
  test.each(badRegistrations)('a registration with a bad %s is refused, and says so (%#)', async (field, body) => {
    const answer = await world().ask('POST', '/api/auth/register', { body })
    expect(answer).toMatchObject(refusal(400, 'bad-request'))
    expect(answer.body['detail']).toContain(field)
  })

  test('log in answers 200 with the same shape; wrong email and wrong password are one answer', async () => {
    const { email, id, name } = await world().person()
    const login = (body: object): Promise<Answer> => world().ask('POST', '/api/auth/login', { body })
    const answer = await login({ email: email.toUpperCase(), password })
    expect(answer).toMatchObject({ status: 200, body: { accessToken: anyText, user: { id, email, name } } })
    expect(cookieOf(answer)).toMatch(/^skein_refresh=/)
    const [wrong, unknown] = [await login({ email, password: `${password}!` }), await login({ email: 'nobody@example.org', password })]
    expect(wrong).toMatchObject(refusal(401, 'wrong-login'))
    expect(unknown.body).toEqual(wrong.body)
    expect(unknown.headers.get('set-cookie')).toBeNull()
  })

  test('a disabled person is told so by the right password alone, and their session refreshes no more', async () => {
    const email = newEmail()
    const registered = await register(email)
    const { id } = registered.body['user'] as { id: UserId }
    await world().storage.disableUser(id)
    const login = (given: string): Promise<Answer> => world().ask('POST', '/api/auth/login', { body: { email, password: given } })
    const refused = await login(password)
    expect(refused).toMatchObject(refusal(403, 'account-disabled'))
    expect(refused.headers.get('set-cookie')).toBeNull()
    expect(await login(`${password}!`)).toMatchObject(refusal(401, 'wrong-login'))
    expect(await refresh(cookieOf(registered))).toMatchObject(refusal(401, 'session-ended'))
    await world().storage.enableUser(id)
    expect((await login(password)).status).toBe(200)
    expect(await refresh(cookieOf(registered))).toMatchObject(refusal(401, 'session-ended'))
  })

  /** An API on which something happens once while a password is checked. */
  function meanwhile(happens: () => Promise<unknown>): ReturnType<typeof createApi> {
    const { dependencies } = world()
    let done = false
    const verify = async (given: string, encoded: string | null): Promise<boolean> => {
      const right = await dependencies.passwords.verify(given, encoded)
      if (!done) await happens()
      done = true
      return right
    }
    return createApi({ ...dependencies, passwords: { ...dependencies.passwords, verify } })
  }

  test.each([
    ['disabled', refusal(403, 'account-disabled')],
    ['erased', refusal(401, 'wrong-login')],
    ['given another password', refusal(401, 'wrong-login')],
  ])('somebody who is %s while their password is checked does not get in', async (what, refused) => {
    const { storage, dependencies } = world()
    const { id, email } = await world().person()
    const from = (await storage.account(id))?.passwordHash ?? ''
    const to = await dependencies.passwords.hash('another good phrase')
    const api = meanwhile(() => {
      if (what === 'disabled') return storage.disableUser(id)
      return what === 'erased' ? storage.eraseUser(id) : storage.changePassword(id, { from, to, keepSession: null })
    })
    const answer = await ask(api, 'POST', '/api/auth/login', { body: { email, password } })
    expect(answer).toMatchObject(refused)
    expect(answer.headers.get('set-cookie')).toBeNull()
  })

  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '')
  /** Somebody whose password was hashed years ago. */
  async function oldTimer(): Promise<{ id: UserId; email: string; hash: string }> {
    const { storage, dependencies } = world()
    const nonce = dependencies.randomBytes(16)
    const bytes = argon2Sync('argon2id', { message: password, nonce, memory: 4_096, passes: 1, parallelism: 1, tagLength: 32 })
    const hash = `$argon2id$v=19$m=4096,t=1,p=1$${text(nonce)}$${text(bytes)}`
    const email = newEmail()
    const user = await storage.createUser({ email, name: 'Old', passwordHash: hash })
    return { id: user === 'email-taken' ? ('' as UserId) : user.id, email, hash }
  }

  test('P4: a hash from before the parameters rose is made anew by the right password, and no other; it ends nothing', async () => {
    const { storage } = world()
    const { id, email, hash } = await oldTimer()
    const login = (given: string): Promise<Answer> => world().ask('POST', '/api/auth/login', { body: { email, password: given } })
    expect((await login(`${password}!`)).status).toBe(401)
    expect((await storage.account(id))?.passwordHash).toBe(hash)
    const first = await login(password)
    expect(first.status).toBe(200)
    const renewed = (await storage.account(id))?.passwordHash
    expect(renewed).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect((await login(password)).status).toBe(200)
    expect((await storage.account(id))?.passwordHash).toBe(renewed)
    expect((await refresh(cookieOf(first))).status).toBe(200)
  })

  test('P4: two devices that log in while the hash is made anew both get in; one that comes after a new password does not', async () => {
    const { storage, dependencies } = world()
    const first = await oldTimer()
    const logIn = (api: ReturnType<typeof createApi>, { email }: { email: string }): Promise<Answer> =>
      ask(api, 'POST', '/api/auth/login', { body: { email, password } })
    const beside = meanwhile(() => logIn(world().api, first))
    expect((await logIn(beside, first)).status).toBe(200)
    const second = await oldTimer()
    const to = await dependencies.passwords.hash('another good phrase')
    const late = meanwhile(() => storage.changePassword(second.id, { from: second.hash, to, keepSession: null }))
    expect(await logIn(late, second)).toMatchObject(refusal(401, 'wrong-login'))
    expect((await storage.account(second.id))?.passwordHash).toBe(to)
  })

  test.each(['password1', 'PASSWORD1', 'iloveyou'])('a password that everybody guesses first is no new one: %s', async (common) => {
    const email = newEmail()
    const answer = await world().ask('POST', '/api/auth/register', { body: { email, name: 'A', password: common } })
    expect(answer).toMatchObject(refusal(400, 'common-password'))
    expect(await world().storage.accountByEmail(email)).toBeNull()
  })

  test('nobody logs in as somebody who was erased, by whatever stands in place of their email', async () => {
    const { id } = await world().person()
    await world().storage.eraseUser(id)
    const answer = await world().ask('POST', '/api/auth/login', { body: { email: `erased:${id}`, password } })
    expect(answer).toMatchObject(refusal(401, 'wrong-login'))
  })

  test('attack 33: more log-ins at once than may wait are told to come back', async () => {
    const full = (): Promise<never> => Promise.reject(new TooManyHashes())
    const api = createApi({ ...world().dependencies, passwords: { ...world().dependencies.passwords, verify: full, hash: full } })
    const person = { email: newEmail(), name: 'A', password }
    for (const answer of [
      await ask(api, 'POST', '/api/auth/login', { body: { email: person.email, password } }),
      await ask(api, 'POST', '/api/auth/register', { body: person }),
    ]) {
      expect(answer).toMatchObject(refusal(429, 'slow-down'))
      expect(answer.headers.get('retry-after')).toBe('1')
    }
  })

  test('refresh gives a new token and a new cookie', async () => {
    const first = await register(newEmail())
    const second = await refresh(cookieOf(first))
    expect(second).toMatchObject({ status: 200, body: { accessToken: anyText, user: first.body['user'] } })
    expect(cookieOf(second)).not.toBe(cookieOf(first))
    expect(cookieOf(second).slice(0, 36)).toBe(cookieOf(first).slice(0, 36))
    expect((await refresh(cookieOf(second))).status).toBe(200)
  })

  test('S2: two tabs that refresh at once both stay logged in, with the same cookie', async () => {
    const start = cookieOf(await register(newEmail()))
    const tabs = await Promise.all(Array.from({ length: 8 }, () => refresh(start)))
    expect(tabs.map((tab) => tab.status)).toEqual(Array(8).fill(200))
    expect(new Set(tabs.map(cookieOf)).size).toBe(1)
    const next = await refresh(cookieOf(tabs[0] as Answer))
    expect(next.status).toBe(200)
    world().clock.now += 29_000
    // A tab that comes so late takes nothing from the browser, which has a later cookie.
    const late = await refresh(start)
    expect([late.status, late.headers.get('set-cookie')]).toEqual([200, null])
    expect((await refresh(cookieOf(next))).status).toBe(200)
  })

  test('S2: a refresh token that is used again after the grace ends the session', async () => {
    const start = cookieOf(await register(newEmail()))
    const next = cookieOf(await refresh(cookieOf(await refresh(start))))
    world().clock.now += 31_000
    const replay = await refresh(start)
    expect(replay).toMatchObject(refusal(401, 'session-ended'))
    expect(replay.headers.get('set-cookie')).toBeNull()
    expect(ended()).toContain(start.slice(start.indexOf('=') + 1, start.indexOf('.')))
    expect(await refresh(next)).toMatchObject(refusal(401, 'session-ended'))
  })

  test('S2: a browser that was killed before it had stored its next token stays logged in; should that one turn up, the session ends', async () => {
    const start = cookieOf(await register(newEmail()))
    const lost = cookieOf(await refresh(start))
    world().clock.now += 3_600_000
    const again = await refresh(start)
    expect(again.status).toBe(200)
    expect(cookieOf(again)).not.toBe(lost)
    world().clock.now += 31_000
    const next = await refresh(cookieOf(again))
    expect(next.status).toBe(200)
    expect(await refresh(lost)).toMatchObject(refusal(401, 'session-ended'))
    expect(await refresh(cookieOf(next))).toMatchObject(refusal(401, 'session-ended'))
  })

  test('a session that nobody used for 30 days has ended, one in use goes on', async () => {
    const [idle, busy] = [cookieOf(await register(newEmail())), cookieOf(await register(newEmail()))]
    const day = 24 * 60 * 60 * 1000
    world().clock.now += 20 * day
    const next = cookieOf(await refresh(busy))
    world().clock.now += 20 * day
    expect(await refresh(idle)).toMatchObject(refusal(401, 'session-ended'))
    expect((await refresh(next)).status).toBe(200)
  })

  test('log out ends the session, clears the cookie and tells the sockets', async () => {
    const [cookie, other] = [cookieOf(await register(newEmail())), cookieOf(await register(newEmail()))]
    const answer = await logout(cookie)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('set-cookie')).toMatch(/^skein_refresh=; Max-Age=0; Path=\/api\/auth/)
    expect(ended().at(-1)).toBe(cookie.slice(cookie.indexOf('=') + 1, cookie.indexOf('.')))
    expect(await refresh(cookie)).toMatchObject(refusal(401, 'session-ended'))
    expect((await refresh(other)).status).toBe(200)
  })

  test('log out ends the token’s session where there is no cookie', async () => {
    const answer = await register(newEmail())
    const cookie = cookieOf(answer)
    const authorization = `Bearer ${String(answer.body['accessToken'])}`
    expect((await world().ask('POST', '/api/auth/logout', { headers: { ...ownPage, authorization } })).status).toBe(200)
    expect(await refresh(cookie)).toMatchObject(refusal(401, 'session-ended'))
  })

  test('log out works for the tab whose cookie is one behind, and not for a forged one', async () => {
    const start = cookieOf(await register(newEmail()))
    const next = cookieOf(await refresh(start))
    const before = ended().length
    expect((await logout(`${start.slice(0, start.indexOf('.') + 1)}${'A'.repeat(43)}`)).status).toBe(200)
    expect(ended()).toHaveLength(before)
    expect((await refresh(next)).status).toBe(200)
    expect((await logout(next)).status).toBe(200)
    expect(ended()).toHaveLength(before + 1)
  })

  test.each(['', 'skein_refresh=', 'skein_refresh=x', 'skein_refresh=%00%ff', `skein_refresh=${'x'.repeat(5000)}`])(
    'what is no cookie of ours is 401, and logging out with it is no error (%#)',
    async (cookie) => {
      expect(await refresh(cookie)).toMatchObject(refusal(401, 'not-logged-in'))
      expect((await logout(cookie)).status).toBe(200)
    },
  )

  test('attack 29: a refresh token is no access token', async () => {
    const token = cookieOf(await register(newEmail())).split('=')[1] ?? ''
    expect(await world().ask('GET', '/api/me', { headers: { authorization: `Bearer ${token}` } })).toMatchObject(refusal(401, 'not-logged-in'))
  })

  const foreign: Record<string, string>[] = [
    {},
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:99' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'http://localhost.evil.example', 'sec-fetch-site': 'cross-site' },
  ]
  test.each(foreign)('attack 30: another page cannot use the cookie (%#)', async (headers) => {
    const cookie = cookieOf(await register(newEmail()))
    for (const path of ['/api/auth/refresh', '/api/auth/logout']) {
      const answer = await world().ask('POST', path, { headers: { ...headers, cookie } })
      expect(answer).toMatchObject(refusal(403, 'forbidden'))
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    }
    expect((await refresh(cookie)).status).toBe(200)
  })

  test('our own page is known by its origin, by the browser’s word, or behind a proxy by the public address', async () => {
    const cookie = cookieOf(await register(newEmail()))
    expect((await world().ask('POST', '/api/auth/refresh', { headers: { cookie, 'sec-fetch-site': 'same-origin' } })).status).toBe(200)
    const api = createApi({ ...world().dependencies, publicUrl: 'https://chat.example.org/' })
    expect((await ask(api, 'POST', '/api/auth/refresh', { headers: { cookie, origin: 'https://chat.example.org' } })).status).toBe(200)
  })
}
