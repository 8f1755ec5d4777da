// Register, log in, refresh, log out: /api/auth.
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { linkTokenHash } from '@skein/auth'
import { routes } from '@skein/http'
import type { User } from '@skein/storage'
import { claimsOf, networkOf, type PersonEnv } from './authenticate.ts'
import { deviceName } from './device-name.ts'
import { emailKey, guess, loginKey } from './guesses.ts'
import { refuseCommon } from './input.ts'
import type { Mailing } from './mailing.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { clearRefreshCookie, refreshCookie, SESSION_MS, setRefreshCookie } from './refresh-cookie.ts'
import { accountView, reusedView } from './views.ts'

/** How long a refresh token that was exchanged still gets its successor: for two tabs at once (S2). */
const GRACE_MS = 30_000

export function createAccountRoutes(dependencies: ApiDependencies, mailing: Mailing): OpenAPIHono<PersonEnv> {
  const { storage, passwords, accessTokens, refreshTokens, publicUrl, now, sync, rateLimits, sha256, unconfirmedMayLogIn } = dependencies
  /** Whether registering keeps to itself who has an account: only where nobody is let in by it at once. */
  const isDiscreet = !dependencies.findByEmail && !unconfirmedMayLogIn

  async function answer(user: User, sid: string): Promise<{ accessToken: string; user: ReturnType<typeof accountView> }> {
    return { accessToken: await accessTokens.issue({ sub: user.id, name: user.name, sid }), user: accountView(user) }
  }

  /** null when the password behind `passwordHash` is not the person's any more. */
  async function startSession(c: Context, user: User, passwordHash: string): Promise<Awaited<ReturnType<typeof answer>> | null> {
    const { sessionId, token } = refreshTokens.issue()
    const device = deviceName(c.req.header('User-Agent'))
    const session = { id: sessionId, userId: user.id, passwordHash, tokenHash: refreshTokens.hash(token), expiresAt: now() + SESSION_MS, device }
    if (!(await storage.createSession(session))) return null
    setRefreshCookie(c, token, publicUrl)
    return answer(user, sessionId)
  }

  /** The session of the request's cookie; its token is the present one, or the one before, which a second tab may still send. */
  async function sessionOfCookie(c: Context): Promise<string | null> {
    const token = refreshCookie(c)
    const id = refreshTokens.sessionIdOf(token)
    const session = id === null ? null : await storage.session(id)
    return session && [session.tokenHash, session.previousHash].includes(refreshTokens.hash(token)) ? id : null
  }

  const app = new OpenAPIHono<PersonEnv>()

  app.openapi(routes.register, async (c) => {
    if (dependencies.registration === 'closed') throw new HttpError('registration-closed')
    const person = c.req.valid('json')
    const invitation = dependencies.registration === 'invite' ? linkTokenHash(person.invite ?? '') : null
    await refuseCommon(person.password)
    await rateLimits?.take(c, 'network', networkOf(c))
    await rateLimits?.take(c, 'register', networkOf(c))
    // So often somebody is written to, whether it is about a new account or the one that they have.
    if (isDiscreet) await rateLimits?.take(c, 'mail', emailKey(person.email, sha256))
    if (invitation !== null && !(await storage.link('invite', invitation))) throw new HttpError(person.invite ? 'link-expired' : 'invitation-needed')
    const passwordHash = await passwords.hash(person.password)
    const account = { email: person.email, name: person.name, passwordHash }
    const user = await (invitation === null ? storage.createUser(account) : storage.createInvitedUser(account, invitation))
    if (user === 'email-taken') {
      if (!isDiscreet) throw new HttpError('email-taken')
      mailing.alreadyHere(person.email)
      throw new HttpError('email-unconfirmed')
    }
    if (user === 'no-invitation') throw new HttpError('link-expired', 'This invitation was used by somebody else, or is for another email.')
    sync.userCreated(user)
    mailing.confirmation(user)
    if (!unconfirmedMayLogIn) throw new HttpError('email-unconfirmed')
    const entered = await startSession(c, user, passwordHash)
    if (!entered) throw new HttpError('session-ended')
    return c.json(entered, 201)
  })

  /** null when another hash, or another password, took the place of the person's while theirs was checked. */
  async function logIn(c: Context, given: { email: string; password: string }): ReturnType<typeof startSession> {
    const user = await storage.accountByEmail(given.email)
    const right = await passwords.verify(given.password, user?.passwordHash ?? null)
    if (user?.passwordHash == null || !right) throw new HttpError('wrong-login')
    // Told to nobody who does not know the password.
    if (user.disabledAt !== null) throw new HttpError('account-disabled')
    if (!unconfirmedMayLogIn && user.emailConfirmedAt === null) throw new HttpError('email-unconfirmed')
    const from = user.passwordHash
    const to = passwords.isOutdated(from) ? await passwords.hash(given.password) : from
    if (to !== from && !(await storage.replaceHash(user.id, { from, to }))) return null
    return startSession(c, user, to)
  }

  app.openapi(routes.login, async (c) => {
    const given = c.req.valid('json')
    const network = networkOf(c)
    await rateLimits?.take(c, 'network', network)
    // Whether there is such an account makes no difference.
    const account = loginKey(network, given.email, sha256)
    const entered = await guess(c, rateLimits, { account, network }, async () => {
      const session = (await logIn(c, given)) ?? (await logIn(c, given))
      if (!session) throw new HttpError('wrong-login')
      return session
    })
    const reused = await storage.tellReusedSessions(entered.user.id)
    return c.json({ ...entered, reused: reused.map(reusedView) }, 200)
  })

  app.openapi(routes.refresh, async (c) => {
    const token = refreshCookie(c)
    const sessionId = refreshTokens.sessionIdOf(token)
    if (sessionId === null) throw new HttpError('not-logged-in')
    const result = await storage.rotateSession(refreshTokens.hash(token), {
      hashOf: (remade) => refreshTokens.hash(refreshTokens.successor(token, remade)),
      graceMs: GRACE_MS,
      expiresAt: now() + SESSION_MS,
    })
    if (result.outcome === 'reused') {
      sync.sessionEnded(sessionId)
      mailing.tokenReused(result.session.userId, result.session.device)
    }
    const user = 'remade' in result ? await storage.user(result.session.userId) : null
    // The cookie stays: this answer may be late, and clear the one of a log-in that came after it (S2).
    if (!user || user.disabledAt !== null || !('remade' in result)) {
      await rateLimits?.take(c, 'network', networkOf(c))
      throw new HttpError('session-ended')
    }
    // The browser has a later one already, which this answer must not put another in place of.
    if (result.remade !== null) setRefreshCookie(c, refreshTokens.successor(token, result.remade), publicUrl)
    return c.json(await answer(user, sessionId), 200)
  })

  app.openapi(routes.logout, async (c) => {
    // The token serves whoever has lost the cookie, the cookie whoever has been offline for longer than a token lives.
    const claims = await claimsOf(c, accessTokens)
    for (const sessionId of new Set([await sessionOfCookie(c), claims?.sid ?? null])) {
      if (sessionId === null) continue
      await storage.endSession(sessionId)
      sync.sessionEnded(sessionId)
    }
    clearRefreshCookie(c, publicUrl)
    return c.json({}, 200)
  })

  return app
}
