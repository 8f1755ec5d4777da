// Oneself and the others: /api/me, /api/users.
import { Hono } from 'hono'
import { z } from 'zod'
import { isUserId, MAX_NAME_LENGTH, MAX_USERS_PAGE } from '@skein/protocol'
import type { PersonEnv } from './authenticate.ts'
import { cursor, limitUpTo, readQuery } from './input.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { accountView, personView } from './views.ts'

const list = z.object({ q: z.string().trim().max(MAX_NAME_LENGTH).nullable().default(null), limit: limitUpTo(MAX_USERS_PAGE, 50), cursor })

export function createPeopleRoutes({ storage, sync }: ApiDependencies): Hono<PersonEnv> {
  const routes = new Hono<PersonEnv>()

  routes.get('/me', async (c) => {
    const user = await storage.user(c.var.person.sub)
    if (!user) throw new HttpError('session-ended')
    return c.json({ user: accountView(user) })
  })

  routes.get('/users', async (c) => {
    const page = await storage.users({ ...readQuery(c, list), except: c.var.person.sub })
    return c.json({ users: page.items.map((user) => personView(user, sync.isOnline(user.id))), nextCursor: page.nextCursor })
  })

  routes.get('/users/:id', async (c) => {
    const id = c.req.param('id')
    const user = isUserId(id) ? await storage.user(id) : null
    if (!user) throw new HttpError('no-such-person')
    return c.json({ user: personView(user, sync.isOnline(user.id)) })
  })

  return routes
}
