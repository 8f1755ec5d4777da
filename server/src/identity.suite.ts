// P3: an embedder's own identity, with its issuer as a second process; the same on both databases.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { spawnIssuer, spawnServer, spawnServerWithClock, spawnUser } from '@skein/testing'

type Env = Record<string, string>
const password = 'correct horse battery'

async function ask(url: string, method: string, path: string, { body, token }: { body?: object; token?: string } = {}) {
  const headers: Env = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) }
  const answer = await fetch(url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
  const json = (await answer.json()) as Record<string, unknown>
  return { status: answer.status, code: json['code'], json, cookie: answer.headers.get('set-cookie') }
}

export function describeIdentity(database: { fresh(): Promise<Env>; shared: boolean }): void {
  describe('P3: an embedder’s own identity', () => {
    let folder = ''
    afterAll(() => rm(folder, { recursive: true, force: true }))

    test('tokens of another issuer are exchanged for Skein’s; its people appear, change and talk as everybody does', async () => {
      folder = await mkdtemp(join(tmpdir(), 'skein-identity-'))
      await using issuer = spawnIssuer()
      const home = await issuer.ready()
      const env: Env = {
        DATA_DIR: folder,
        SKEIN_DEMO: '0',
        ...(await database.fresh()),
        ISSUER: 'https://embedder.example',
        ISSUER_AUDIENCE: 'chat',
        ISSUER_JWKS_URL: `${home}/jwks.json`,
      }
      const signed = async (claims: object): Promise<string> => {
        const now = Math.floor(Date.now() / 1000)
        const body = { iss: 'https://embedder.example', aud: 'chat', iat: now, exp: now + 600, ...claims }
        return String((await ask(home, 'POST', '/sign', { body })).json['token'])
      }
      const start = () => spawnServerWithClock(env)
      await using first = start()
      let url = await first.ready()
      const exchange = async (claims: object) => ask(url, 'POST', '/api/auth/exchange', { body: { token: await signed(claims) } })
      const local = await ask(url, 'POST', '/api/auth/register', { body: { email: 'ann@example.org', name: 'Ann', password } })
      const { id: annId } = local.json['user'] as { id: string }

      const ida = { sub: 'ida', name: ' Ida <b>Noddack</b>', email: 'Ida@Example.org', email_verified: true, picture: 'https://example.org/ida.png' }
      const entered = await exchange(ida)
      const user = { email: 'ida@example.org', emailConfirmed: true, name: 'Ida <b>Noddack</b>', avatarUrl: ida.picture }
      expect(entered).toMatchObject({ status: 200, json: { user }, cookie: null })
      const { id } = entered.json['user'] as { id: string }
      const token = String(entered.json['accessToken'])
      expect((await ask(url, 'GET', '/api/me', { token })).json['user']).toEqual({ id, ...user })
      const chat = await ask(url, 'POST', '/api/chats', { token, body: { email: 'ann@example.org' } })
      const chatId = (chat.json['chat'] as { id: string }).id
      expect((await ask(url, 'POST', `/api/chats/${chatId}/messages`, { token, body: { text: 'Hello Ann' } })).status).toBe(201)
      expect((await ask(url, 'GET', `/api/users/${id}`, { token: String(local.json['accessToken']) })).json['user']).toMatchObject({
        name: user.name,
        avatarUrl: ida.picture,
      })

      // The same person with another name; nobody’s email; what no account could have.
      const later = await exchange({ sub: 'ida', name: 'Ida Tacke', email: 'ann@example.org', picture: 'javascript:alert(1)' })
      expect(later.json['user']).toEqual({ id, email: null, emailConfirmed: false, name: 'Ida Tacke', avatarUrl: null })
      expect((await exchange({ sub: annId, name: '\u202e', email: 'not an email' })).json['user']).toMatchObject({ name: 'Somebody', email: null })
      expect((await ask(url, 'POST', '/api/auth/login', { body: { email: 'ann@example.org', password } })).json['user']).toMatchObject({ id: annId })

      // The same token twice is one device, which can be ended.
      const again = await signed({ sub: 'ida', name: 'Ida Tacke' })
      for (let n = 0; n < 2; n++) expect((await ask(url, 'POST', '/api/auth/exchange', { body: { token: again } })).status).toBe(200)
      const listed = await ask(url, 'GET', '/api/auth/sessions', { token })
      expect(listed.json['sessions']).toHaveLength(3)

      // What others sign, or for others, is not taken.
      const now = Math.floor(Date.now() / 1000)
      for (const [claims, code] of [
        [{ sub: 'ida', aud: 'shop' }, 'identity-refused'],
        [{ sub: 'ida', iss: 'https://elsewhere.example' }, 'identity-refused'],
        [{ sub: 'ida', exp: 253_370_764_800 }, 'identity-refused'],
        [{ name: 'Nobody' }, 'identity-refused'],
      ] as const)
        expect([claims, await exchange(claims)]).toMatchObject([claims, { status: 401, code }])
      for (const bad of ['x', token, `${Buffer.from('{"alg":"none"}').toString('base64url')}.${again.split('.')[1]}.`])
        expect(await ask(url, 'POST', '/api/auth/exchange', { body: { token: bad } })).toMatchObject({ status: 401, code: 'identity-refused' })
      // A new key of the issuer's is found, once it is worth while to look again.
      const before = await signed({ sub: 'ida', name: 'Ida Tacke' })
      issuer.child.kill('SIGUSR2')
      await issuer.line(/^another key$/m)
      expect((await exchange({ sub: 'ida', name: 'Ida Tacke' })).status).toBe(401)
      await first.later(1)
      expect((await exchange({ sub: 'ida', name: 'Ida Tacke' })).json['user']).toMatchObject({ id })
      expect((await ask(url, 'POST', '/api/auth/exchange', { body: { token: before } })).json['user']).toMatchObject({ id })
      expect(first.errors).not.toMatch(/"level":"error"/)
      expect(first.output).not.toContain(again)

      // No password, and none by mail; whoever runs the server shuts them out.
      for (const given of ['none', '']) {
        expect(await ask(url, 'POST', '/api/auth/login', { body: { email: `none:${id}`, password: given } })).toMatchObject({ status: 401 })
      }
      if (!database.shared) expect(await first.stop('SIGTERM')).toBe(0)
      await using disabling = spawnUser(env, ['disable', id])
      expect((await disabling.exit).code).toBe(0)
      await using second = database.shared ? first : start()
      url = await second.ready()
      expect(await exchange({ sub: 'ida', name: 'Ida Tacke' })).toMatchObject({ status: 403, code: 'account-disabled' })
      expect(await exchange({ sub: 'ida', iat: now - 700, exp: now - 120 })).toMatchObject({ status: 401, code: 'identity-expired' })
    })

    test('while the issuer is away that is said, and where there is none no token is taken', async () => {
      const env: Env = { DATA_DIR: join(folder, 'other'), SKEIN_DEMO: '0', ...(await database.fresh()) }
      const body = { token: `${Buffer.from('{"alg":"EdDSA","kid":"x"}').toString('base64url')}.e30.eA` }
      await using none = spawnServer(env)
      expect(await ask(await none.ready(), 'POST', '/api/auth/exchange', { body })).toMatchObject({ status: 404, code: 'no-issuer' })
      expect(await none.stop('SIGTERM')).toBe(0)
      await using issuer = spawnIssuer()
      const home = await issuer.ready()
      await issuer.stop('SIGKILL')
      await using server = spawnServer({ ...env, ISSUER: 'i', ISSUER_AUDIENCE: 'a', ISSUER_JWKS_URL: `${home}/jwks.json` })
      expect(await ask(await server.ready(), 'POST', '/api/auth/exchange', { body })).toMatchObject({ status: 503, code: 'issuer-away' })
    })
  })
}
