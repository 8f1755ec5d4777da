// What one does by a mail: a new password, a confirmed email, an invitation; and what is told to whoever had an email or a session before.
import { expect, test } from 'vitest'
import { newLinkToken } from '@skein/auth'
import { HTTP_RATES, MAX_LINK_TOKEN_LENGTH, type UserId } from '@skein/protocol'
import { createApi, createRateLimits, type ApiDependencies } from '../index.ts'
import { ask, badRequest, cookieOf, origin, password, refusal, type Answer, type Person, type World } from './world.suite.ts'

const HOUR = 3_600_000
const fresh = 'another good phrase'

export function recoveryTests(world: () => World): void {
  let count = 0
  const newEmail = (): string => `mailed-${++count}@example.org`
  const post = (path: string, body: object): Promise<Answer> => world().ask('POST', `/api/auth/${path}`, { body })
  const logIn = (email: string, given = password): Promise<Answer> => post('login', { email, password: given })
  const register = (email: string): Promise<Answer> => post('register', { email, name: 'Mia', password })
  const refresh = (cookie: string): Promise<Answer> => world().ask('POST', '/api/auth/refresh', { headers: { origin, cookie } })
  const ended = (): string[] => world().notices.flatMap((notice) => (notice.kind === 'ended' ? [notice.sessionId] : []))

  /** The mails that an email got since the last question. */
  async function mailsTo(email: string): Promise<{ kind: string; text: string; token: string }[]> {
    await world().settled()
    const { mails } = world()
    const found = mails.filter(({ to }) => to === email)
    for (const mail of found) mails.splice(mails.indexOf(mail), 1)
    return found.map(({ kind, text }) => ({ kind, text, token: /#token=([\w-]{22})$/m.exec(text)?.[1] ?? '' }))
  }
  async function resetToken(email: string): Promise<string> {
    expect(await post('forgot', { email })).toMatchObject({ status: 200, body: {} })
    const [mail, ...others] = await mailsTo(email)
    expect([mail?.kind, others]).toEqual(['reset', []])
    return mail?.token ?? ''
  }
  async function freshToken(email: string): Promise<string> {
    await mailsTo(email)
    return resetToken(email)
  }
  const withSettings = (changes: Partial<ApiDependencies>): ReturnType<typeof createApi> => createApi({ ...world().dependencies, ...changes })

  test('P4: a forgotten password is replaced by a link from a mail: once, and every session ends', async () => {
    const { email } = await world().person()
    const [first, second] = [await logIn(email), await logIn(email)]
    const token = await resetToken(email)
    const before = ended().length
    expect(await post('reset', { token, password: fresh })).toMatchObject({ status: 200, body: {} })
    expect(ended().slice(before)).toHaveLength(2)
    for (const device of [first, second]) expect(await refresh(cookieOf(device))).toMatchObject(refusal(401, 'session-ended'))
    expect(await logIn(email)).toMatchObject(refusal(401, 'wrong-login'))
    const answer = await logIn(email, fresh)
    expect(answer).toMatchObject({ status: 200, body: { user: { email, emailConfirmed: true } } })
    expect(await post('reset', { token, password })).toMatchObject(refusal(410, 'link-expired'))
    expect((await logIn(email, fresh)).status).toBe(200)
  })

  test('P4: the mail’s link begins with the server’s own address, whatever host a request names, and stands in the database as a hash alone', async () => {
    const { email } = await world().person()
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' }
    expect((await world().ask('POST', '/api/auth/forgot', { body: { email }, headers })).status).toBe(200)
    const [mail] = await mailsTo(email)
    expect(mail?.text).toMatch(/^https:\/\/chat\.example\.org\/reset#token=[\w-]{22}$/m)
    expect(mail?.text).not.toContain('evil')
    expect(await world().storage.link('reset', mail?.token ?? '')).toBeNull()
  })

  test('P4: asking for a link tells nobody whether there is an account: the answer is one, and is given before anything is looked up', async () => {
    const { storage } = world()
    const [there, disabled, gone] = [await world().person(), await world().person(), await world().person()]
    await storage.disableUser(disabled.id)
    await storage.eraseUser(gone.id)
    const vouched = (
      await storage.personOf({ issuer: 'i', subject: `s${++count}`, name: 'V', email: newEmail(), isEmailVerified: true, avatarUrl: null })
    ).user
    const later: (() => Promise<void>)[] = []
    const looked: string[] = []
    const watched = new Proxy(storage, {
      get: (target, key, receiver) => {
        looked.push(String(key))
        return Reflect.get(target, key, receiver) as unknown
      },
    })
    const api = withSettings({ storage: watched, inBackground: (work) => void later.push(work) })
    const answers: Answer[] = []
    for (const email of [there.email, 'nobody@example.org', disabled.email, gone.email, vouched.email ?? '', `erased:${gone.id}`, 'no email'])
      answers.push(await ask(api, 'POST', '/api/auth/forgot', { body: { email } }))
    for (const { status, body } of answers) expect({ status, body }).toEqual({ status: 200, body: {} })
    expect(looked.filter((name) => name !== 'then')).toEqual([])
    const before = world().mails.length
    for (const work of later) await work()
    expect(
      world()
        .mails.slice(before)
        .map(({ to }) => to),
    ).toEqual([there.email])
  })

  test('P4: links for a new password end after an hour, with any other change of it, and with the email', async () => {
    const late = await world().person()
    const expired = await resetToken(late.email)
    world().clock.now += HOUR
    expect(await post('reset', { token: expired, password: fresh })).toMatchObject(refusal(410, 'link-expired'))
    const one = await world().person()
    const beforeChange = await resetToken(one.email)
    expect((await one.post('/api/me/password', { currentPassword: password, newPassword: fresh })).status).toBe(200)
    expect(await post('reset', { token: beforeChange, password })).toMatchObject(refusal(410, 'link-expired'))
    const two = await world().person()
    const [toOld, other] = [await resetToken(two.email), await resetToken(two.email)]
    expect((await two.ask('PATCH', '/api/me', { email: newEmail(), password })).status).toBe(200)
    for (const old of [toOld, other]) expect(await post('reset', { token: old, password: fresh })).toMatchObject(refusal(410, 'link-expired'))
  })

  test('P4: a new password by a link is checked like any other, and a bad one uses up nothing', async () => {
    const { email } = await world().person()
    const token = await resetToken(email)
    expect(await post('reset', { token, password: 'short' })).toMatchObject(badRequest('password'))
    expect(await post('reset', { token, password: 'password1' })).toMatchObject(refusal(400, 'common-password'))
    for (const bad of ['', 'unknown', `${token}x`, '\0'.repeat(22)])
      expect(await post('reset', { token: bad, password: fresh })).toMatchObject(refusal(410, 'link-expired'))
    expect(await post('reset', { token: 'x'.repeat(MAX_LINK_TOKEN_LENGTH + 1), password: fresh })).toMatchObject(badRequest('token'))
    expect((await post('reset', { token, password: fresh })).status).toBe(200)
  })

  test('R1: mails are counted by the email and by the network, there or not; a reset forgets what was guessed before it', async () => {
    const { email } = await world().person()
    const api = withSettings({ rateLimits: createRateLimits(null, { ...HTTP_RATES, mails: { quota: 12, seconds: 3_600 } }) })
    const forgot = (given: string, network = 'a'): Promise<number> =>
      Promise.resolve(
        api.request(
          `${origin}/api/auth/forgot`,
          { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: given }) },
          { network },
        ),
      ).then(({ status }) => status)
    for (const one of [email, 'nobody-at-all@example.org']) {
      const statuses: number[] = []
      for (let i = 0; i < 6; i++) statuses.push(await forgot(i % 2 ? one : one.toUpperCase(), `net ${i}`))
      expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
    }
    const statuses: number[] = []
    for (let i = 0; i < 13; i++) statuses.push(await forgot(newEmail()))
    expect(statuses).toEqual([...Array<number>(12).fill(200), 429])

    const [mail] = await mailsTo(email)
    const attempt = (given: string): Promise<Answer> => ask(api, 'POST', '/api/auth/login', { body: { email, password: given } })
    for (let i = 0; i < HTTP_RATES.login.quota; i++) expect((await attempt('a wrong guess')).status).toBe(401)
    expect((await attempt(password)).status).toBe(429)
    expect((await ask(api, 'POST', '/api/auth/reset', { body: { token: mail?.token, password: fresh } })).status).toBe(200)
    expect((await attempt(fresh)).status).toBe(200)
  })

  test('P4: whoever registers gets a mail to confirm the email, and it shows until they did', async () => {
    const email = newEmail()
    const answer = await register(email)
    expect(answer.body['user']).toMatchObject({ email, emailConfirmed: false })
    const [mail, ...others] = await mailsTo(email)
    expect([mail?.kind, others]).toEqual(['confirm', []])
    expect(mail?.text).toMatch(/^https:\/\/chat\.example\.org\/confirm#token=[\w-]{22}$/m)
    // Nothing that a stranger could have typed.
    expect(mail?.text).not.toContain('Mia')
    expect(await post('confirm', { token: 'unknown' })).toMatchObject(refusal(410, 'link-expired'))
    expect(await post('confirm', { token: mail?.token ?? '' })).toMatchObject({ status: 200, body: {} })
    expect(await post('confirm', { token: mail?.token ?? '' })).toMatchObject(refusal(410, 'link-expired'))
    expect((await logIn(email)).body['user']).toMatchObject({ emailConfirmed: true })
  })

  async function withToken(email: string): Promise<{ headers: { authorization: string } }> {
    return { headers: { authorization: `Bearer ${String((await logIn(email)).body['accessToken'])}` } }
  }

  test('P4: another mail can be asked for, as long as there is something to confirm; each link works', async () => {
    const email = newEmail()
    await register(email)
    const again = async (): Promise<Answer> => world().ask('POST', '/api/me/confirmation', await withToken(email))
    expect((await again()).status).toBe(200)
    const [first, second] = await mailsTo(email)
    expect((await post('confirm', { token: first?.token ?? '' })).status).toBe(200)
    expect((await post('confirm', { token: second?.token ?? '' })).status).toBe(200)
    expect((await again()).status).toBe(200)
    expect(await mailsTo(email)).toEqual([])
  })

  test('P4: another email is to be confirmed anew, and the old one is told; the same email again is no change', async () => {
    const [before, after] = [newEmail(), newEmail()]
    await register(before)
    const [confirm] = await mailsTo(before)
    const change = async (changes: object, from = before): Promise<Answer> =>
      world().ask('PATCH', '/api/me', { ...(await withToken(from)), body: { ...changes, password } })
    expect((await change({ email: before.toUpperCase() })).status).toBe(200)
    expect(await mailsTo(before)).toEqual([])
    expect(await change({ email: after })).toMatchObject({ status: 200, body: { user: { email: after, emailConfirmed: false } } })
    expect((await mailsTo(before)).map(({ kind }) => kind)).toEqual(['email-changed'])
    const [link] = await mailsTo(after)
    expect(link?.kind).toBe('confirm')
    expect(await post('confirm', { token: confirm?.token ?? '' })).toMatchObject(refusal(410, 'link-expired'))
    expect((await post('confirm', { token: link?.token ?? '' })).status).toBe(200)
  })

  test('P4: where emails have to be confirmed, nobody logs in before; a link for a new password confirms too', async () => {
    const api = withSettings({ unconfirmedMayLogIn: false })
    const strict = (path: string, body: object): Promise<Answer> => ask(api, 'POST', `/api/auth/${path}`, { body })
    for (const way of ['confirm', 'reset'] as const) {
      const email = newEmail()
      const registered = await strict('register', { email, name: 'Mia', password })
      expect(registered).toMatchObject(refusal(403, 'email-unconfirmed'))
      expect(registered.headers.get('set-cookie')).toBeNull()
      expect(await strict('login', { email, password })).toMatchObject(refusal(403, 'email-unconfirmed'))
      // Told to nobody who does not know the password.
      expect(await strict('login', { email, password: fresh })).toMatchObject(refusal(401, 'wrong-login'))
      if (way === 'confirm') await post('confirm', { token: (await mailsTo(email))[0]?.token ?? '' })
      else await post('reset', { token: await freshToken(email), password })
      expect((await strict('login', { email, password })).status).toBe(200)
    }
  })

  test('P4: by invitation: each link makes one account, for the email that it names or for any', async () => {
    const api = withSettings({ registration: 'invite' })
    const { storage, dependencies, clock } = world()
    async function invite(email: string | null = null, lifetimeMs = HOUR): Promise<string> {
      const { token, tokenHash } = newLinkToken(dependencies.randomBytes)
      await storage.createLink({ tokenHash, purpose: 'invite', userId: null, email, expiresAt: clock.now + lifetimeMs })
      return token
    }
    const join = (invitation: string | undefined, email = newEmail()): Promise<Answer> =>
      ask(api, 'POST', '/api/auth/register', {
        body: { email, name: 'Guest', password, ...(invitation === undefined ? {} : { invite: invitation }) },
      })
    expect(await join(undefined)).toMatchObject(refusal(403, 'invitation-needed'))
    const token = await invite()
    const email = newEmail()
    expect(await join(token, email)).toMatchObject({ status: 201, body: { user: { email } } })
    for (const bad of [token, 'unknown', await invite(null, 0), await freshToken(email)])
      expect(await join(bad)).toMatchObject(refusal(410, 'link-expired'))
    const named = await invite('guest@invited.example')
    expect(await join(named)).toMatchObject(refusal(410, 'link-expired'))
    expect(await join(named, email)).toMatchObject(refusal(410, 'link-expired'))
    expect((await join(named, 'Guest@invited.example')).status).toBe(201)
    // Where registration is open an invitation is needless, and does no harm; where it is closed it opens nothing.
    expect((await post('register', { email: newEmail(), name: 'A', password, invite: 'unknown' })).status).toBe(201)
    const closed = withSettings({ registration: 'closed' })
    const answer = await ask(closed, 'POST', '/api/auth/register', { body: { email: newEmail(), name: 'A', password, invite: await invite() } })
    expect(answer).toMatchObject(refusal(403, 'registration-closed'))
  })

  test('S2: whoever’s refresh token came twice is told: by mail, in the list of devices for a month, and once at a log-in', async () => {
    const email = newEmail()
    const agent = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0' }
    const answer = await world().ask('POST', '/api/auth/register', { body: { email, name: 'Mia', password }, headers: agent })
    await mailsTo(email)
    const start = cookieOf(answer)
    await refresh(cookieOf(await refresh(start)))
    world().clock.now += 31_000
    expect(await refresh(start)).toMatchObject(refusal(401, 'session-ended'))
    const at = new Date(world().clock.now).toISOString()
    const [mail, ...others] = await mailsTo(email)
    expect([mail?.kind, others]).toEqual(['token-reused', []])
    expect(mail?.text).toContain('(Firefox on Windows)')
    const id = start.slice(start.indexOf('=') + 1, start.indexOf('.'))
    const reused = [{ id, device: 'Firefox on Windows', at }]
    expect((await logIn(email)).body['reused']).toEqual(reused)
    const again = await logIn(email)
    expect(again.body['reused']).toEqual([])
    const headers = { authorization: `Bearer ${String(again.body['accessToken'])}` }
    expect((await world().ask('GET', '/api/auth/sessions', { headers })).body['reused']).toEqual(reused)
    // It came once more: the session is gone already, and nobody is told again.
    await refresh(start)
    expect(await mailsTo(email)).toEqual([])
    world().clock.now += 31 * 24 * HOUR
    const later = { authorization: `Bearer ${String((await logIn(email)).body['accessToken'])}` }
    expect((await world().ask('GET', '/api/auth/sessions', { headers: later })).body['reused']).toEqual([])
  })

  test('what fails behind an answer is the server’s to log, and the answer stands', async () => {
    const failures: unknown[] = []
    const failing = { ...world().storage, accountByEmail: () => Promise.reject(new Error('away')) }
    const api = withSettings({ storage: failing, inBackground: (work) => void work().catch((error: unknown) => failures.push(error)) })
    expect((await ask(api, 'POST', '/api/auth/forgot', { body: { email: newEmail() } })).status).toBe(200)
    expect(failures).toHaveLength(1)
  })

  test('a person who was erased gets no more mail', async () => {
    const one: Person = await world().person()
    const token = await resetToken(one.email)
    await world().storage.eraseUser(one.id as UserId)
    expect(await post('reset', { token, password: fresh })).toMatchObject(refusal(410, 'link-expired'))
    await post('forgot', { email: one.email })
    expect(await mailsTo(one.email)).toEqual([])
  })
}
