// People whom an embedder's own issuer vouches for: /api/auth/exchange, and those whom its back office names before they come: POST /api/users.
import { OpenAPIHono } from '@hono/zod-openapi'
import type { VouchedIdentity } from '@skein/auth'
import { accountFields, routes } from '@skein/http'
import { MAX_NAME_LENGTH } from '@skein/protocol'
import type { Identity, User } from '@skein/storage'
import { networkOf, type PersonEnv } from './authenticate.ts'
import { deviceName } from './device-name.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { issuedIdentity, tokenHashOf } from './proof.ts'
import { accountView } from './views.ts'

/** Stands in place of a name that nobody could read. */
const NAMELESS = 'Somebody'

/** What an issuer says, as far as it is fit for an account of ours. */
export function fitIdentity(issuer: string, { subject, name, email, isEmailVerified, picture }: VouchedIdentity): Identity {
  const short = (name ?? '').trim().slice(0, MAX_NAME_LENGTH).toWellFormed()
  return {
    issuer,
    subject,
    name: accountFields.name.safeParse(short).data ?? NAMELESS,
    email: accountFields.newEmail.safeParse(email).data ?? null,
    isEmailVerified,
    avatarUrl: accountFields.avatarUrl.safeParse(picture).data ?? null,
    isBare: name === null,
  }
}

export function createIdentityRoutes(dependencies: ApiDependencies): OpenAPIHono<PersonEnv> {
  const { storage, issuer, accessTokens, sync, rateLimits, sha256 } = dependencies
  const app = new OpenAPIHono<PersonEnv>()
  const tell = (user: User, is: 'new' | 'changed' | 'same'): void => {
    if (is === 'new') sync.userCreated(user)
    if (is === 'changed') sync.userChanged(user)
  }

  app.openapi(routes.exchange, async (c) => {
    await rateLimits?.take(c, 'network', networkOf(c))
    const { token } = c.req.valid('json')
    const issued = await issuedIdentity(dependencies, token)
    const { issuedAt, expiresAt } = issued
    const tokenHash = tokenHashOf(token, sha256)
    // Before an account is made: somebody may have erased theirs with this token's session.
    if ((await storage.vouchedFor({ ...issued, tokenHash })) === 'ended') throw new HttpError('identity-ended')
    const { user, is } = await storage.personOf(fitIdentity(issued.issuer, issued))
    // The same token again goes on with the same session.
    const sid = tokenHash.slice(0, 22)
    if (user.disabledAt !== null) throw new HttpError('account-disabled')
    const device = deviceName(c.req.header('User-Agent'))
    const outcome = await storage.createVouchedSession({ id: sid, userId: user.id, tokenHash, issuedAt, expiresAt, device })
    if (outcome !== 'started') throw new HttpError(outcome === 'ended' ? 'identity-ended' : 'session-ended')
    tell(user, is)
    return c.json({ accessToken: await accessTokens.issue({ sub: user.id, name: user.name, sid }), user: accountView(user) }, 200)
  })

  app.openapi(routes.vouchForPerson, async (c) => {
    if (!issuer) throw new HttpError('no-issuer')
    const { emailVerified, ...said } = c.req.valid('json')
    const { user, is } = await storage.personOf({ issuer: issuer.issuer, isEmailVerified: emailVerified, ...said })
    tell(user, is)
    return c.json({ user: accountView(user) }, is === 'new' ? 201 : 200)
  })

  return app
}
