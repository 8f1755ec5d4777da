// /api/chats/:id/heal: a member's device brings back what a restored database has forgotten (SPEC, rules HEAL-…). Not behind the check of membership: that may be forgotten, too.
import { OpenAPIHono } from '@hono/zod-openapi'
import { routes } from '@skein/http'
import { chatDocument, isChatId } from '@skein/protocol'
import type { PersonEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'

export function createHealRoute({ storage, sync, healed, logger }: ApiDependencies): OpenAPIHono<PersonEnv> {
  const app = new OpenAPIHono<PersonEnv>()
  app.openapi(routes.healChat, async (c) => {
    const { id } = c.req.valid('param')
    const offered = c.req.valid('json')
    const { sub, sid } = c.var.person
    const outcome = isChatId(id) ? await storage.heal(id, sub, offered) : 'no-such-chat'
    if (outcome === 'no-such-chat' || !isChatId(id)) throw new HttpError('no-such-chat')
    const { common, proven, fork, placed, entered, messages, missing, epoch, rev, changed } = outcome
    if (changed) {
      healed.add(id, sid, messages)
      sync.chatHealed(id, epoch, rev)
    }
    if (proven < offered.entries.length) logger.warn('A run was not proven to its end', { chat: id, entries: offered.entries.length, proven })
    return c.json({ common, proven, fork, placed, entered, missing, document: chatDocument(id, epoch), rev }, 200)
  })
  return app
}
