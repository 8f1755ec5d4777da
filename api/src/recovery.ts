// What one does by a link from a mail: /api/auth/forgot, /reset, /confirm. No answer tells whether there is an account.
import { Hono } from 'hono'
import { z } from 'zod'
import { linkTokenHash } from '@skein/auth'
import { MAX_LINK_TOKEN_LENGTH } from '@skein/protocol'
import { email, newPassword } from './account-fields.ts'
import { networkOf, type PersonEnv } from './authenticate.ts'
import { emailKey, loginKey } from './guesses.ts'
import { readBody, refuseCommon } from './input.ts'
import type { Mailing } from './mailing.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'

const token = z.string().max(MAX_LINK_TOKEN_LENGTH)
const forgotten = z.strictObject({ email })
const reset = z.strictObject({ token, password: newPassword })
const confirmation = z.strictObject({ token })

export function createRecoveryRoutes({ storage, passwords, sync, rateLimits, sha256 }: ApiDependencies, mailing: Mailing): Hono<PersonEnv> {
  const routes = new Hono<PersonEnv>()

  routes.post('/forgot', async (c) => {
    const given = await readBody(c, forgotten)
    await rateLimits?.take(c, 'network', networkOf(c))
    await rateLimits?.take(c, 'mails', networkOf(c))
    await rateLimits?.take(c, 'mail', emailKey(given.email, sha256))
    mailing.reset(given.email)
    return c.json({})
  })

  routes.post('/reset', async (c) => {
    const given = await readBody(c, reset)
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
    return c.json({})
  })

  routes.post('/confirm', async (c) => {
    const given = await readBody(c, confirmation)
    await rateLimits?.take(c, 'network', networkOf(c))
    if (!(await storage.confirmEmail(linkTokenHash(given.token)))) throw new HttpError('link-expired')
    return c.json({})
  })

  return routes
}
