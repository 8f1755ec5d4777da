// Whom one has blocked.
import { OpenAPIHono } from '@hono/zod-openapi'
import { routes } from '@skein/http'
import { directChatId, isUserId, MAX_BLOCKS, type UserId } from '@skein/protocol'
import type { PersonEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'

function otherThan(me: UserId, id: string): UserId {
  if (!isUserId(id)) throw new HttpError('no-such-person')
  if (id === me) throw new HttpError('bad-request', 'Nobody blocks themselves.')
  return id
}

export function createBlockRoutes({ storage, sync, sha256 }: ApiDependencies): OpenAPIHono<PersonEnv> {
  const app = new OpenAPIHono<PersonEnv>()

  app.openapi(routes.listBlocked, async (c) => c.json({ users: await storage.blocked(c.var.person.sub) }, 200))

  app.openapi(routes.blockPerson, async (c) => {
    const me = c.var.person.sub
    const user = otherThan(me, c.req.valid('param').id)
    const outcome = await storage.block(me, user, directChatId(me, user, sha256))
    if (outcome === 'no-such-person') throw new HttpError('no-such-person')
    if (outcome === 'too-many') throw new HttpError('bad-request', `One blocks at most ${MAX_BLOCKS} people.`)
    if (outcome.changed) sync.blockChanged(me, user, true)
    return c.json({}, 200)
  })

  app.openapi(routes.unblockPerson, async (c) => {
    const me = c.var.person.sub
    const user = otherThan(me, c.req.valid('param').id)
    // Where the other one blocks, too, they stay out of each other's sight.
    const { changed, apart } = await storage.unblock(me, user, directChatId(me, user, sha256))
    if (changed && !apart) sync.blockChanged(me, user, false)
    return c.json({}, 200)
  })

  return app
}
