import { describe, expect, test } from 'vitest'
import { createEngine, type Engine, type Identity } from './index.ts'
import { testPorts, tokenOf, type Route, type TestPorts } from './ports.suite.ts'
import { memoryStores } from './store/memory-store.ts'
import { openBrowser } from './testing-tabs.suite.ts'

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
/** A token of the page's issuer. */
const issued = (sub: string): string => `${part({ alg: 'EdDSA' })}.${part({ sub })}.x`
const subOf = (token: string): string => (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sub: string }).sub
const idOf = (sub: string): string => sub.repeat(26).slice(0, 26)
const exchanged: Route = ({ body }) => {
  const sub = subOf((body as { token: string }).token)
  return { body: { accessToken: tokenOf(sub), user: { id: idOf(sub), email: null, name: sub } } }
}
const EXCHANGE = 'POST /api/auth/exchange'
const refused: Route = () => ({ status: 401, body: { code: 'identity-refused', detail: 'This token is none that this server takes.' } })

interface Page {
  sub: string | null
  /** What the page gives out; it cannot be reached while null. */
  answer: (() => Promise<string | null>) | null
}
async function open(options: { server?: TestPorts; stores?: ReturnType<typeof memoryStores>; page: Page; named?: boolean }) {
  const { server = testPorts(), stores = memoryStores(), page, named = true } = options
  server.routes[EXCHANGE] ??= exchanged
  const identity: Identity = {
    getToken: () => (page.answer ? page.answer() : Promise.reject(new Error('The page’s own server is away'))),
    ...(named ? { subject: () => page.sub } : {}),
  }
  const engine = createEngine({ server: 'http://x', store: stores, ports: server.ports, identity })
  await engine.ready
  return { engine, server, stores }
}
const pageOf = (sub: string | null): Page => {
  const page: Page = { sub, answer: async () => (page.sub === null ? null : issued(page.sub)) }
  return page
}
const who = ({ session }: Engine): string =>
  session.status === 'logged-in' ? `${session.user.name}${session.needsPassword ? ', refused' : ''}` : session.status

