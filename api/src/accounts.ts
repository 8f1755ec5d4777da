// Register, log in, refresh, log out: /api/auth.
import { Hono, type Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
import { base64url, MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '@skein/protocol'
import type { User } from '@skein/storage'
import { claimsOf, networkOf, type PersonEnv } from './authenticate.ts'
import { readBody } from './input.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { isHttps, requireSameOrigin } from './security.ts'
import { accountView } from './views.ts'

export const REFRESH_COOKIE = 'skein_refresh'
const cookiePath = '/api/auth'
const SESSION_MS = 30 * 24 * 60 * 60 * 1000
/** How long a refresh token that was exchanged still gets its successor: for two tabs at once (S2). */
const GRACE_MS = 30_000

/** Emails are kept and compared in lower case. */
export const email = z.string().trim().toLowerCase().max(MAX_EMAIL_LENGTH)
const password = z
  .string()
  .max(MAX_PASSWORD_LENGTH)
  .refine((text) => text.isWellFormed(), 'expects well-formed text')
// Line breaks, and what makes a name run backwards over its neighbours.
const unfitForNames = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u
const visible = /[\p{L}\p{N}\p{P}\p{S}]/u
const name = z
  .string()
  .trim()
  .max(MAX_NAME_LENGTH)
  .refine((text) => text.isWellFormed() && visible.test(text) && !unfitForNames.test(text), 'expects a name')

const registration = z.strictObject({ email: email.pipe(z.email('expects an email address')), name, password: password.min(MIN_PASSWORD_LENGTH) })
const login = z.strictObject({ email, password })

export function createAccountRoutes(dependencies: ApiDependencies): Hono<PersonEnv> {
  const { storage, passwords, accessTokens, refreshTokens, publicUrl, now, sync, rateLimits, sha256 } = dependencies

  function setRefreshCookie(c: Context, token: string): void {
    setCookie(c, REFRESH_COOKIE, token, {
      path: cookiePath,
      httpOnly: true,
      sameSite: 'Strict',
      secure: isHttps(c, publicUrl),
      maxAge: SESSION_MS / 1000,
    })
  }

  async function answer(user: User, sid: string): Promise<{ accessToken: string; user: ReturnType<typeof accountView> }> {
    return { accessToken: await accessTokens.issue({ sub: user.id, name: user.name, sid }), user: accountView(user) }
  }

  async function startSession(c: Context, user: User): ReturnType<typeof answer> {
    const { sessionId, token } = refreshTokens.issue()
    await storage.createSession({ id: sessionId, userId: user.id, tokenHash: refreshTokens.hash(token), expiresAt: now() + SESSION_MS })
    setRefreshCookie(c, token)
    return answer(user, sessionId)
  }

  /** The session of the request's cookie; its token is the present one, or the one before, which a second tab may still send. */
  async function sessionOfCookie(c: Context): Promise<string | null> {
    const token = getCookie(c, REFRESH_COOKIE) ?? ''
    const id = refreshTokens.sessionIdOf(token)
    const session = id === null ? null : await storage.session(id)
    return session && [token, refreshTokens.successor(token)].map(refreshTokens.hash).includes(session.tokenHash) ? id : null
  }

  const routes = new Hono<PersonEnv>()

  routes.post('/register', async (c) => {
    if (dependencies.registration !== 'open') throw new HttpError('registration-closed')
    const person = await readBody(c, registration)
    await rateLimits?.take(c, 'network', networkOf(c))
    await rateLimits?.take(c, 'register', networkOf(c))
    const user = await storage.createUser({ email: person.email, name: person.name, passwordHash: await passwords.hash(person.password) })
    if (user === 'email-taken') throw new HttpError('email-taken')
    dependencies.sync.userCreated(user)
    return c.json(await startSession(c, user), 201)
  })

  routes.post('/login', async (c) => {
    const given = await readBody(c, login)
    const network = networkOf(c)
    // Counted before the password is looked at: guesses at once are guesses too. Whether there is such an account makes no difference.
    const account = base64url(sha256(new TextEncoder().encode(`${network} ${given.email}`)))
    await rateLimits?.take(c, 'network', network)
    await rateLimits?.take(c, 'logins', network)
    await rateLimits?.take(c, 'login', account)
    try {
      const user = await storage.userByEmail(given.email)
      const right = await passwords.verify(given.password, user?.passwordHash ?? null)
      if (!user || !right) throw new HttpError('wrong-login')
      await rateLimits?.forget('login', account)
      await rateLimits?.giveBack('logins', network)
      return c.json(await startSession(c, user))
    } catch (error) {
      // What was not judged was no guess: the database was away, or too many came at once.
      if (!(error instanceof HttpError)) {
        await rateLimits?.giveBack('login', account)
        await rateLimits?.giveBack('logins', network)
      }
      throw error
    }
  })

  routes.post('/refresh', requireSameOrigin(publicUrl), async (c) => {
    const token = getCookie(c, REFRESH_COOKIE) ?? ''
    const sessionId = refreshTokens.sessionIdOf(token)
    if (sessionId === null) throw new HttpError('not-logged-in')
    const successor = refreshTokens.successor(token)
    const result = await storage.rotateSession(refreshTokens.hash(token), {
      tokenHash: refreshTokens.hash(successor),
      graceMs: GRACE_MS,
      expiresAt: now() + SESSION_MS,
    })
    if (result.outcome === 'reused') sync.sessionEnded(sessionId)
    const user = 'session' in result ? await storage.user(result.session.userId) : null
    // The cookie stays: this answer may be late, and clear the one of a log-in that came after it (S2).
    if (!user) {
      await rateLimits?.take(c, 'network', networkOf(c))
      throw new HttpError('session-ended')
    }
    setRefreshCookie(c, successor)
    return c.json(await answer(user, sessionId))
  })

  routes.post('/logout', requireSameOrigin(publicUrl), async (c) => {
    // The token serves whoever has lost the cookie, the cookie whoever has been offline for longer than a token lives.
    const claims = await claimsOf(c, accessTokens)
    for (const sessionId of new Set([await sessionOfCookie(c), claims?.sid ?? null])) {
      if (sessionId === null) continue
      await storage.endSession(sessionId)
      sync.sessionEnded(sessionId)
    }
    deleteCookie(c, REFRESH_COOKIE, { path: cookiePath, secure: isHttps(c, publicUrl) })
    return c.json({})
  })

  return routes
}
