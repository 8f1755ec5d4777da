// Oneself: /api/me. What needs the current password is nothing for who finds an open laptop.
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { routes } from '@skein/http'
import type { Account } from '@skein/storage'
import type { PersonEnv } from './authenticate.ts'
import { emailKey } from './guesses.ts'
import { refuseCommon } from './input.ts'
import type { Mailing } from './mailing.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { createPictures } from './pictures.ts'
import { createProof } from './proof.ts'
import { clearRefreshCookie } from './refresh-cookie.ts'
import { accountView } from './views.ts'

export function createMeRoutes(dependencies: ApiDependencies, mailing: Mailing): OpenAPIHono<PersonEnv> {
  const { storage, sync, publicUrl, rateLimits, sha256 } = dependencies

  /** Who asks, as the database knows them now: a token outlives its session by minutes. */
  async function me(c: Context<PersonEnv>): Promise<Account> {
    const account = await storage.account(c.var.person.sub)
    if (!account || account.disabledAt !== null) throw new HttpError('session-ended')
    return account
  }
  const prove = createProof(dependencies)
  const pictures = createPictures(dependencies)

  const app = new OpenAPIHono<PersonEnv>()

  app.openapi(routes.me, async (c) => c.json({ user: accountView(await me(c)) }, 200))

  app.openapi(routes.changeMe, async (c) => {
    const { password: given, ...wanted } = c.req.valid('json')
    const before = await me(c)
    if (wanted.email !== undefined) {
      await prove(c, before, { password: given })
      // The answer tells whether somebody has an account.
      await rateLimits?.take(c, 'lookup', before.id)
      await rateLimits?.take(c, 'mail', emailKey(wanted.email, sha256))
    }
    const avatarUrl = wanted.avatarUrl ? await pictures.keep(before.id, 'avatarUrl', wanted.avatarUrl) : wanted.avatarUrl
    const user = await storage.updateUser(before.id, { ...wanted, avatarUrl })
    const shown = user && user !== 'email-taken' ? user.avatarUrl : before.avatarUrl
    for (const url of [before.avatarUrl, avatarUrl]) if (url !== shown) await pictures.drop(url)
    if (!user) throw new HttpError('session-ended')
    if (user === 'email-taken') throw new HttpError('email-taken')
    if (user.email !== before.email) {
      mailing.confirmation(user)
      if (before.email !== null) mailing.emailChanged(before.email)
    }
    if (user.name !== before.name || user.avatarUrl !== before.avatarUrl) sync.userChanged(user)
    return c.json({ user: accountView(user) }, 200)
  })

  app.openapi(routes.sendConfirmation, async (c) => {
    const account = await me(c)
    if (account.email !== null) await rateLimits?.take(c, 'mail', emailKey(account.email, sha256))
    mailing.confirmation(account)
    return c.json({}, 200)
  })

  app.openapi(routes.changePassword, async (c) => {
    const { currentPassword, newPassword: wanted } = c.req.valid('json')
    await refuseCommon(wanted)
    const account = await me(c)
    await prove(c, account, { password: currentPassword })
    const to = await dependencies.passwords.hash(wanted)
    const ended = await storage.changePassword(account.id, { from: account.passwordHash ?? '', to, keepSession: c.var.person.sid })
    // Another change came first, and made this one's password wrong.
    if (!ended) throw new HttpError('wrong-password')
    for (const id of ended) sync.sessionEnded(id)
    return c.json({}, 200)
  })

  app.openapi(routes.deleteMe, async (c) => {
    await prove(c, await me(c), c.req.valid('json'))
    await sync.eraseUser(c.var.person.sub)
    clearRefreshCookie(c, publicUrl)
    return c.json({}, 200)
  })

  return app
}
