import { describe, expect, test } from 'vitest'
import { createHttp } from './http-client.ts'
import { anything } from '@skein/http/answers'
import { testPorts, tokenOf, type Route, type TestPorts } from './ports.suite.ts'
import { openSession, type AccountSession } from './session.ts'
import { memoryStores } from './store/memory-store.ts'
import { openBrowser } from './testing-tabs.suite.ts'

const me = { id: 'a'.repeat(26), email: 'a@example.org', name: 'Alice', avatarUrl: null }
const refused: Route = () => ({ status: 401, body: { code: 'session-ended', detail: 'This session has ended.' } })

async function open(server: TestPorts, stores = memoryStores()): Promise<{ session: AccountSession; again(): Promise<AccountSession> }> {
  const again = async (): Promise<AccountSession> =>
    openSession({
      ports: server.ports,
      http: createHttp('http://x', server.ports),
      device: await stores.open('device', () => {}),
      lock: 'lock',
      changed: () => {},
    })
  return { session: await again(), again }
}
function withServer(): TestPorts {
  const server = testPorts()
  let count = 0
  server.routes['POST /api/auth/login'] = () => ({ body: { accessToken: tokenOf(`login${++count}`), user: me } })
  server.routes['POST /api/auth/refresh'] = () => ({ body: { accessToken: tokenOf(`refresh${++count}`), user: me } })
  server.routes['GET /api/me'] = ({ token }) => (token ? { body: { token } } : { status: 401, body: { code: 'not-logged-in' } })
  return server
}

describe('the session', () => {
  test('S2: fifty requests with a token that has ended renew it once', async () => {
    const server = withServer()
    const { session } = await open(server)
    await session.login('a@example.org', 'x')
    await server.clock.advance(290_000)
    await Promise.all(Array.from({ length: 50 }, () => session.ask((api) => api.api.me.$get(), anything)))
    expect(server.asked.filter((name) => name === 'POST /api/auth/refresh')).toHaveLength(1)
  })

  test('a token that the server refuses is renewed once, then used', async () => {
    const server = withServer()
    const { session } = await open(server)
    await session.login('a@example.org', 'x')
    server.routes['GET /api/me'] = ({ token }) => (token?.includes('refresh') ? {} : { status: 401, body: { code: 'not-logged-in' } })
    await session.ask((api) => api.api.me.$get(), anything)
    expect(server.asked).toEqual(['POST /api/auth/login', 'GET /api/me', 'POST /api/auth/refresh', 'GET /api/me'])
  })

  test('promise 1: offline, with a token that has ended, the person is still logged in', async () => {
    const server = withServer()
    const { session, again } = await open(server)
    await session.login('a@example.org', 'x')
    server.routes['POST /api/auth/refresh'] = () => 'unreachable'
    const later = await again()
    expect(later.user).toEqual(me)
    await expect(later.token()).rejects.toMatchObject({ code: 'offline' })
    expect(later.needsPassword).toBe(false)
  })

  test('a refused refresh asks for the password and forgets nobody; the password brings the session back', async () => {
    const server = withServer()
    const { session, again } = await open(server)
    await session.login('a@example.org', 'x')
    server.routes['POST /api/auth/refresh'] = refused
    const later = await again()
    await expect(later.token()).rejects.toMatchObject({ code: 'session-ended' })
    expect([later.user, later.needsPassword]).toEqual([me, true])
    await later.login('a@example.org', 'x')
    expect(later.needsPassword).toBe(false)
    expect(await later.token()).toContain('login')
  })

  test.each([401, 403])('promise 1: a portal that answers %i ends no session', async (status) => {
    const server = withServer()
    const { session, again } = await open(server)
    await session.login('a@example.org', 'x')
    const portal: Route = () => ({ status, body: '<html>Welcome to the hotel</html>' })
    server.routes['GET /api/me'] = portal
    await expect(session.ask((api) => api.api.me.$get(), anything)).rejects.toMatchObject({ code: 'bad-answer' })
    expect(server.asked).not.toContain('POST /api/auth/refresh')
    server.routes['POST /api/auth/refresh'] = portal
    const later = await again()
    await expect(later.token()).rejects.toMatchObject({ code: 'bad-answer' })
    expect([later.user, later.needsPassword]).toEqual([me, false])
  })

  test('W7: another person’s cookie on this browser is not this person’s session', async () => {
    const server = withServer()
    const { session, again } = await open(server)
    await session.login('a@example.org', 'x')
    server.routes['POST /api/auth/refresh'] = () => ({ body: { accessToken: tokenOf('eve'), user: { ...me, id: 'e'.repeat(26) } } })
    const later = await again()
    await expect(later.token()).rejects.toMatchObject({ code: 'session-ended' })
    expect([later.user, later.needsPassword]).toEqual([me, true])
  })

  test('a wrong password changes nothing', async () => {
    const server = withServer()
    server.routes['POST /api/auth/login'] = () => ({ status: 401, body: { code: 'wrong-login', detail: 'Email or password is wrong.' } })
    const { session } = await open(server)
    await expect(session.login('a@example.org', 'x')).rejects.toMatchObject({ code: 'wrong-login', message: 'Email or password is wrong.' })
    expect(session.user).toBeNull()
  })

  test('logging out forgets the person also while the server is away', async () => {
    const server = withServer()
    const { session, again } = await open(server)
    await session.login('a@example.org', 'x')
    server.routes['POST /api/auth/logout'] = () => 'unreachable'
    await session.logout('keep')
    expect(session.user).toBeNull()
    expect((await again()).user).toBeNull()
    await server.clock.settle()
    expect(server.asked).toContain('POST /api/auth/logout')
  })

  test('W7: who logs out in one tab while somebody else has logged in in another takes neither their name nor their session', async () => {
    const server = withServer()
    const { session, again } = await open(server)
    await session.login('a@example.org', 'x')
    const other = await again()
    const eve = { ...me, id: 'e'.repeat(26), name: 'Eve' }
    server.routes['POST /api/auth/login'] = () => ({ body: { accessToken: tokenOf('eve'), user: eve } })
    await other.login('e@example.org', 'x')
    await session.logout('keep')
    await server.clock.settle()
    expect(session.user).toBeNull()
    expect(server.asked).not.toContain('POST /api/auth/logout')
    expect((await again()).user).toEqual(eve)
  })

  test('W7: a renewal does not put the person back whom another tab has logged out', async () => {
    const server = withServer()
    const { session, again } = await open(server)
    await session.login('a@example.org', 'x')
    await server.clock.advance(290_000)
    const renewing = session.token()
    await (await again()).logout('keep')
    await renewing
    expect((await again()).user).toBeNull()
  })

  test('S2, I7: a tab that fell asleep with its turn at the cookie is not waited for', async () => {
    const server = withServer()
    const { locks } = openBrowser()
    server.ports.locks = locks
    void locks.hold('lock', new AbortController().signal, () => new Promise(() => {}))
    const { session } = await open(server)
    const entering = session.login('a@example.org', 'x')
    await server.clock.advance(30_000)
    expect(await entering).toEqual([])
    expect(session.user).toEqual(me)
  })
})
