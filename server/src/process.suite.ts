// What the process promises to whoever starts, stops and watches it; the same on both databases.
import { once } from 'node:events'
import { access, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { HTTP_RATES } from '@skein/protocol'
import { spawnKeys, spawnNpmStart, spawnSeed, spawnServer, spawnServerWithClock, type SpawnedProcess } from '@skein/testing'

type Env = Record<string, string>
export interface DatabaseUnderTest {
  /** Settings that lead to a new, empty database; none for SQLite in DATA_DIR. */
  fresh(): Promise<Env>
  /** Whether a second process may join. */
  shared: boolean
}

const demo = { email: 'ada@example.org', password: 'ada-tries-skein' }
const eve = { email: 'eve@example.org', password: 'correct horse battery' }

async function call(url: string, path: string, init: { body?: object; token?: string } = {}): Promise<{ status: number; body: unknown }> {
  const headers: Env = { 'content-type': 'application/json', origin: url }
  if (init.token) headers['authorization'] = `Bearer ${init.token}`
  const answer = await fetch(url + path, { method: init.body ? 'POST' : 'GET', headers, ...(init.body ? { body: JSON.stringify(init.body) } : {}) })
  const text = await answer.text()
  return { status: answer.status, body: answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text }
}
const tokenOf = ({ body }: { body: unknown }): string => (body as { accessToken: string }).accessToken

export function describeServerProcess(database: DatabaseUnderTest): void {
  describe('the server as a process', () => {
    let root: string
    let count = 0
    let env: Env

    beforeEach(async () => {
      root ??= await mkdtemp(join(tmpdir(), 'skein-process-'))
      env = { DATA_DIR: join(root, String(++count)), ...(await database.fresh()) }
    })
    afterAll(() => rm(root, { recursive: true, force: true }))

    const isThere = (name: string): Promise<boolean> =>
      access(join(env['DATA_DIR'] ?? '', name)).then(
        () => true,
        () => false,
      )
    const failed = async (server: SpawnedProcess): Promise<string> => {
      expect(await server.exit).toEqual({ code: 1, signal: null })
      expect(server.output).not.toMatch(/^ready|^\{|^ +at /m)
      return server.errors.trim()
    }

    test('is ready when it says so, with its pid on disk; SIGTERM ends it cleanly and the next start finds everything', async () => {
      await using first = spawnServer(env)
      const url = await first.ready()
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
      expect(await readFile(join(env['DATA_DIR'] ?? '', 'skein.pid'), 'utf8')).toBe(`${first.child.pid}\n`)
      expect((await stat(env['DATA_DIR'] ?? '')).mode & 0o077).toBe(0)
      expect((await call(url, '/health/live')).status).toBe(200)
      expect(await call(url, '/health/ready')).toEqual({ status: 200, body: { checks: { database: 'ok' } } })
      const registered = await call(url, '/api/auth/register', { body: { ...eve, name: 'Eve' } })
      expect(registered.status).toBe(201)
      expect(await first.stop('SIGTERM')).toBe(0)
      expect(await isThere('skein.pid')).toBe(false)
      // Nothing but the mail that confirms her email.
      expect(first.errors).toMatch(/^\{"level":"info"[^\n]*"a mail was handed over"\}\n$/)

      await using second = spawnServer(env)
      const again = await second.ready()
      expect((await call(again, '/api/me', { token: tokenOf(registered) })).status).toBe(200)
      expect((await call(again, '/api/auth/login', { body: eve })).status).toBe(200)
      expect(await second.stop('SIGTERM')).toBe(0)
    })

    test('a request without a body, and one in chunks, are answered like any other', async () => {
      await using server = spawnServer(env)
      const url = await server.ready()
      for (const [method, path] of [
        ['POST', '/api/auth/refresh'],
        ['POST', '/api/chats'],
        ['PUT', '/api/me'],
        ['DELETE', '/api/me'],
      ] as const)
        expect((await fetch(url + path, { method })).status, `${method} ${path}`).toBeLessThan(500)
      const chunked = (text: string) => ({
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: new Blob([text]).stream(),
        duplex: 'half' as const,
      })
      expect((await fetch(`${url}/api/auth/register`, chunked(JSON.stringify({ ...eve, name: 'Eve' })))).status).toBe(201)
      expect((await fetch(`${url}/api/auth/login`, chunked('x'.repeat(20_000)))).status).toBe(413)
      expect(await server.stop('SIGTERM')).toBe(0)
    })

    test('Ctrl-C, which a terminal and npm both send on, ends it cleanly too', async () => {
      await using server = spawnServer(env)
      await server.ready()
      server.child.kill('SIGINT')
      expect(await server.stop('SIGINT')).toBe(0)
      expect(server.output).toContain('Stopping…')
    })

    test('SIGTERM to npm ends the server with it', async () => {
      await using npm = spawnNpmStart(env)
      const url = await npm.ready()
      expect(await (await fetch(url)).text()).toContain('<!doctype html>')
      expect(await npm.stop('SIGTERM')).toBe(0)
      expect(npm.output).toContain('Stopping…')
      expect(await isThere('skein.pid')).toBe(false)
    })

    test('S1: rotated keys are noticed by every server on the data directory; who was logged in stays so, and the old key goes', async () => {
      const start = () => spawnServerWithClock(env)
      await using first = start()
      const urls = [await first.ready()]
      await using other = database.shared ? start() : null
      if (other) urls.push(await other.ready())
      const servers = [first, ...(other ? [other] : [])]
      const kids = async (url: string): Promise<unknown[]> =>
        ((await call(url, '/.well-known/jwks.json')).body as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
      const kidOf = (token: string): unknown => (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid
      const [url = ''] = urls
      const token = tokenOf(await call(url, '/api/auth/login', { body: demo }))
      const [old] = await kids(url)
      await using rotation = spawnKeys(env, ['rotate'])
      expect(await rotation.exit).toEqual({ code: 0, signal: null })
      const [, added] = await rotation.line(/^Added ([\w-]{43})\. It signs from /m)
      for (const server of servers) await server.line(/the token keys were read anew/)
      const turn = async (minutes: number): Promise<void> => {
        for (const server of servers) await server.later(minutes)
      }
      for (const one of urls) expect(await kids(one)).toEqual([added, old])
      await turn(1)
      for (const one of urls) {
        const fresh = tokenOf(await call(one, '/api/auth/login', { body: demo }))
        expect(kidOf(fresh)).toBe(added)
        for (const there of urls) for (const given of [token, fresh]) expect((await call(there, '/api/me', { token: given })).status).toBe(200)
      }
      await using list = spawnKeys(env, ['list'])
      await list.exit
      expect(list.output).toMatch(new RegExp(`^${added} .*\n${String(old)}  from the start`, 'm'))
      await turn(6)
      for (const one of urls) expect(await kids(one)).toEqual([added])
      expect((await call(url, '/api/me', { token })).status).toBe(401)
      await using wrong = spawnKeys(env, ['fly'])
      expect((await wrong.exit).code).toBe(2)
      for (const server of servers) expect(await server.stop('SIGTERM')).toBe(0)
    })

    test('open sockets are told that it restarts', async () => {
      await using server = spawnServer(env)
      const socket = new WebSocket(`${(await server.ready()).replace('http', 'ws')}/sync`)
      await once(socket, 'open')
      const closed = once(socket, 'close')
      expect(await server.stop('SIGTERM')).toBe(0)
      expect(String((await closed)[1])).toBe('restart')
    })

    test('promise 2: what is answered while it stops is stored, once', async () => {
      await using first = spawnServer(env)
      const url = await first.ready()
      const token = tokenOf(await call(url, '/api/auth/login', { body: demo }))
      const { chats } = (await call(url, '/api/chats', { token })).body as { chats: { id: string }[] }
      const path = `/api/chats/${chats[0]?.id}/messages`
      const answered: string[] = []
      const sends = Array.from({ length: 40 }, async (_, index) => {
        const { status } = await call(url, path, { token, body: { text: `word ${index}` } })
        if (status === 201 && answered.push(`word ${index}`) === 1) first.child.kill('SIGTERM')
      })
      await Promise.allSettled(sends)
      expect((await first.exit).code).toBe(0)
      expect(answered.length).toBeGreaterThan(0)

      await using second = spawnServer(env)
      const { messages } = (await call(await second.ready(), `${path}?limit=100`, { token })).body as { messages: { text: string }[] }
      const stored = messages.map(({ text }) => text)
      expect(new Set(stored).size).toBe(stored.length)
      expect(stored).toEqual(expect.arrayContaining(answered))
    })

    test('killed, it starts again over its own pid file, and what it stored is there', async () => {
      await using first = spawnServer(env)
      expect((await call(await first.ready(), '/api/auth/register', { body: { ...eve, name: 'Eve' } })).status).toBe(201)
      await first.stop('SIGKILL')
      await using second = spawnServer(env)
      expect((await call(await second.ready(), '/api/auth/login', { body: eve })).status).toBe(200)
      expect(await readFile(join(env['DATA_DIR'] ?? '', 'skein.pid'), 'utf8')).toBe(`${second.child.pid}\n`)
    })

    test('wrong settings are named, all of them, before anything is opened', async () => {
      await using server = spawnServer({ ...env, PORT: 'eighty', REGISTRATION: 'maybe' })
      expect(await failed(server)).toBe(
        'PORT is wrong: it expects a port number from 0 to 65535 (0 picks a free one).\nREGISTRATION is wrong: it expects open, invite or closed.',
      )
      expect(await isThere('.')).toBe(false)
    })

    test('a taken port', async () => {
      await using first = spawnServer(env)
      const { port } = new URL(await first.ready())
      const other = { ...env, ...(await database.fresh()), DATA_DIR: join(root, 'other') }
      await using second = spawnServer({ ...other, PORT: port })
      expect(await failed(second)).toContain(`Port ${port} on 127.0.0.1 is taken.`)
      expect((await call(await first.ready(), '/health/ready')).status).toBe(200)
    })

    test('a folder that cannot be used, a damaged key', async () => {
      await mkdir(env['DATA_DIR'] ?? '')
      const file = join(env['DATA_DIR'] ?? '', 'file')
      await writeFile(file, '')
      await using nowhere = spawnServer({ ...env, DATA_DIR: file })
      expect(await failed(nowhere)).toContain(`DATA_DIR ${file} cannot be used`)
      await mkdir(join(env['DATA_DIR'] ?? '', 'keys'))
      await writeFile(join(env['DATA_DIR'] ?? '', 'keys', 'chain.json'), '{}')
      await using damaged = spawnServer(env)
      expect(await failed(damaged)).toMatch(/^The key file .*chain\.json cannot be used: .* Bring it back from a copy.*$/)
    })

    test('a second process on the same database', async () => {
      await using first = spawnServer(env)
      const url = await first.ready()
      await using second = spawnServer(env)
      if (database.shared) expect((await call(await second.ready(), '/health/ready')).status).toBe(200)
      else expect(await failed(second)).toMatch(/in use/)
      expect((await call(url, '/health/ready')).status).toBe(200)
      expect(await readFile(join(env['DATA_DIR'] ?? '', 'skein.pid'), 'utf8')).toBe(`${database.shared ? second.child.pid : first.child.pid}\n`)
    })

    test('a first start shows two people with a little history, and prints how to log in as long as they are there', async () => {
      for (let start = 0; start < 2; start++) {
        await using server = spawnServer(env)
        const url = await server.ready()
        await server.line(/Log in as ada@example\.org, password ada-tries-skein\nLog in as ben@example\.org/)
        const token = tokenOf(await call(url, '/api/auth/login', { body: demo }))
        const { chats } = (await call(url, '/api/chats', { token })).body as { chats: { id: string; members: object[]; seq: number }[] }
        expect(chats.map(({ members, seq }) => [members.length, seq])).toEqual([[2, 4]])
        const { messages } = (await call(url, `/api/chats/${chats[0]?.id}/messages`, { token })).body as { messages: { reactions: object[] }[] }
        expect(messages.map(({ reactions }) => reactions.length)).toEqual([0, 1, 0, 0])
        expect(await server.stop('SIGTERM')).toBe(0)
      }
      // Where others can reach the server, passwords that everybody knows are not offered but warned of.
      await using reachable = spawnServer({ ...env, PUBLIC_URL: 'https://chat.example.org' })
      await reachable.line(/^Open https:\/\/chat\.example\.org\nCareful: /m)
      expect(reachable.output).not.toContain('tries-skein')
    })

    test('a demo log-in whose password was changed is offered no more', async () => {
      {
        await using first = spawnServer(env)
        const url = await first.ready()
        const token = tokenOf(await call(url, '/api/auth/login', { body: demo }))
        const body = { currentPassword: demo.password, newPassword: 'correct horse battery' }
        expect((await call(url, '/api/me/password', { token, body })).status).toBe(200)
        expect(await first.stop('SIGTERM')).toBe(0)
      }
      await using again = spawnServer(env)
      await again.line(/Log in as ben@example\.org, password ben-tries-skein/)
      expect(again.output).not.toContain('ada')
    })

    test('no demo when it is not wanted', async () => {
      await using server = spawnServer({ ...env, SKEIN_DEMO: '0' })
      const url = await server.ready()
      await server.line(/^Open .*\n/m)
      expect(server.output).not.toContain('Log in as')
      expect((await call(url, '/api/auth/login', { body: demo })).status).toBe(401)
    })

    test('the client’s page stands at its own paths, never in the place of an API route', async () => {
      await using server = spawnServer(env)
      const url = await server.ready()
      for (const path of ['/api/nothing', '/health/nothing', '/sync']) {
        expect([path, (await call(url, path)).body]).toEqual([path, expect.objectContaining({ code: 'not-found' })])
      }
      const page = await fetch(`${url}/chats/abc`)
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(page.headers.get('content-type')).toMatch(/^text\//)
    })

    test('R1: requests are counted unless it is told not to, and other pages may ask where they are listed', async () => {
      const origin = 'https://www.example.org'
      for (const counts of [true, false]) {
        await using server = spawnServer({ ...env, CORS_ORIGINS: origin, ...(counts ? {} : { RATE_LIMITS: 'off' }) })
        const { headers } = await fetch(`${await server.ready()}/api/me`, { headers: { origin } })
        expect(headers.get('access-control-allow-origin')).toBe(origin)
        expect(headers.get('x-request-id')).toMatch(/^[\w-]{12}$/)
        expect(headers.get('ratelimit-policy')).toBe(counts ? `"network";q=${HTTP_RATES.network.quota};w=60` : null)
      }
    })

    test('an unhandled rejection is logged, drains and ends with 1', async () => {
      const planted = `process.on('SIGUSR2', () => void Promise.reject(new Error('planted')))`
      await using server = spawnServer(env, ['--import', `data:text/javascript,${encodeURIComponent(planted)}`])
      await server.ready()
      expect(await server.stop('SIGUSR2')).toBe(1)
      expect(server.errors).toMatch(/"level":"fatal".*"planted"/)
      expect(await isThere('skein.pid')).toBe(false)
    })

    test('the seed fills a database through the write path, again and again', async () => {
      for (let run = 1; run <= 2; run++) {
        await using seed = spawnSeed(env, ['--chats', '3', '--messages', '1010'])
        expect((await seed.exit).code).toBe(0)
        await using server = spawnServer(env)
        const url = await server.ready()
        const token = tokenOf(await call(url, '/api/auth/login', { body: { email: 'person-0@seed.example', password: 'seed-tries-skein' } }))
        const { chats } = (await call(url, '/api/chats', { token })).body as { chats: { seq: number; document: string }[] }
        expect(chats.map(({ seq }) => seq).toSorted()).toEqual([336 * run, 337 * run, 337 * run])
        expect(await server.stop('SIGTERM')).toBe(0)
      }
      await using wrong = spawnSeed(env, ['--chats', 'many'])
      expect(await failed(wrong)).toBe('--chats expects a whole number, at least 1.')
    })
  })
}
