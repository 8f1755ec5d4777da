// Logging in by an OpenID provider: the browser is sent there, and comes back with what proves who it is. Whatever happens, the person lands in the app.
import { OpenAPIHono } from '@hono/zod-openapi'
import { linkTokenHash } from '@skein/auth'
import { routes } from '@skein/http'
import type { HttpErrorCode } from '@skein/protocol'
import { StorageError, type LoginTerms, type User } from '@skein/storage'
import type { Context } from 'hono'
import { networkOf, type PersonEnv } from './authenticate.ts'
import { deviceName } from './device-name.ts'
import { fitIdentity } from './identity.ts'
import { clearLoginCookie, loginCookie, setLoginCookie } from './login-cookie.ts'
import type { Mailing } from './mailing.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { SESSION_MS, setRefreshCookie } from './refresh-cookie.ts'

const CALLBACK = routes.finishProviderLogin.path

/** Why somebody is not let in, as the storage says it. */
const refusals = { 'email-held': 'not-linked', 'no-invitation': 'link-expired', 'email-unverified': 'email-unverified' } as const
const outcomes = { denied: 'login-denied', refused: 'identity-refused', away: 'provider-away' } as const

/** Another site's page, which could change who is logged in here. Where the browser does not say whose it is, nobody can know. */
const isFromElsewhere = (c: Context): boolean => ['cross-site', 'same-site'].includes(c.req.header('Sec-Fetch-Site') ?? '')

export function createProviderRoutes(dependencies: ApiDependencies, mailing: Mailing): OpenAPIHono<PersonEnv> {
  const { storage, provider, refreshTokens, registration, unconfirmedMayLogIn, publicUrl, now, sync, rateLimits, mail } = dependencies
  const redirectUri = (): string => mail.linkBase() + CALLBACK

  function terms(invitation: string): LoginTerms {
    const byRegistration = { open: 'welcome', closed: 'refused', invite: { invitation: linkTokenHash(invitation) } } as const
    return { newcomers: byRegistration[registration], verifiedOnly: !unconfirmedMayLogIn }
  }

  /** The person behind the identity, who may come in. */
  async function personOf(identity: Parameters<typeof storage.logInByIdentity>[0], invitation: string): Promise<User> {
    const entered = await storage.logInByIdentity(identity, terms(invitation))
    if (entered === 'not-welcome') throw new HttpError('registration-closed')
    if (entered === 'no-invitation' && invitation === '') throw new HttpError('invitation-needed')
    if (typeof entered === 'string') throw new HttpError(refusals[entered])
    const { user, is } = entered
    if (is === 'new') sync.userCreated(user)
    if (is === 'new') mailing.confirmation(user)
    if (is === 'changed') sync.userChanged(user)
    if (is === 'linked' && user.email !== null) mailing.providerLinked(user.email)
    if (user.disabledAt !== null) throw new HttpError('account-disabled')
    if (!unconfirmedMayLogIn && user.emailConfirmedAt === null) throw new HttpError('email-unverified')
    return user
  }

  async function startSession(c: Context, user: User): Promise<void> {
    const { sessionId, token } = refreshTokens.issue()
    const device = deviceName(c.req.header('User-Agent'))
    const session = { id: sessionId, userId: user.id, tokenHash: refreshTokens.hash(token), issuedAt: null, expiresAt: now() + SESSION_MS, device }
    if ((await storage.createVouchedSession(session)) !== 'started') throw new HttpError('account-disabled')
    setRefreshCookie(c, token, publicUrl)
  }

  const landing = (returnTo: string, code: HttpErrorCode | 'entered'): string => `/?oidc=${code}${returnTo.slice(1)}`
  /** Where `work` leads, or into the app with the code of what is wrong. */
  async function lead(c: Context, returnTo: string, work: () => Promise<string>): Promise<Response> {
    try {
      return c.redirect(await work(), 303)
    } catch (error) {
      if (error instanceof HttpError) return c.redirect(landing(returnTo, error.code), 303)
      if (error instanceof StorageError) return c.redirect(landing(returnTo, 'not-ready'), 303)
      throw error
    }
  }

  const app = new OpenAPIHono<PersonEnv>()

  app.openapi(routes.listLoginWays, async (c) => {
    await rateLimits?.take(c, 'network', networkOf(c))
    return c.json({ registration, provider: provider && { label: provider.label } }, 200)
  })

  app.openapi(routes.startProviderLogin, async (c) => {
    if (!provider) throw new HttpError('no-provider')
    const { returnTo, invite } = c.req.valid('query')
    return lead(c, returnTo, async () => {
      await rateLimits?.take(c, 'network', networkOf(c))
      if (isFromElsewhere(c)) return returnTo
      const { attempt, sealed } = await provider.attempts.begin({ returnTo, invitation: invite })
      const address = await provider.client.begin(redirectUri(), attempt)
      if (address === null) throw new HttpError('provider-away')
      setLoginCookie(c, sealed, publicUrl)
      return address
    })
  })

  app.openapi(routes.finishProviderLogin, async (c) => {
    if (!provider) throw new HttpError('no-provider')
    const attempt = await provider.attempts.open(loginCookie(c))
    return lead(c, attempt?.returnTo ?? '/', async () => {
      const network = networkOf(c)
      await rateLimits?.take(c, 'network', network)
      await rateLimits?.take(c, 'logins', network)
      // What another page opens here ends no log-in that is under way.
      if (!attempt || attempt.state !== c.req.valid('query').state) throw new HttpError('login-expired')
      clearLoginCookie(c, publicUrl)
      const callback = new URL(redirectUri())
      callback.search = new URL(c.req.url).search
      const identity = await provider.client.finish(callback, attempt)
      if (typeof identity === 'string') throw new HttpError(outcomes[identity])
      const user = await personOf(fitIdentity(identity.issuer, identity), attempt.invitation)
      await startSession(c, user)
      await rateLimits?.giveBack('logins', network)
      return landing(attempt.returnTo, 'entered')
    })
  })

  return app
}
