// People whom an embedder's own issuer vouches for: /api/auth/exchange.
import { OpenAPIHono } from '@hono/zod-openapi'
import type { IssuedIdentity } from '@skein/auth'
import { accountFields, routes } from '@skein/http'
import { base64url, MAX_NAME_LENGTH } from '@skein/protocol'
import type { Identity } from '@skein/storage'
import { networkOf, type PersonEnv } from './authenticate.ts'
import { deviceName } from './device-name.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { accountView } from './views.ts'

/** Stands in place of a name that nobody could read. */
const NAMELESS = 'Somebody'

/** What the issuer says, as far as it is fit for an account of ours. */
function identityOf(issuer: string, { subject, name, email, isEmailVerified, picture }: IssuedIdentity): Identity {
  const short = (name ?? '').trim().slice(0, MAX_NAME_LENGTH).toWellFormed()
  return {
    issuer,
    subject,
    name: accountFields.name.safeParse(short).data ?? NAMELESS,
    email: accountFields.newEmail.safeParse(email).data ?? null,
    isEmailVerified,
    avatarUrl: accountFields.avatarUrl.safeParse(picture).data ?? null,
  }
}

export function createIdentityRoutes({ storage, issuer, accessTokens, sync, rateLimits, sha256 }: ApiDependencies): OpenAPIHono<PersonEnv> {
  const app = new OpenAPIHono<PersonEnv>()
  const hash = (text: string): string => base64url(sha256(new TextEncoder().encode(text)))

  app.openapi(routes.exchange, async (c) => {
    await rateLimits?.take(c, 'network', networkOf(c))
    if (!issuer) throw new HttpError('no-issuer')
    const { token } = c.req.valid('json')
    const issued = await issuer.verify(token)
    if (issued === 'unreachable') throw new HttpError('issuer-away')
    if (typeof issued === 'string') throw new HttpError(issued === 'expired' ? 'identity-expired' : 'identity-refused')
    const { user, is } = await storage.personOf(identityOf(issuer.issuer, issued))
    // The same token again goes on with the same session; no refresh token hashes to what stands in the place of one.
    const sid = hash(token).slice(0, 22)
    const session = { id: sid, userId: user.id, tokenHash: hash(`exchanged ${token}`), expiresAt: issued.expiresAt }
    if (user.disabledAt !== null) throw new HttpError('account-disabled')
    if (!(await storage.createVouchedSession({ ...session, device: deviceName(c.req.header('User-Agent')) }))) throw new HttpError('session-ended')
    if (is === 'new') sync.userCreated(user)
    if (is === 'changed') sync.userChanged(user)
    return c.json({ accessToken: await accessTokens.issue({ sub: user.id, name: user.name, sid }), user: accountView(user) }, 200)
  })

  return app
}
