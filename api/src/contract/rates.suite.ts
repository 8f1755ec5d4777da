// How often one may ask: by network and by person, at log-in and where an answer tells who has an account (R1).
import { expect, test } from 'vitest'
import { createLoginAttempts, TooManyHashes } from '@skein/auth'
import { HTTP_RATES } from '@skein/protocol'
import { createApi } from '../api.ts'
import { createRateLimits, type Rates } from '../rate-limits.ts'
import { password, refusal, type World } from './world.suite.ts'

const plenty = Object.fromEntries(Object.keys(HTTP_RATES).map((rate) => [rate, { quota: 1e6, seconds: 60 }])) as Rates

export function rateTests(world: () => World): void {
  /** Asks as somebody at an address. */
  function open(rates: Partial<Rates>) {
    const api = createApi({ ...world().dependencies, rateLimits: createRateLimits(null, { ...plenty, ...rates }) })
    return async (
      network: string,
      method: string,
      path: string,
      options: { body?: unknown; token?: string; headers?: Record<string, string> } = {},
    ) => {
      const headers = {
        host: 'localhost',
        'content-type': 'application/json',
        ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
        ...options.headers,
      }
      const init = { method, headers, ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }) }
      const response = await api.request(`http://localhost${path}`, init, { network })
      return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> }
    }
  }
  const tokenOf = async (id: string): Promise<string> => world().dependencies.accessTokens.issue({ sub: id as never, name: 'x', sid: 'session' })

  test('R1: strangers of a network who ask too often wait, on every route; its people are counted by themselves, and strangers use up nothing of theirs', async () => {
    const ask = open({ network: { quota: 3, seconds: 60 } })
    const me = await world().person()
    const token = await tokenOf(me.id)
    expect((await ask('192.0.2.1', 'GET', '/api/nothing')).status).toBe(404)
    expect((await ask('192.0.2.1', 'POST', '/api/auth/login', { body: { email: 'nobody@example.org', password: 'a wrong password' } })).status).toBe(
      401,
    )
    const third = await ask('192.0.2.1', 'GET', '/api/me')
    expect(third.status).toBe(401)
    expect(third.headers.get('ratelimit-policy')).toBe('"network";q=3;w=60')
    expect(third.headers.get('ratelimit')).toMatch(/^"network";r=0;t=(60|[1-5]\d)$/)
    for (const [method, path] of [
      ['GET', '/api/me'],
      ['GET', '/api/nothing'],
      ['POST', '/api/auth/login'],
      ['POST', '/api/auth/register'],
    ] as const) {
      const body =
        method === 'GET'
          ? {}
          : { body: { email: 'somebody@example.org', password: 'a wrong password', ...(path.endsWith('register') ? { name: 'Some' } : {}) } }
      const refused = await ask('192.0.2.1', method, path, body)
      expect(refused).toMatchObject(refusal(429, 'slow-down'))
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30)
    }
    const entered = await ask('192.0.2.2', 'POST', '/api/auth/login', { body: { email: me.email, password } })
    const [cookie = ''] = (entered.headers.get('set-cookie') ?? '').split(';')
    const refresh = (sent: string) => ask('192.0.2.1', 'POST', '/api/auth/refresh', { headers: { cookie: sent, origin: 'http://localhost' } })
    expect((await refresh(cookie)).status).toBe(200)
    expect((await refresh('skein_refresh=forged')).status).not.toBe(200)
    expect((await ask('192.0.2.1', 'GET', '/api/me', { token })).status).toBe(200)
    expect((await ask('192.0.2.1', 'GET', '/health/ready')).status).toBe(200)
  })

  test('R1: a person who asks too often waits, from wherever they ask', async () => {
    const ask = open({ person: { quota: 2, seconds: 60 } })
    const [me, other] = [await world().person(), await world().person()]
    const token = await tokenOf(me.id)
    for (const network of ['192.0.2.1', '192.0.2.2']) expect((await ask(network, 'GET', '/api/me', { token })).status).toBe(200)
    const refused = await ask('192.0.2.3', 'GET', '/api/me', { token })
    expect(refused).toMatchObject(refusal(429, 'slow-down'))
    expect(refused.headers.get('ratelimit-policy')).toBe('"person";q=2;w=60')
    expect((await ask('192.0.2.3', 'GET', '/api/me', { token: await tokenOf(other.id) })).status).toBe(200)
  })

  test('R1: guesses of a password end, alike for an account that is there and one that is not; a right one starts anew', async () => {
    const ask = open({ login: { quota: 3, seconds: 60 } })
    const me = await world().person()
    const logIn = async (email: string, word: string, network = '192.0.2.1') =>
      (await ask(network, 'POST', '/api/auth/login', { body: { email, password: word } })).status
    for (const email of [me.email, 'nobody@example.org']) {
      for (let n = 0; n < 3; n++) expect(await logIn(email, 'a wrong password')).toBe(401)
      expect(await logIn(email, email === me.email ? password : 'a wrong password')).toBe(429)
    }
    // Somebody else's guesses lock nobody out.
    for (let n = 0; n < 5; n++) {
      expect(await logIn(me.email, 'a wrong password', '192.0.2.2')).toBe(401)
      expect(await logIn(me.email, password, '192.0.2.2')).toBe(200)
    }
  })

  test('R1: guesses at once are counted before any is looked at', async () => {
    const ask = open({ login: { quota: 3, seconds: 60 } })
    const me = await world().person()
    const guesses = Array.from({ length: 10 }, () =>
      ask('192.0.2.1', 'POST', '/api/auth/login', { body: { email: me.email, password: 'a wrong password' } }),
    )
    expect((await Promise.all(guesses)).filter(({ status }) => status === 401)).toHaveLength(3)
  })

  test('R1: a log-in that nobody could judge was no guess', async () => {
    const full = () => Promise.reject(new TooManyHashes())
    const rateLimits = createRateLimits(null, { ...plenty, login: { quota: 2, seconds: 60 }, logins: { quota: 2, seconds: 60 } })
    const busy = createApi({ ...world().dependencies, rateLimits, passwords: { ...world().dependencies.passwords, verify: full, hash: full } })
    const free = createApi({ ...world().dependencies, rateLimits })
    const me = await world().person()
    const logIn = async (api: typeof free) =>
      (
        await api.request(
          'http://localhost/api/auth/login',
          { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: me.email, password }) },
          { network: '192.0.2.9' },
        )
      ).headers.get('retry-after')
    for (let n = 0; n < 5; n++) expect(await logIn(busy)).toBe('1')
    expect(await logIn(free)).toBeNull()
    const token = await tokenOf(me.id)
    const change = async (api: typeof free) => {
      const body = JSON.stringify({ email: me.email, password })
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
      return (await api.request('http://localhost/api/me', { method: 'PATCH', headers, body })).status
    }
    for (let n = 0; n < 5; n++) expect(await change(busy)).toBe(429)
    expect(await change(free)).toBe(200)
  })

  test('R1: log-ins into many accounts, and new accounts, of one network', async () => {
    const ask = open({ logins: { quota: 2, seconds: 60 }, register: { quota: 1, seconds: 60 } })
    const logIn = (n: number) => ask('192.0.2.1', 'POST', '/api/auth/login', { body: { email: `n${n}@example.org`, password: 'a wrong password' } })
    // Those that succeed are given back.
    const me = await world().person()
    for (let n = 0; n < 5; n++) expect((await ask('192.0.2.1', 'POST', '/api/auth/login', { body: { email: me.email, password } })).status).toBe(200)
    expect([(await logIn(1)).status, (await logIn(2)).status, (await logIn(3)).status]).toEqual([401, 401, 429])
    const register = (network: string) =>
      ask(network, 'POST', '/api/auth/register', { body: { email: 'taken@example.org', name: 'Taken', password } })
    expect((await register('192.0.2.1')).status).toBe(201)
    expect((await register('192.0.2.1')).status).toBe(429)
    expect((await register('192.0.2.2')).status).toBe(409)
  })

  test('R1: log-ins by a provider that fail count with those by password, of one network; those that succeed are given back', async () => {
    const { dependencies } = world()
    const attempts = createLoginAttempts({ ...dependencies, secret: new Uint8Array(32) })
    let isGood = false
    const identity = { issuer: 'https://id.example', subject: 'ida', name: 'Ida', email: null, isEmailVerified: false, picture: null }
    const client = { begin: () => Promise.resolve('https://id.example/'), finish: () => Promise.resolve(isGood ? identity : ('refused' as const)) }
    const rateLimits = createRateLimits(null, { ...plenty, logins: { quota: 3, seconds: 60 } })
    const api = createApi({ ...dependencies, rateLimits, provider: { label: 'Example', client, attempts } })
    const comeBack = async (network: string) => {
      const { attempt, sealed } = await attempts.begin({ returnTo: '/', invitation: '' })
      const headers = { host: 'localhost', cookie: `skein_oidc=${sealed}` }
      const answer = await api.request(`http://localhost/api/auth/oidc/callback?code=x&state=${attempt.state}`, { headers }, { network })
      return answer.headers.get('location')
    }
    isGood = true
    for (let n = 0; n < 5; n++) expect(await comeBack('192.0.2.1')).toBe('/?oidc=entered')
    isGood = false
    for (let n = 0; n < 3; n++) expect(await comeBack('192.0.2.1')).toBe('/?oidc=identity-refused')
    isGood = true
    expect(await comeBack('192.0.2.1')).toBe('/?oidc=slow-down')
    expect(await comeBack('192.0.2.2')).toBe('/?oidc=entered')
  })

  test('R1: questions for an email, by search or by opening a chat, count together; searching for names does not', async () => {
    const ask = open({ lookup: { quota: 2, seconds: 60 } })
    const token = await tokenOf((await world().person()).id)
    expect((await ask('192.0.2.1', 'GET', '/api/users?q=somebody%40example.org', { token })).status).toBe(200)
    expect((await ask('192.0.2.1', 'POST', '/api/chats', { token, body: { email: 'somebody@example.org' } })).status).toBe(404)
    expect((await ask('192.0.2.1', 'POST', '/api/chats', { token, body: { email: 'somebody@example.org' } })).status).toBe(429)
    expect((await ask('192.0.2.1', 'GET', '/api/users?q=somebody', { token })).status).toBe(200)
  })

  test('R1: new groups and invitations count together; a chat as a file counts by itself', async () => {
    const ask = open({ group: { quota: 2, seconds: 60 }, export: { quota: 1, seconds: 60 } })
    const [me, other] = [await world().person(), await world().person()]
    const token = await tokenOf(me.id)
    const made = await ask('192.0.2.1', 'POST', '/api/chats', { token, body: { kind: 'group', title: 'Crew', memberIds: [] } })
    const path = `/api/chats/${(made.body['chat'] as { id: string }).id}`
    expect((await ask('192.0.2.1', 'POST', `${path}/members`, { token, body: { userId: other.id } })).status).toBe(201)
    expect((await ask('192.0.2.1', 'POST', '/api/chats', { token, body: { kind: 'group', memberIds: [] } })).status).toBe(429)
    expect((await ask('192.0.2.1', 'POST', '/api/chats', { token, body: { userId: other.id } })).status).toBe(201)
    expect((await ask('192.0.2.1', 'GET', `${path}/nothing`, { token })).status).toBe(404)
    const api = createApi({ ...world().dependencies, rateLimits: createRateLimits(null, { ...HTTP_RATES, export: { quota: 1, seconds: 60 } }) })
    const file = () => api.request(`http://localhost${path}/export`, { headers: { host: 'localhost', authorization: `Bearer ${token}` } })
    expect([(await file()).status, (await file()).status]).toEqual([200, 429])
  })

  test('R1: guesses of one’s own password end, for whatever it is asked; a right one starts anew', async () => {
    const ask = open({ login: { quota: 2, seconds: 60 } })
    const me = await world().person()
    const token = await tokenOf(me.id)
    const change = async (word: string) => (await ask('192.0.2.1', 'PATCH', '/api/me', { token, body: { email: me.email, password: word } })).status
    expect([await change('a wrong password'), await change(password), await change('a wrong password')]).toEqual([403, 200, 403])
    const wrong = { currentPassword: 'a wrong password', newPassword: 'another good phrase' }
    expect((await ask('192.0.2.1', 'POST', '/api/me/password', { token, body: wrong })).status).toBe(403)
    expect((await ask('192.0.2.2', 'DELETE', '/api/me', { token, body: { password } })).status).toBe(429)
    expect((await ask('192.0.2.1', 'PATCH', '/api/me', { token, body: { name: 'Without a password' } })).status).toBe(200)
  })

  test('R1: an email that is taken is told as seldom at a change as at a search', async () => {
    const ask = open({ lookup: { quota: 1, seconds: 60 } })
    const [me, other] = [await world().person(), await world().person()]
    const token = await tokenOf(me.id)
    const change = () => ask('192.0.2.1', 'PATCH', '/api/me', { token, body: { email: other.email, password } })
    expect([(await change()).status, (await change()).status]).toEqual([409, 429])
  })

  test('R1: the quotas leave room for what an engine does, and none for guessing', () => {
    // Marks, and a page of changes for each nudge, once a second each in twenty chats at once.
    expect(HTTP_RATES.person.quota / HTTP_RATES.person.seconds).toBeGreaterThan(40)
    expect(HTTP_RATES.login.quota / HTTP_RATES.login.seconds).toBeLessThan(1 / 60)
    expect(HTTP_RATES.login.quota).toBeLessThan(HTTP_RATES.logins.quota)
  })

  test('R1: CORS: other pages only where they are listed, with a token and never with cookies', async () => {
    const origin = 'https://www.example.org'
    const preflight = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,idempotency-key',
    }
    const request = (corsOrigins: string[], headers: Record<string, string>, method = 'OPTIONS') =>
      createApi({ ...world().dependencies, corsOrigins }).request('http://localhost/api/feed', { method, headers })
    const allowed = await request([origin], preflight)
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, origin])
    expect(allowed.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('authorization')
    expect(allowed.headers.get('access-control-allow-credentials')).toBeNull()
    expect((await request([origin], { origin }, 'GET')).headers.get('access-control-allow-origin')).toBe(origin)
    for (const [list, from] of [
      [[], origin],
      [[origin], 'https://evil.example'],
      [[origin], 'null'],
      [[origin], `${origin}.evil.example`],
    ] as const)
      expect((await request([...list], { ...preflight, origin: from })).headers.get('access-control-allow-origin')).toBeNull()
  })

  test('R2: each answer has an id, and a proxy may give it', async () => {
    const { api } = world()
    const answered = await api.request('http://localhost/api/me')
    expect(answered.headers.get('x-request-id')).toMatch(/^request\d+$/)
    expect((await api.request('http://localhost/api/me', { headers: { 'x-request-id': 'from-a-proxy' } })).headers.get('x-request-id')).toBe(
      'from-a-proxy',
    )
    expect((await api.request('http://localhost/api/me', { headers: { 'x-request-id': 'no id: "<\u00e9>' } })).headers.get('x-request-id')).toMatch(
      /^request\d+$/,
    )
  })
}
