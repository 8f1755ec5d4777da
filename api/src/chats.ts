// One's chats: /api/chats, and beginning one, with a person or as a group.
import { OpenAPIHono } from '@hono/zod-openapi'
import { routes } from '@skein/http'
import { chatIdOf, directChatId, type ChatId, type UserId } from '@skein/protocol'
import type { PersonEnv } from './authenticate.ts'
import { createPersonFinder } from './find-person.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { chatView } from './views.ts'

type Opened = { id: ChatId; created: boolean }

const encoder = new TextEncoder()

export function createChatListRoutes(dependencies: ApiDependencies): OpenAPIHono<PersonEnv> {
  const { storage, sync, sha256, randomBytes, rateLimits } = dependencies
  const findPerson = createPersonFinder(dependencies)
  const app = new OpenAPIHono<PersonEnv>()

  app.openapi(routes.listChats, async (c) => {
    const page = await storage.chatSummaries(c.var.person.sub, c.req.valid('query'))
    return c.json({ chats: page.items.map(chatView), nextCursor: page.nextCursor }, 200)
  })

  app.openapi(routes.openChat, async (c) => {
    const me = c.var.person.sub
    const { kind, userId, email, title = null, memberIds = [] } = c.req.valid('json')
    const { 'idempotency-key': key = null } = c.req.valid('header')
    if (kind === 'group') await rateLimits?.take(c, 'group', me)
    const opened = kind === 'group' ? await openGroup(me, title, memberIds, key) : await openDirect(me, await findPerson(c, { userId, email }))
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

  async function openGroup(me: UserId, title: string | null, memberIds: UserId[], key: string | null): Promise<Opened> {
    const { missing, blocked } = await storage.unfitFor(me, memberIds)
    if (missing.length > 0) throw new HttpError('no-such-person', `memberIds: ${missing[0]} is nobody`)
    if (blocked.length > 0) throw new HttpError('blocked', `memberIds: one of you has blocked the other (${blocked[0]})`)
    // The same key again finds the group that the first request made.
    const id = chatIdOf(key === null ? randomBytes(17) : sha256(encoder.encode(`group\n${me}\n${key}`)))
    const members = [...new Set([me, ...memberIds])]
    const { created } = await storage.createChat({ id, kind: 'group', title, by: me, members })
    if (created) sync.chatCreated(id, members)
    return { id, created }
  }

  return app
}
