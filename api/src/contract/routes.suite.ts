// Every route that is described, asked by those who may not (promise 8, S1), and the answers that are the same for all.
import { SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { apiKeyHash, createAccessTokens, newApiKey } from '@skein/auth'
import { routes, type Door } from '@skein/http'
import { chatIdOf, SCOPES, type Scope, type UserId } from '@skein/protocol'
import { createApi } from '../index.ts'
import { anyText, ask, refusal, type Answer, type Person, type World } from './world.suite.ts'

/** `METHOD /path`, so that a new route cannot be forgotten. */
const behind = (...doors: Door[]): string[] =>
  Object.values(routes)
    .filter((route) => doors.includes(route['x-door']))
    .map((route) => `${route.method.toUpperCase()} ${route.getRoutingPath()}`)

/** What a key must be allowed for each route that it could ask; null: it is for people alone. */
const scoped = Object.values(routes)
  .filter((route) => ['person', 'member'].includes(route['x-door']))
  .map((route) => ({ name: `${route.method.toUpperCase()} ${route.getRoutingPath()}`, scopes: 'x-scopes' in route ? route['x-scopes'] : null }))

/** What takes a server key, and what does not. */
const byServerKey = Object.values(routes)
  .filter((route) => ['person', 'member', 'server'].includes(route['x-door']))
  .map((route) => ({ name: `${route.method.toUpperCase()} ${route.getRoutingPath()}`, takes: route['x-door'] === 'server' || 'x-server' in route }))

export function routeTests(world: () => World): void {
  async function tokens(): Promise<Record<string, string | undefined>> {
    const { key, dependencies } = world()
    const { now, randomBytes, accessTokens } = dependencies
    const somebody = { sub: (await world().person()).id, name: 'Eve', sid: 'session' }
    const issue = (audience: string, issuer: string, time: number): Promise<string> =>
      createAccessTokens({ key, issuer, audience, now: () => time, randomBytes }).issue(somebody)
    const iat = Math.floor(now() / 1000)
    const claims = { ...somebody, iat, exp: iat + 300, iss: 'skein', aud: 'skein', jti: 'x' }
    const published = new TextEncoder().encode(JSON.stringify(key.jwks(now()).keys[0]))
    const good = await issue('skein', 'skein', now())
    const [disabled, erased] = [(await world().person()).id, (await world().person()).id]
    const keyOfDisabled = await keyOf(disabled)
    await world().storage.disableUser(disabled)
    return {
      'no token': undefined,
      'an empty token': 'Bearer ',
      'no bearer': `Basic ${good}`,
      'an expired token': `Bearer ${await issue('skein', 'skein', now() - 300_000)}`,
      'another audience': `Bearer ${await issue('other', 'skein', now())}`,
      'another issuer': `Bearer ${await issue('skein', 'other', now())}`,
      'no algorithm': `Bearer ${new UnsecuredJWT(claims).encode()}`,
      'the public key as a secret': `Bearer ${await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: key.signing(now()).id }).sign(published)}`,
      'a ticket for the socket': `Bearer ${await accessTokens.issueTicket(somebody)}`,
      'a token cut short': `Bearer ${good.slice(0, -1)}`,
      'an API key that nobody made': `Bearer ${newApiKey(randomBytes)}`,
      'an API key with another checksum': `Bearer ${(await keyOf(somebody.sub)).slice(0, -8)}00000000`,
      'a deleted API key': `Bearer ${await keyOf(somebody.sub, SCOPES, 'deleted')}`,
      'an expired API key': `Bearer ${await keyOf(somebody.sub, SCOPES, 'expired')}`,
      'a deleted server key': `Bearer ${await serverKey('deleted')}`,
      'an expired server key': `Bearer ${await serverKey('expired')}`,
      'the API key of somebody disabled': `Bearer ${keyOfDisabled}`,
      'the API key of somebody erased': `Bearer ${await keyOf(erased, SCOPES, 'erased')}`,
    }
  }

  /** An API key of this person's, past the API. */
  async function keyOf(userId: UserId, scopes: readonly Scope[] = SCOPES, fate?: 'deleted' | 'expired' | 'erased'): Promise<string> {
    const { storage, dependencies, clock } = world()
    const key = newApiKey(dependencies.randomBytes)
    const tokenHash = apiKeyHash(key) ?? ''
    const id = tokenHash.slice(0, 20)
    await storage.createApiKey({ id, userId, name: 'A key', tokenHash, scopes, expiresAt: fate === 'expired' ? clock.now : null })
    if (fate === 'deleted') await storage.deleteApiKey(userId, id)
    if (fate === 'erased') await storage.eraseUser(userId)
    return key
  }

  async function serverKey(fate?: 'deleted' | 'expired'): Promise<string> {
    const { storage, dependencies, clock } = world()
    const key = newApiKey(dependencies.randomBytes)
    const tokenHash = apiKeyHash(key) ?? ''
    await storage.createServerKey({ id: tokenHash, name: 'Back office', tokenHash, expiresAt: fate === 'expired' ? clock.now : null })
    if (fate === 'deleted') await storage.deleteServerKey(tokenHash)
    return key
  }

  const concrete = (route: string, chat: string): [method: string, path: string] => {
    const [method = '', path = ''] = route.replace(':id', chat).split(' ')
    return [method, path]
  }

  test.each(behind('person', 'member', 'server'))('S1: %s needs a token that is good', async (route) => {
    const { chat } = await world().pair()
    const answers: Answer[] = []
    for (const [what, authorization] of Object.entries(await tokens())) {
      const answer = await world().ask(...concrete(route, chat), { headers: authorization === undefined ? {} : { authorization } })
      expect({ what, ...answer }).toMatchObject({ what, ...refusal(401, 'not-logged-in') })
      expect(answer.headers.get('www-authenticate')).toBe('Bearer')
      answers.push(answer)
    }
    for (const answer of answers) expect(answer.body).toEqual(answers[0]?.body)
  })

  test.each(behind('person', 'member').filter((route) => !route.startsWith('GET ')))(
    'P1: %s changes nothing for who was disabled or erased, though their token lives',
    async (route) => {
      const { alice, bob, chat } = await world().pair()
      await world().storage.disableUser(alice.id)
      await world().storage.eraseUser(bob.id)
      const [method, path] = concrete(route, chat)
      for (const person of [alice, bob]) expect(await person.ask(method, path, {})).toMatchObject(refusal(401, 'session-ended'))
    },
  )

  test.each(scoped)('$name wants $scopes of an API key, each of them, and no other', async ({ name, scopes }) => {
    const { alice, chat } = await world().pair()
    const asked = async (given: readonly Scope[]): Promise<Answer> =>
      world().ask(...concrete(name, chat), { headers: { authorization: `Bearer ${await keyOf(alice.id, given)}` } })
    for (const lacked of scopes ?? [])
      expect(await asked(SCOPES.filter((scope) => scope !== lacked))).toMatchObject({
        ...refusal(403, 'missing-scope'),
        body: { detail: expect.stringContaining(lacked) as string },
      })
    const answer = await asked(scopes ?? SCOPES)
    // With them it goes on to what else is wrong with an empty request, or answers it.
    expect(answer.body['code'] === 'missing-scope').toBe(scopes === null)
    expect([401, 500]).not.toContain(answer.status)
  })

  test.each(behind('member'))(
    'promise 8: %s answers the same for another’s chat, for one that one was taken out of, for none, and for what is no id',
    async (route) => {
      const { alice, chat } = await world().pair()
      const eve = await world().person()
      const left = await world().groupWithout(alice, eve)
      const asked = async (id: string): Promise<Answer> => {
        const [method, path] = concrete(route, id)
        return method === 'GET' ? eve.get(path) : eve.ask(method, path, {})
      }
      const answers: Answer[] = []
      for (const id of [chat, left, '0'.repeat(26), 'nonsense', '%00', '__proto__', '%ff']) answers.push(await asked(id))
      for (const answer of answers) expect(answer).toMatchObject(refusal(404, 'no-such-chat'))
      for (const answer of answers) expect(answer.body).toEqual(answers[0]?.body)
    },
  )

  test.each(byServerKey)('promise 8: $name takes server keys: $takes', async ({ name, takes }) => {
    const { alice, bob, chat } = await world().pair()
    const group = chatIdOf(world().dependencies.randomBytes(17))
    await world().storage.createChat({ id: group, kind: 'group', title: null, by: alice.id, members: [alice.id, bob.id], byServer: true })
    const headers = { authorization: `Bearer ${await serverKey()}` }
    const answer = await world().ask(...concrete(name, group), { headers })
    expect(answer.body['code'] === 'missing-scope').toBe(!takes)
    expect([401, 500]).not.toContain(answer.status)
    // Chats that people made for themselves are out of its reach.
    if (takes && name.includes(':id')) expect(await world().ask(...concrete(name, chat), { headers })).toMatchObject(refusal(404, 'no-such-chat'))
  })

  test.each(behind('server'))('%s is for server keys alone', async (route) => {
    const { alice, chat } = await world().pair()
    const [method, path] = concrete(route, chat)
    expect(await alice.ask(method, path, {})).toMatchObject(refusal(403, 'forbidden'))
    const headers = { authorization: `Bearer ${await keyOf(alice.id)}` }
    expect(await world().ask(method, path, { headers })).toMatchObject(refusal(403, 'forbidden'))
  })

  test.each(behind('page'))('%s is for the server’s own page', async (route) => {
    for (const headers of [{}, { origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }])
      expect(await world().ask(...concrete(route, ''), { headers })).toMatchObject(refusal(403, 'forbidden'))
  })

  describe('what is not there', () => {
    const paths = [
      '/api/nothing',
      '/api',
      '/api/auth/nothing',
      '/api/openapi',
      '/health',
      '/api/me/',
      '/.well-known/other',
      '/%00',
      '/%ff',
      '//api/me',
      '/__proto__',
    ]
    test.each(paths)('%s is a problem of 404', async (path) => {
      const answer = await world().ask('GET', path)
      expect(answer).toMatchObject(refusal(404, 'not-found'))
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
    })

    test.each(['GET /api/auth/login', 'POST /health/live', 'DELETE /api/auth/login', 'OPTIONS /api/auth/login'])(
      '%s: another method is 404, too',
      async (route) => {
        expect(await world().ask(...concrete(route, ''))).toMatchObject(refusal(404, 'not-found'))
      },
    )
  })

  test('a problem has five fields, and its status is the answer’s', async () => {
    const { body, status } = await world().ask('GET', '/api/me')
    expect(body).toEqual({ type: 'urn:skein:error:not-logged-in', title: 'Log in first.', status, code: 'not-logged-in', detail: anyText })
  })

  test('what nobody expected is 500, and its cause stands in the log alone', async () => {
    const { dependencies, log } = world()
    const before = log.length
    const api = createApi({
      ...dependencies,
      accessTokens: { ...dependencies.accessTokens, verifyAccessToken: () => Promise.reject(new Error('secret cause')) },
    })
    const answer = await ask(api, 'GET', '/api/me?secret=1', { headers: { authorization: 'Bearer x' } })
    expect(answer).toMatchObject(refusal(500, 'internal'))
    expect(JSON.stringify(answer.body)).not.toContain('secret')
    expect(log.slice(before)).toEqual([
      {
        level: 'error',
        message: 'A request failed',
        fields: { requestId: anyText, method: 'GET', path: '/api/me', error: new Error('secret cause') },
      },
    ])
  })

  test('live, ready, keys', async () => {
    expect(await world().ask('GET', '/health/live')).toMatchObject({ status: 200 })
    expect(await world().ask('GET', '/health/ready')).toMatchObject({ status: 200, body: { checks: { database: 'ok' } } })
    const keys = await world().ask('GET', '/.well-known/jwks.json')
    expect({ status: keys.status, body: keys.body }).toEqual({ status: 200, body: { keys: world().key.jwks(world().clock.now).keys } })
    const api = createApi({ ...world().dependencies, checks: { database: () => Promise.resolve(), other: () => Promise.reject(new Error('down')) } })
    const answer = await ask(api, 'GET', '/health/ready')
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 503, body: { checks: { database: 'ok', other: 'failed' } } })
  })

  test('every answer has the security headers, and no other origin is let in', async () => {
    const person: Person = await world().person()
    for (const { headers } of [await person.get('/api/me'), await world().ask('GET', '/api/me'), await world().ask('GET', '/nothing')]) {
      const policy = headers.get('content-security-policy') ?? ''
      for (const directive of [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' blob: data:",
        "worker-src 'self'",
        "frame-ancestors 'none'",
      ]) {
        expect(policy.split('; ')).toContain(directive)
      }
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('strict-transport-security')).toBeNull()
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    }
    expect((await person.get('/api/me')).headers.get('cache-control')).toBe('no-store')
    expect((await world().ask('GET', '/api/me')).headers.get('cache-control')).toBe('no-store')
  })
}
