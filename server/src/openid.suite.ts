// P3: logging in by an OpenID provider, with the provider as a second process; the same on both databases.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { providerSettings, spawnProvider, spawnServer, spawnServerWithClock, spawnUser, type SpawnedProcess } from '@skein/testing'
import { Visitor, type Body } from './visitor.suite.ts'

type Env = Record<string, string>
const password = 'correct horse battery'
const verified = (name: string, more: Body = {}): Body => ({ name, email: `${name.toLowerCase()}@example.org`, email_verified: true, ...more })

interface Skein extends AsyncDisposable {
  url: string
  process: SpawnedProcess
  visitor(): Visitor
  /** Registers with a password; their email is not confirmed. */
  register(name: string): Promise<Body>
  /** The token of the newest mail to `to` whose link leads to `path`. */
  mailed(path: string, to: string): Promise<string>
  /** What the mails to `to` are about. */
  subjects(to: string): string[]
}

export function describeOpenId(database: { fresh(): Promise<Env>; shared: boolean }): void {
  describe('P3: log-in by an OpenID provider', () => {
    let folder = ''
    let provider: SpawnedProcess
    let issuer = ''
    /** What most tests come to. */
    let skein: Skein
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'skein-openid-'))
      provider = spawnProvider()
      issuer = await provider.ready()
      skein = await open({ ISSUER: issuer, ISSUER_AUDIENCE: 'chat', ISSUER_JWKS_URL: `${issuer}/jwks.json` })
    })
    afterAll(async () => {
      await skein[Symbol.asyncDispose]()
      await provider[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    })

    const plan = async (planned: object): Promise<void> => {
      expect((await fetch(`${issuer}/plan`, { method: 'POST', body: JSON.stringify(planned) })).status).toBe(200)
    }
    let count = 0
    const fresh = async (): Promise<Env> => ({ DATA_DIR: join(folder, String(++count)), SKEIN_DEMO: '0', ...(await database.fresh()) })

    async function open(settings: Env = {}, env?: Env): Promise<Skein> {
      const all = { ...(env ?? (await fresh())), ...providerSettings(issuer), ...settings }
      const server = spawnServerWithClock(all)
      const url = await server.ready()
      const mails = (to: string): string[] => {
        const at = join(all['DATA_DIR'] ?? '', 'mail')
        const texts = existsSync(at) ? readdirSync(at).map((file) => readFileSync(join(at, file), 'utf8')) : []
        return texts.filter((text) => text.includes(`To: ${to}`))
      }
      return {
        url,
        process: server,
        visitor: () => new Visitor(url),
        async register(name) {
          const person = { email: `${name.toLowerCase()}@example.org`, name, password }
          const { status, json } = await new Visitor(url).ask('POST', '/api/auth/register', { body: person })
          expect(status).toBe(201)
          return json['user'] as Body
        },
        async mailed(path, to) {
          const find = (): string => mails(to).flatMap((text) => new RegExp(`/${path}#token=([\\w-]{22})`).exec(text)?.[1] ?? [])[0] ?? ''
          await expect.poll(find).not.toBe('')
          return find()
        },
        subjects: (to) => mails(to).flatMap((text) => /^Subject: (.*?)\r?$/m.exec(text)?.[1] ?? []),
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      }
    }

    test('somebody comes in by it, is the same person each time and by an exchanged token, and logs out as everybody does', async () => {
      await plan({ people: { ida: verified('Ida', { picture: 'https://example.org/ida.png' }), jan: verified('Jan') } })
      const ways = await skein.visitor().ask('GET', '/api/auth/ways')
      expect(ways.json).toEqual({ registration: 'open', provider: { label: 'Example' } })

      const ida = skein.visitor()
      const at = await ida.start('?returnTo=%2F%23chat-1')
      const asked = Object.fromEntries(new URL(at).searchParams)
      expect(at.startsWith(`${issuer}/authorize?`)).toBe(true)
      expect(asked).toEqual({
        client_id: 'skein',
        redirect_uri: `${skein.url}/api/auth/oidc/callback`,
        response_type: 'code',
        scope: 'openid profile email',
        state: expect.stringMatching(/^[\w-]{43}$/) as string,
        nonce: expect.stringMatching(/^[\w-]{43}$/) as string,
        code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
        code_challenge_method: 'S256',
      })
      expect(ida.attributes.get('skein_oidc')).toBe('Max-Age=600; Path=/api/auth/oidc; HttpOnly; SameSite=Lax')
      expect(await ida.arrive(await ida.choose(at, 'ida'))).toBe('/?oidc=entered#chat-1')
      expect(ida.cookies.has('skein_oidc')).toBe(false)
      expect(ida.attributes.get('skein_refresh')).toBe('Max-Age=2592000; Path=/api/auth; HttpOnly; SameSite=Strict')
      const session = await ida.session()
      expect(session).toMatchObject({
        status: 200,
        user: { name: 'Ida', email: 'ida@example.org', emailConfirmed: true, avatarUrl: 'https://example.org/ida.png' },
      })
      const authorization = `Bearer ${session.token}`

      // The same person on another device, under the name that the provider has now, and by a token of the same issuer.
      await plan({ people: { ida: verified('Ida', { name: 'Ida Tacke' }), jan: verified('Jan') } })
      const again = skein.visitor()
      expect(await again.logIn('ida')).toBe('/?oidc=entered')
      expect((await again.session()).user).toMatchObject({ id: session.user['id'], name: 'Ida Tacke', avatarUrl: null })
      const now = Math.floor(Date.now() / 1000)
      const claims = { iss: issuer, aud: 'chat', sub: 'ida', iat: now, exp: now + 60, ...verified('Ida') }
      const signed = (await (await fetch(`${issuer}/sign`, { method: 'POST', body: JSON.stringify(claims) })).json()) as Body
      const exchanged = await skein.visitor().ask('POST', '/api/auth/exchange', { body: { token: signed['token'] } })
      expect(exchanged.json['user']).toMatchObject({ id: session.user['id'] })
      const listed = await ida.ask('GET', '/api/auth/sessions', { headers: { authorization } })
      expect(listed.json['sessions']).toHaveLength(3)
      const jan = skein.visitor()
      await jan.logIn('jan')
      expect((await jan.session()).user['id']).not.toBe(session.user['id'])

      expect((await again.ask('POST', '/api/auth/logout')).status).toBe(200)
      expect((await again.session()).status).toBe(401)
      expect((await ida.session()).status).toBe(200)
      expect(skein.process.output).not.toContain('the secret of this client')
      expect(skein.process.output).not.toMatch(/"level":"(warn|error)"/)
    })

    test('a name and an email that stand in the user info alone are found; who has none of them comes in all the same', async () => {
      await plan({ people: { ida: verified('Ida'), nameless: {} }, onlyInUserInfo: true })
      const [ida, nameless] = [skein.visitor(), skein.visitor()]
      await ida.logIn('ida')
      expect((await ida.session()).user).toMatchObject({ name: 'Ida', email: 'ida@example.org', emailConfirmed: true })
      await nameless.logIn('nameless')
      expect((await nameless.session()).user).toMatchObject({ name: 'Somebody', email: null, emailConfirmed: false })
    })

    test('attack 34: what another browser, an old log-in or nobody began is not finished', async () => {
      await plan({ people: { ida: verified('Ida'), eve: verified('Eve') } })
      await using alone = await open()
      const expired = '/?oidc=login-expired'

      // Log-in CSRF: Eve's own good answer in the browser of somebody else, who began nothing, or something else.
      const [eve, ida] = [alone.visitor(), alone.visitor()]
      const ofEve = await eve.choose(await eve.start(), 'eve')
      expect(await ida.arrive(ofEve)).toBe(expired)
      const ofIda = await ida.start()
      expect(await ida.arrive(ofEve)).toBe(expired)
      expect((await ida.session()).status).toBe(401)
      // It ended nothing of hers.
      const back = await ida.choose(ofIda, 'ida')
      const forged = new URL(back)
      for (const state of ['', 'x'.repeat(43), new URL(ofEve).searchParams.get('state') ?? '']) {
        forged.searchParams.set('state', state)
        expect(await ida.arrive(forged)).toBe(expired)
      }
      forged.searchParams.delete('state')
      expect(await ida.arrive(forged)).toBe(expired)
      const kept = ida.cookies.get('skein_oidc') ?? ''
      for (const cookie of [
        'x',
        // The first letter of its tag: of the last one some bits mean nothing.
        kept.replace(/[^.](?=[^.]*$)/, (letter) => (letter === 'A' ? 'B' : 'A')),
        kept.replace(/^[^.]*/, Buffer.from('{"alg":"none"}').toString('base64url')),
      ]) {
        ida.cookies.set('skein_oidc', cookie)
        expect(await ida.arrive(back)).toBe(expired)
      }
      ida.cookies.set('skein_oidc', kept)
      expect(await ida.arrive(back)).toBe('/?oidc=entered')

      // Replayed: the cookie is gone; kept by hand, the code is used.
      expect(await ida.arrive(back)).toBe(expired)
      ida.cookies.set('skein_oidc', kept)
      expect(await ida.arrive(back)).toBe('/?oidc=identity-refused')
      // A code that was stolen is worth nothing in a log-in of the thief's own.
      const stolen = await eve.choose(await eve.start(), 'eve')
      const thief = alone.visitor()
      const own = await thief.choose(await thief.start(), null)
      own.searchParams.delete('error')
      own.searchParams.set('code', stolen.searchParams.get('code') ?? '')
      expect(await thief.arrive(own)).toBe('/?oidc=identity-refused')
      expect((await thief.session()).status).toBe(401)

      const late = await ida.choose(await ida.start(), 'ida')
      await alone.process.later(10)
      expect(await ida.arrive(late)).toBe(expired)
      expect(alone.process.output).not.toContain(stolen.searchParams.get('code'))
      expect(alone.process.output).not.toContain(kept)
    })

    test('S1, attack 34: an ID token that is another’s, nobody’s or not for this log-in lets nobody in', async () => {
      const people = { ida: verified('Ida') }
      const now = Math.floor(Date.now() / 1000)
      for (const lies of [
        { claims: { nonce: null } },
        { claims: { nonce: 'another' } },
        { claims: { aud: 'another' } },
        { claims: { aud: ['skein', 'another'], azp: 'another' } },
        { claims: { aud: null } },
        { claims: { iss: 'https://elsewhere.example' } },
        { claims: { iss: null } },
        { claims: { sub: null } },
        { claims: { sub: '' } },
        { claims: { sub: 'x'.repeat(256) } },
        { claims: { exp: now - 300 } },
        { claims: { exp: null } },
        { claims: { nbf: now + 300 } },
        { signature: 'none' },
        { signature: 'by-secret' },
        { signature: 'by-a-stranger' },
        // Mix-up: the answer says that it is of another provider.
        { iss: 'https://elsewhere.example' },
        { iss: '' },
      ]) {
        await plan({ people, lies })
        const ida = skein.visitor()
        expect([lies, await ida.logIn('ida')]).toEqual([lies, '/?oidc=identity-refused'])
        expect([...ida.cookies.keys()]).toEqual([])
      }
      await plan({ people })
      expect(await skein.visitor().logIn('ida')).toBe('/?oidc=entered')
      // Why is told to who runs the server, not to strangers.
      expect(skein.process.output).toMatch(/"level":"warn".*nonce/)
    })

    test('it leads back into the app and nowhere else, and another page cannot start it', async () => {
      await plan({ people: { ida: verified('Ida') } })
      const ida = skein.visitor()
      for (const to of [
        'https://evil.example',
        '//evil.example',
        '/\\evil.example',
        '/.//evil.example',
        '/%2f/evil.example',
        '\\/evil.example',
        '/\t/evil.example',
        'javascript:alert(1)',
        '/@evil.example',
        '/#x\r\nSet-Cookie: a=b',
        '/api/auth/oidc/start',
        '',
      ]) {
        const { status, code } = await ida.ask('GET', `/api/auth/oidc/start?returnTo=${encodeURIComponent(to)}`)
        expect([to, status, code]).toEqual([to, 400, 'bad-request'])
      }
      for (const site of ['cross-site', 'same-site']) expect(await ida.start('?returnTo=%2F%23chat', { 'sec-fetch-site': site })).toBe('/#chat')
      expect([...ida.cookies.keys()]).toEqual([])
      // A browser that does not say where from, an address that was typed.
      for (const headers of [{}, { 'sec-fetch-site': 'none' }] as Env[]) expect(await ida.start('', headers)).toContain(`${issuer}/authorize?`)
    })

    test('attack 34: an account with the same email is linked only where both sides know the email, and keeps what is its own', async () => {
      await plan({
        people: {
          ann: verified('Ann', { name: 'Ann of the provider' }),
          'ann again': verified('Ann'),
          vague: { ...verified('Ann'), email_verified: false },
        },
      })
      const ann = await skein.register('Ann')
      // Somebody may have registered with her email: nobody is let into that.
      expect(await skein.visitor().logIn('ann')).toBe('/?oidc=not-linked')
      const confirmed = await skein.visitor().ask('POST', '/api/auth/confirm', { body: { token: await skein.mailed('confirm', 'ann@example.org') } })
      expect(confirmed.status).toBe(200)
      expect(await skein.visitor().logIn('vague')).toBe('/?oidc=not-linked')

      const browser = skein.visitor()
      expect(await browser.logIn('ann')).toBe('/?oidc=entered')
      expect((await browser.session()).user).toMatchObject({ id: ann['id'], name: 'Ann', email: 'ann@example.org', emailConfirmed: true })
      await expect.poll(() => skein.subjects('ann@example.org')).toContain('Another way to log in to Skein')
      const login = await skein.visitor().ask('POST', '/api/auth/login', { body: { email: 'ann@example.org', password } })
      expect(login.json['user']).toMatchObject({ id: ann['id'] })
      // The email was given to somebody else.
      expect(await skein.visitor().logIn('ann again')).toBe('/?oidc=not-linked')
      expect(await skein.visitor().logIn('ann')).toBe('/?oidc=entered')
      expect(skein.subjects('ann@example.org').filter((subject) => subject.startsWith('Another way'))).toHaveLength(1)
    })

    test('who called it off, who is disabled, and a provider that does not answer are told so, in the app; a server starts without its provider', async () => {
      const away = spawnProvider()
      const home = await away.ready()
      expect(await away.stop('SIGTERM')).toBeNull()
      const env = await fresh()
      await using alone = await open({ OIDC_ISSUER: home }, env)
      const ida = alone.visitor()
      expect(await ida.start('?returnTo=%2F%23chat')).toBe('/?oidc=provider-away#chat')
      expect(ida.cookies.size).toBe(0)
      await using late = spawnProvider(Number(new URL(home).port))
      await late.ready()
      const people = { ida: verified('Ida') }
      const planned = (body: object) => fetch(`${home}/plan`, { method: 'POST', body: JSON.stringify(body) })
      await planned({ people })
      expect(await ida.logIn(null)).toBe('/?oidc=login-denied')
      await planned({ people, lies: { status: 503 } })
      expect(await ida.logIn('ida')).toBe('/?oidc=provider-away')
      await planned({ people })
      expect(await ida.logIn('ida', '?returnTo=%2F%23chat')).toBe('/?oidc=entered#chat')
      const { user } = await ida.session()

      if (!database.shared) expect(await alone.process.stop('SIGTERM')).toBe(0)
      await using disabling = spawnUser(env, ['disable', String(user['id'])])
      expect((await disabling.exit).code).toBe(0)
      await using second = database.shared ? alone : await open({ OIDC_ISSUER: home }, env)
      const later = second.visitor()
      expect(await later.logIn('ida')).toBe('/?oidc=account-disabled')
      expect(later.cookies.size).toBe(0)
      expect(alone.process.errors).not.toMatch(/"level":"error"/)
    })

    test('where registration is closed or by invitation, or emails have to be confirmed, that holds for who is new here, too', async () => {
      await plan({ people: { ida: verified('Ida'), vague: { name: 'Vague', email: 'vague@example.org' }, none: { name: 'None' } } })
      const env = await fresh()
      await using adding = spawnUser(env, ['add', 'ida@example.org', 'Ida'], `${password}\n`)
      expect((await adding.exit).code).toBe(0)
      await using inviting = spawnUser(env, ['invite'])
      expect((await inviting.exit).code).toBe(0)
      const [, invitation = ''] = /#invite=([\w-]+)/.exec(inviting.output) ?? []

      await using closed = await open({ REGISTRATION: 'closed' }, env)
      expect(await closed.visitor().logIn('vague')).toBe('/?oidc=registration-closed')
      expect(await closed.visitor().logIn('ida')).toBe('/?oidc=entered')
      expect(await closed.process.stop('SIGTERM')).toBe(0)

      await using strict = await open({ REGISTRATION: 'invite', EMAIL_CONFIRMATION: 'required' }, env)
      for (const who of ['vague', 'none']) expect(await strict.visitor().logIn(who, `?invite=${invitation}`)).toBe('/?oidc=email-unverified')
      expect(await strict.process.stop('SIGTERM')).toBe(0)

      await using invited = await open({ REGISTRATION: 'invite' }, env)
      expect(await invited.visitor().logIn('vague')).toBe('/?oidc=invitation-needed')
      expect(await invited.visitor().logIn('vague', '?invite=another')).toBe('/?oidc=link-expired')
      expect(await invited.visitor().logIn('vague', `?invite=${invitation}`)).toBe('/?oidc=entered')
      expect(await invited.visitor().logIn('none', `?invite=${invitation}`)).toBe('/?oidc=link-expired')
      expect(await invited.visitor().logIn('vague')).toBe('/?oidc=entered')
      await expect.poll(() => invited.subjects('vague@example.org')).toEqual(['Confirm your email for Skein'])
    })

    test('ERASE-4: who has no password, but this provider, makes API keys and erases themselves shortly after logging in, and later once they have logged in again', async () => {
      await plan({ people: { ida: verified('Ida') } })
      await using alone = await open()
      const ida = alone.visitor()
      await ida.logIn('ida')
      async function ask(method: string, path: string, body: Body) {
        const { status, code } = await ida.ask(method, path, { body, headers: { authorization: `Bearer ${(await ida.session()).token}` } })
        return [status, code]
      }
      const key = { name: 'Bot', scopes: ['chats:read'] }
      expect(await ask('POST', '/api/keys', key)).toEqual([201, undefined])
      expect(await ask('DELETE', '/api/me', { password: '' })).toEqual([403, 'wrong-password'])
      await alone.process.later(6)
      expect(await ask('POST', '/api/keys', key)).toEqual([403, 'login-too-old'])
      expect(await ask('DELETE', '/api/me', {})).toEqual([403, 'login-too-old'])
      // The provider's clock was not turned.
      await plan({ people: { ida: verified('Ida') }, lies: { claims: { exp: Math.floor(Date.now() / 1000) + 900 } } })
      expect(await ida.logIn('ida')).toBe('/?oidc=entered')
      expect(await ask('DELETE', '/api/me', {})).toEqual([200, undefined])
    })

    test('where there is no provider none is offered, and its routes are not there', async () => {
      await using server = spawnServer(await fresh())
      const visitor = new Visitor(await server.ready())
      expect((await visitor.ask('GET', '/api/auth/ways')).json).toEqual({ registration: 'open', provider: null })
      for (const path of ['start', 'callback?code=x&state=y'])
        expect(await visitor.ask('GET', `/api/auth/oidc/${path}`)).toMatchObject({ status: 404, code: 'no-provider' })
    })
  })
}
