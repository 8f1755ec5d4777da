// Oneself and the others: /api/me, /api/users.
import { Hono } from 'hono'
import { z } from 'zod'
import { isUserId, MAX_NAME_LENGTH, MAX_USERS_PAGE, type UserId } from '@skein/protocol'
import type { User } from '@skein/storage'
import type { PersonEnv } from './authenticate.ts'
import { cursor, limitUpTo, readQuery } from './input.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { accountView, personView, type PersonView } from './views.ts'

const list = z.object({ q: z.string().trim().max(MAX_NAME_LENGTH).nullable().default(null), limit: limitUpTo(MAX_USERS_PAGE, 50), cursor })

export function createPeopleRoutes({ storage, sync, rateLimits }: ApiDependencies): Hono<PersonEnv> {
  const routes = new Hono<PersonEnv>()
  /** Who shares no chat with somebody is not told when they are there (promise 8). */
  const view = (user: User, contacts: ReadonlySet<UserId>): PersonView =>
    contacts.has(user.id) ? personView(user, sync.isOnline(user.id)) : personView({ ...user, lastSeenAt: null }, false)

  routes.get('/me', async (c) => {
    const user = await storage.user(c.var.person.sub)
    if (!user) throw new HttpError('session-ended')
    return c.json({ user: accountView(user) })
  })

  routes.get('/users', async (c) => {
    const query = readQuery(c, list)
    if (query.q?.includes('@')) await rateLimits?.take(c, 'lookup', c.var.person.sub)
    const page = await storage.users({ ...query, except: c.var.person.sub })
    const contacts = new Set(await storage.contacts(c.var.person.sub))
    return c.json({ users: page.items.map((user) => view(user, contacts)), nextCursor: page.nextCursor })
  })

  routes.get('/users/:id', async (c) => {
    const id = c.req.param('id')
    const user = isUserId(id) ? await storage.user(id) : null
    if (!user) throw new HttpError('no-such-person')
    return c.json({ user: view(user, new Set(await storage.contacts(c.var.person.sub))) })
  })

  return routes
}