describe('the session of an embedded engine', () => {
  test('P4: the page’s token is exchanged, without cookies, and another is asked for before the session ends', async () => {
    const server = testPorts()
    const sent: unknown[] = []
    const { fetch } = server.ports
    server.ports.fetch = (url, init) => {
      sent.push(init.credentials)
      return fetch(url, init)
    }
    const { engine } = await open({ server, page: pageOf('a') })
    await server.clock.settle()
    expect(who(engine)).toBe('a')
    const times = (): number => server.asked.filter((name) => name === EXCHANGE).length
    expect(times()).toBe(1)
    await server.clock.advance(290_000)
    expect(times()).toBe(2)
    expect(new Set(sent)).toEqual(new Set(['omit']))
    await expect(engine.login('a@example.org', 'x')).rejects.toMatchObject({ code: 'forbidden' })
    await engine.close()
  })

  test('W7: where the page’s person changes unsaid, a request of the first that waits for the token holds nothing up', async () => {
    for (const next of ['b', null]) {
      const page = pageOf('a')
      const { engine, server } = await open({ page, named: false })
      await server.clock.settle()
      expect(who(engine)).toBe('a')
      page.sub = next
      await server.clock.advance(310_000)
      engine.connect()
      await server.clock.advance(1_000)
      expect(who(engine)).toBe(next ?? 'logged-out')
      await engine.close()
    }
  })

  test('promise 1: whom the page names is shown before any token is there; whom it does not name is not (W7)', async () => {
    const page = pageOf('a')
    const first = await open({ page })
    await first.server.clock.settle()
    await first.engine.close()
    const away = testPorts()
    away.routes[EXCHANGE] = () => 'unreachable'
    page.answer = null
    const named = await open({ server: away, stores: first.stores, page })
    expect(who(named.engine)).toBe('a')
    await away.clock.advance(60_000)
    expect(who(named.engine)).toBe('a')
    await named.engine.close()

    // The page's server is away and it names nobody: it may be anybody.
    const unnamed = await open({ server: away, stores: first.stores, page, named: false })
    expect(who(unnamed.engine)).toBe('starting')
    await away.clock.settle()
    expect(unnamed.engine.session).toMatchObject({ status: 'logged-out', problem: { code: 'offline' } })
    // Its token says who it is, though the chat's server is still away.
    page.answer = async () => issued('a')
    await away.clock.advance(30_000)
    expect(who(unnamed.engine)).toBe('a')
    await unnamed.engine.close()
    const other = await open({ server: away, stores: first.stores, page: pageOf('b') })
    await away.clock.settle()
    expect(who(other.engine)).not.toBe('a')
    await other.engine.close()
  })

  test('W7: from the moment the page names another person nothing of the first is shown, and a late answer does not bring them back', async () => {
    const page = pageOf('a')
    const { engine, server } = await open({ page })
    await server.clock.settle()
    const late = Promise.withResolvers<string | null>()
    page.answer = () => late.promise
    const first = engine.tokenChanged()
    await server.clock.settle()
    expect(who(engine)).toBe('a')
    page.sub = 'b'
    page.answer = async () => issued('b')
    const second = engine.tokenChanged()
    expect([engine.session.status, engine.chats, engine.people, engine.outbox]).toEqual(['starting', [], [], []])
    late.resolve(issued('a'))
    await Promise.all([first, second])
    expect(who(engine)).toBe('b')
    // Nobody.
    page.sub = null
    page.answer = async () => null
    await engine.tokenChanged()
    expect(engine.session).toEqual({ status: 'logged-out' })
    await engine.close()
  })

  test('W7: a page that names nobody hides who was there until its next token says who it is', async () => {
    const page = pageOf('a')
    const { engine, server } = await open({ page, named: false })
    await server.clock.settle()
    const answer = Promise.withResolvers<string | null>()
    page.answer = () => answer.promise
    const changed = engine.tokenChanged()
    await server.clock.settle()
    expect(who(engine)).toBe('starting')
    answer.resolve(issued('a'))
    await changed
    expect(who(engine)).toBe('a')
    await engine.close()
  })

  test('a token that is refused is told with its code, and asked for again; a person who was there stays, and goes on', async () => {
    const page = pageOf('a')
    const { engine, server, stores } = await open({ page })
    await server.clock.settle()
    server.routes[EXCHANGE] = refused
    await engine.tokenChanged()
    expect(who(engine)).toBe('a, refused')
    expect(engine.session).toMatchObject({ problem: { code: 'identity-refused', message: 'This token is none that this server takes.' } })
    const fresh = await open({ server, stores, page: pageOf('c') })
    await server.clock.settle()
    expect(fresh.engine.session).toMatchObject({ status: 'logged-out', problem: { code: 'identity-refused' } })
    server.routes[EXCHANGE] = exchanged
    await server.clock.advance(300_000)
    expect([who(engine), who(fresh.engine)]).toEqual(['a', 'c'])
    expect(engine.session).not.toHaveProperty('problem')
    await engine.close()
    await fresh.engine.close()
  })

  test('W7: what still runs for the first person asks nothing in the name of the second', async () => {
    const page = pageOf('a')
    const { engine, server } = await open({ page })
    await server.clock.settle()
    const tokens: (string | null)[] = []
    server.routes['POST /api/chats'] = ({ token }) => {
      tokens.push(token)
      return { status: 401, body: { code: 'not-logged-in' } }
    }
    const { fetch } = server.ports
    server.ports.fetch = async (url, init) => {
      const answer = await fetch(url, init)
      if (url.endsWith('/api/chats') && page.sub === 'a') {
        page.sub = 'b'
        await engine.tokenChanged()
      }
      return answer
    }
    await expect(engine.chatByEmail('x@example.org')).rejects.toMatchObject({ code: 'session-ended' })
    expect([who(engine), tokens]).toEqual(['b', [tokenOf('a')]])
    await engine.close()
  })

  test('W7: tabs of one browser ask their page again when another tab has another person, and let go of what is discarded', async () => {
    const browser = openBrowser()
    const server = testPorts()
    Object.assign(server.ports, { locks: browser.locks, channel: browser.channel })
    const page = pageOf('a')
    const stores = memoryStores()
    const first = await open({ server, stores, page })
    const second = await open({ server, stores, page })
    // A page with a login of its own in each tab.
    const third = await open({ server, stores, page: pageOf('c') })
    const all = (): string[] => [first, second, third].map(({ engine }) => who(engine))
    await server.clock.advance(1_000)
    expect(all()).toEqual(['a', 'a', 'c'])
    page.sub = 'b'
    await first.engine.tokenChanged()
    await server.clock.advance(1_000)
    expect(all()).toEqual(['b', 'b', 'c'])
    await first.engine.logout('keep')
    await server.clock.advance(1_000)
    expect(all()).toEqual(['logged-out', 'b', 'c'])
    page.sub = 'a'
    await second.engine.tokenChanged()
    await server.clock.advance(1_000)
    expect(all()).toEqual(['logged-out', 'a', 'c'])
    await first.engine.tokenChanged()
    await first.engine.logout('discard')
    await server.clock.advance(1_000)
    expect(all()).toEqual(['logged-out', 'logged-out', 'c'])
    for (const { engine } of [first, second, third]) await engine.close()
  })

  test.each([401, 403])('promise 1: a portal that answers %i refuses nothing', async (status) => {
    const { engine, server } = await open({ page: pageOf('a') })
    await server.clock.settle()
    server.routes[EXCHANGE] = () => ({ status, body: '<html>Welcome to the hotel</html>' })
    await engine.tokenChanged()
    expect(who(engine)).toBe('a')
    await engine.close()
  })

  test('a page that never answers is asked again', async () => {
    const page = pageOf('a')
    page.answer = () => new Promise(() => {})
    const { engine, server } = await open({ page, named: false })
    await server.clock.advance(20_000)
    expect(engine.session).toMatchObject({ status: 'logged-out', problem: { code: 'offline' } })
    page.answer = async () => issued('a')
    await server.clock.advance(30_000)
    expect(who(engine)).toBe('a')
    await engine.close()
  })

  test('logging out leaves what is there to the same person, unless it is discarded; the page says when somebody is there again', async () => {
    const page = pageOf('a')
    const { engine, server, stores } = await open({ page })
    await server.clock.settle()
    const away: Route = () => 'unreachable'
    for (const [waiting, then] of [
      ['keep', 'a'],
      ['discard', 'logged-out'],
    ] as const) {
      server.routes[EXCHANGE] = exchanged
      await engine.tokenChanged()
      expect(who(engine)).toBe('a')
      await engine.logout(waiting)
      await server.clock.advance(600_000)
      expect(engine.session).toEqual({ status: 'logged-out' })
      server.routes[EXCHANGE] = away
      const later = await open({ server, stores, page })
      await server.clock.settle()
      expect(who(later.engine)).toBe(then)
      await later.engine.close()
    }
    await engine.close()
  })
})
