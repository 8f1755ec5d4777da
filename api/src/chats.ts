// One's chats: /api/chats, and opening a direct one.
import { Hono } from 'hono'
import { z } from 'zod'
import { directChatId, MAX_CHATS_PAGE, userId } from '@skein/protocol'
import { email } from './accounts.ts'
import type { PersonEnv } from './authenticate.ts'
import { cursor, limitUpTo, readBody, readQuery } from './input.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { chatView } from './views.ts'

const list = z.object({ limit: limitUpTo(MAX_CHATS_PAGE, 50), cursor })
const partner = z
  .strictObject({ userId: userId.optional(), email: email.optional() })
  .refine((body) => (body.userId === undefined) !== (body.email === undefined), 'expects either userId or email')

export function createChatListRoutes({ storage, sync, sha256, rateLimits }: ApiDependencies): Hono<PersonEnv> {
  const routes = new Hono<PersonEnv>()

  routes.get('/', async (c) => {
    const page = await storage.chatSummaries(c.var.person.sub, readQuery(c, list))
    return c.json({ chats: page.items.map(chatView), nextCursor: page.nextCursor })
  })

  routes.post('/', async (c) => {
    const me = c.var.person.sub
    const body = await readBody(c, partner)
    // The answer tells whether somebody has an account.
    if (body.email !== undefined) await rateLimits?.take(c, 'lookup', me)
    const other = body.userId === undefined ? await storage.userByEmail(body.email ?? '') : await storage.user(body.userId)
    if (!other) throw new HttpError('no-such-person')
    if (other.id === me) throw new HttpError('bad-request', 'A direct chat needs another person.')
    const members = [me, other.id]
    const { chat, created } = await storage.createChat({ id: directChatId(me, other.id, sha256), kind: 'direct', title: null, by: me, members })
    if (created) sync.chatCreated(chat.id, members)
    const summary = await storage.chatSummary(chat.id, me)
    if (!summary) throw new HttpError('no-such-chat')
    return c.json({ chat: chatView(summary) }, created ? 201 : 200)
  })

  return routes
}
