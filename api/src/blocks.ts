// Whom one has blocked.
import { OpenAPIHono } from '@hono/zod-openapi'
import { routes } from '@skein/http'
import { directChatId, isUserId, MAX_BLOCKS, type UserId } from '@skein/protocol'
import type { PersonEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { createSight } from './sight.ts'

function otherThan(me: UserId, id: string): UserId {
  if (!isUserId(id)) throw new HttpError('no-such-person')
  if (id === me) throw new HttpError('bad-request', 'Nobody blocks themselves.')
  return id
}

export function createBlockRoutes(dependencies: ApiDependencies): OpenAPIHono<PersonEnv> {
  const { storage, sync, sha256 } = dependencies
  const sight = createSight(dependencies)
  const app = new OpenAPIHono<PersonEnv>()

  app.openapi(routes.listBlocked, async (c) => c.json({ users: await storage.blocked(c.var.person.sub) }, 200))

  app.openapi(routes.blockPerson, async (c) => {
    const me = c.var.person.sub
    const user = otherThan(me, c.req.valid('param').id)
    // The list of whom one has blocked holds names.
    if (!(await sight.sees(me, user)) && !(await storage.blocked(me)).some(({ id }) => id === user)) throw new HttpError('no-such-person')
    const chat = directChatId(me, user, sha256)
    const outcome = await storage.block(me, user, chat)
    if (outcome === 'no-such-person') throw new HttpError('no-such-person')
    if (outcome === 'too-many') throw new HttpError('bad-request', `One blocks at most ${MAX_BLOCKS} people.`)
    if (outcome.changed) sync.blockChanged(me, user, chat, true)
    return c.json({}, 200)
  })

  app.openapi(routes.unblockPerson, async (c) => {
    const me = c.var.person.sub
    const user = otherThan(me, c.req.valid('param').id)
    // Where the other one blocks, too, they stay out of each other's sight.
    const chat = directChatId(me, user, sha256)
    const { changed, apart } = await storage.unblock(me, user, chat)
    if (changed && !apart) sync.blockChanged(me, user, chat, false)
    return c.json({}, 200)
  })

  return app
}
