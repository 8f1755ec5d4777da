// One's chats: /api/chats, and beginning one, with a person or as a group.
import { OpenAPIHono } from '@hono/zod-openapi'
import { routes } from '@skein/http'
import { chatIdOf, directChatId, type ChatId, type UserId } from '@skein/protocol'
import type { PersonEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { createServerChats } from './server-chats.ts'
import { createSight } from './sight.ts'
import { chatView } from './views.ts'

type Opened = { id: ChatId; created: boolean }

const encoder = new TextEncoder()

export function createChatListRoutes(dependencies: ApiDependencies): OpenAPIHono<PersonEnv> {
  const { storage, sync, sha256, randomBytes, rateLimits } = dependencies
  const sight = createSight(dependencies)
  const forServer = createServerChats(dependencies)
  const app = new OpenAPIHono<PersonEnv>()

  app.openapi(routes.listChats, async (c) => {
    const page = await storage.chatSummaries(c.var.person.sub, c.req.valid('query'))
    return c.json({ chats: page.items.map(chatView), nextCursor: page.nextCursor }, 200)
  })

  app.openapi(routes.openChat, async (c) => {
    const { kind, userId, email, title = null, memberIds, history = 'all' } = c.req.valid('json')
    const group = { title, fromJoining: history === 'joined' }
    const { 'idempotency-key': key = null } = c.req.valid('header')
    if (c.var.serverKey !== undefined) {
      const { chat, created } = await forServer.open({ kind, ...group, memberIds }, key)
      return c.json({ chat }, created ? 201 : 200)
    }
    const me = c.var.person.sub
    if (kind === 'direct' && memberIds) throw new HttpError('bad-request', 'memberIds: are for groups')
    if (kind === 'group') await rateLimits?.take(c, 'group', me)
    const opened = kind === 'group' ? await openGroup(me, group, memberIds ?? [], key) : await openDirect(me, await sight.find(c, { userId, email }))
    const summary = await storage.chatSummary(opened.id, me)
    if (!summary) throw new HttpError('no-such-chat')
    return c.json({ chat: chatView(summary) }, opened.created ? 201 : 200)
  })

  async function openDirect(me: UserId, other: UserId): Promise<Opened> {
    if (other === me) throw new HttpError('bad-request', 'A direct chat needs another person.')
    const id = directChatId(me, other, sha256)
    const opened = await storage.openDirectChat(id, me, other)
    if (typeof opened === 'string') throw new HttpError(opened)
    if (opened.created) sync.chatCreated(id, [me, other])
    return { id, created: opened.created }
  }

  async function openGroup(
    me: UserId,
    group: { title: string | null; fromJoining: boolean },
    memberIds: UserId[],
    key: string | null,
  ): Promise<Opened> {
    const { missing, blocked } = await storage.unfitFor(me, memberIds)
    const [nobody] = [...missing, ...(await sight.beyondReach(me, memberIds))]
    if (nobody !== undefined) throw new HttpError('no-such-person', `memberIds: ${nobody} is nobody`)
    if (blocked.length > 0) throw new HttpError('blocked', `memberIds: one of you has blocked the other (${blocked[0]})`)
    // The same key again finds the group that the first request made.
    const id = chatIdOf(key === null ? randomBytes(17) : sha256(encoder.encode(`group\n${me}\n${key}`)))
    const members = [...new Set([me, ...memberIds])]
    const { created } = await storage.createChat({ id, kind: 'group', ...group, by: me, members })
    if (created) sync.chatCreated(id, members)
    return { id, created }
  }

  return app
}
