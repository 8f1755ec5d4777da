// One's chats: /api/chats, and opening a direct one.
import { OpenAPIHono } from '@hono/zod-openapi'
import { routes } from '@skein/http'
import { directChatId } from '@skein/protocol'
import type { PersonEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { chatView } from './views.ts'

export function createChatListRoutes({ storage, sync, sha256, rateLimits }: ApiDependencies): OpenAPIHono<PersonEnv> {
  const app = new OpenAPIHono<PersonEnv>()

  app.openapi(routes.listChats, async (c) => {
    const page = await storage.chatSummaries(c.var.person.sub, c.req.valid('query'))
    return c.json({ chats: page.items.map(chatView), nextCursor: page.nextCursor }, 200)
  })

  app.openapi(routes.openChat, async (c) => {
    const me = c.var.person.sub
    const body = c.req.valid('json')
    // The answer tells whether somebody has an account.
    if (body.email !== undefined) await rateLimits?.take(c, 'lookup', me)
    const other = body.userId === undefined ? await storage.accountByEmail(body.email ?? '') : await storage.user(body.userId)
    if (!other) throw new HttpError('no-such-person')
    if (other.id === me) throw new HttpError('bad-request', 'A direct chat needs another person.')
    const members = [me, other.id]
    const { chat, created } = await storage.createChat({ id: directChatId(me, other.id, sha256), kind: 'direct', title: null, by: me, members })
    if (created) sync.chatCreated(chat.id, members)
    const summary = await storage.chatSummary(chat.id, me)
    if (!summary) throw new HttpError('no-such-chat')
    return c.json({ chat: chatView(summary) }, created ? 201 : 200)
  })

  return app
}
