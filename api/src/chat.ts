// One chat: /api/chats/:id and below, behind the check of membership.
import { OpenAPIHono } from '@hono/zod-openapi'
import { routes } from '@skein/http'
import { MAX_CHANGES_PAGE, MAX_ERASED_PAGE, messageOf, viewOf } from '@skein/protocol'
import type { ChatEnv } from './authenticate.ts'
import { createOffer } from './offer-operation.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { chatView, entryView, memberView } from './views.ts'

export function createChatRoutes(dependencies: ApiDependencies): OpenAPIHono<ChatEnv> {
  const { storage, sync } = dependencies
  const offer = createOffer(dependencies)
  const app = new OpenAPIHono<ChatEnv>()

  app.openapi(routes.oneOfMyChats, async (c) => {
    const summary = await storage.chatSummary(c.var.chatId, c.var.person.sub)
    if (!summary) throw new HttpError('no-such-chat')
    return c.json({ chat: chatView(summary) }, 200)
  })

  app.openapi(routes.history, async (c) => {
    const page = await storage.history(c.var.chatId, { ...c.req.valid('query'), above: c.var.from.seq })
    return c.json({ messages: page.items.map((item) => viewOf(c.var.chatId, item)), nextCursor: page.nextCursor, rev: page.rev }, 200)
  })

  app.openapi(routes.sendMessage, async (c) => {
    const { chatId, person } = c.var
    const { 'idempotency-key': key = null } = c.req.valid('header')
    const { entry, created } = await offer({ chat: chatId, user: person.sub, key, operation: { type: 'message', ...c.req.valid('json') } })
    if (created && entry.operation?.type === 'message') return c.json({ message: viewOf(chatId, messageOf(entry, entry.operation)) }, 201)
    const sent = await storage.message(chatId, person.sub, entry.id)
    if (!sent) throw new HttpError('key-reused')
    return c.json({ message: viewOf(chatId, sent) }, 200)
  })

  app.openapi(routes.markSeen, async (c) => {
    const { messageIds } = c.req.valid('json')
    const { chatId, person } = c.var
    const seq = await storage.greatestSeq(chatId, messageIds)
    const result = (await storage.raiseMarks(person.sub, new Map([[chatId, [seq, seq]]]))).get(chatId)
    if (!result) throw new HttpError('no-such-chat')
    if (result.raised) sync.marksRaised(chatId, person.sub, result.marks, result.markPos)
    return c.json({ seenSeq: result.marks[1] }, 200)
  })

  app.openapi(routes.storedIds, async (c) => {
    const { ids, epoch } = c.req.valid('json')
    return c.json(await storage.storedIds(c.var.chatId, c.var.person.sub, ids, epoch), 200)
  })

  app.openapi(routes.lastCommon, async (c) => {
    const { places } = c.req.valid('json')
    return c.json({ common: await storage.lastCommon(c.var.chatId, places) }, 200)
  })

  app.openapi(routes.changesOfChat, async (c) => {
    const page = await storage.changes(c.var.chatId, { ...c.req.valid('query'), limit: MAX_CHANGES_PAGE, from: c.var.from })
    if (page === 'unknown-head') throw new HttpError('unknown-head')
    const { entries, begins, members, head, more, erasedPos, blocked } = page
    const own = page.marks[c.var.person.sub]
    const marks = blocked ? (own ? { [c.var.person.sub]: own } : {}) : page.marks
    return c.json({ entries: entries.map(entryView), begins, members: members.map(memberView), marks, head, more, erasedPos }, 200)
  })

  app.openapi(routes.erasedInChat, async (c) => {
    const { since } = c.req.valid('query')
    return c.json(await storage.erased(c.var.chatId, since, MAX_ERASED_PAGE), 200)
  })

  return app
}
