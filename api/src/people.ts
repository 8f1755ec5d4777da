// The others: /api/users.
import { OpenAPIHono } from '@hono/zod-openapi'
import { routes } from '@skein/http'
import { isUserId, type UserId } from '@skein/protocol'
import type { User } from '@skein/storage'
import type { PersonEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { createSight } from './sight.ts'
import { personView, type PersonView } from './views.ts'

export function createPeopleRoutes(dependencies: ApiDependencies): OpenAPIHono<PersonEnv> {
  const { storage, sync, rateLimits, findByEmail } = dependencies
  const sight = createSight(dependencies)
  const contactsOnly = dependencies.contacts === 'shared'
  const app = new OpenAPIHono<PersonEnv>()
  /** Who shares no chat with somebody is not told when they are there (promise 8). */
  const view = (user: User, contacts: ReadonlySet<UserId>): PersonView =>
    contacts.has(user.id) ? personView(user, sync.isOnline(user.id)) : personView({ ...user, lastSeenAt: null }, false)

  app.openapi(routes.listPeople, async (c) => {
    const query = c.req.valid('query')
    if (findByEmail && query.q?.includes('@')) await rateLimits?.take(c, 'lookup', c.var.person.sub)
    const page = await storage.users({ ...query, except: c.var.person.sub, contactsOnly, byEmail: findByEmail })
    const contacts = new Set(await storage.contacts(c.var.person.sub))
    return c.json({ users: page.items.map((user) => view(user, contacts)), nextCursor: page.nextCursor }, 200)
  })

  app.openapi(routes.findPerson, async (c) => {
    const { id } = c.req.valid('param')
    const user = isUserId(id) && (await sight.sees(c.var.person.sub, id)) ? await storage.user(id) : null
    if (!user) throw new HttpError('no-such-person')
    return c.json({ user: view(user, new Set(await storage.contacts(c.var.person.sub))) }, 200)
  })

  return app
}
