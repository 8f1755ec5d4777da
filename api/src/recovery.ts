// What one does by a link from a mail: /api/auth/forgot, /reset, /confirm. No answer tells whether there is an account.
import { OpenAPIHono } from '@hono/zod-openapi'
import { linkTokenHash } from '@skein/auth'
import { routes } from '@skein/http'
import { networkOf, type PersonEnv } from './authenticate.ts'
import { emailKey, loginKey } from './guesses.ts'
import { refuseCommon } from './input.ts'
import type { Mailing } from './mailing.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'

export function createRecoveryRoutes({ storage, passwords, sync, rateLimits, sha256 }: ApiDependencies, mailing: Mailing): OpenAPIHono<PersonEnv> {
  const app = new OpenAPIHono<PersonEnv>()

  app.openapi(routes.forgotPassword, async (c) => {
    const given = c.req.valid('json')
    await rateLimits?.take(c, 'network', networkOf(c))
    await rateLimits?.take(c, 'mails', networkOf(c))
    await rateLimits?.take(c, 'mail', emailKey(given.email, sha256))
    mailing.reset(given.email)
    return c.json({}, 200)
  })

  app.openapi(routes.resetPassword, async (c) => {
    const given = c.req.valid('json')
    await rateLimits?.take(c, 'network', networkOf(c))
    await refuseCommon(given.password)
    const tokenHash = linkTokenHash(given.token)
    // Looked up before a hash is worth its cost.
    const link = await storage.link('reset', tokenHash)
    const done = link && (await storage.resetPassword(tokenHash, await passwords.hash(given.password)))
    if (!done) throw new HttpError('link-expired')
    for (const id of done.ended) sync.sessionEnded(id)
    // What was guessed at before says nothing about the new one.
    await rateLimits?.forget('login', loginKey(networkOf(c), link.email ?? '', sha256))
    return c.json({}, 200)
  })

  app.openapi(routes.confirmEmail, async (c) => {
    const given = c.req.valid('json')
    await rateLimits?.take(c, 'network', networkOf(c))
    if (!(await storage.confirmEmail(linkTokenHash(given.token)))) throw new HttpError('link-expired')
    return c.json({}, 200)
  })

  return app
}
