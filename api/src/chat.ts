// One chat: /api/chats/:id and below, behind the check of membership.
import { OpenAPIHono } from '@hono/zod-openapi'
import { routes } from '@skein/http'
import { MAX_CHANGES_PAGE, MAX_ERASED_PAGE, viewOf } from '@skein/protocol'
import type { ChatEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { createMessageSender } from './send-message.ts'
import { chatView, entryView, memberView } from './views.ts'

export function createChatRoutes(dependencies: ApiDependencies): OpenAPIHono<ChatEnv> {
  const { storage, sync } = dependencies
  const send = createMessageSender(dependencies)
  const app = new OpenAPIHono<ChatEnv>()

  app.openapi(routes.oneOfMyChats, async (c) => {
    const summary = await storage.chatSummary(c.var.chatId, c.var.person.sub)
    if (!summary) throw new HttpError('no-such-chat')
    return c.json({ chat: chatView(summary) }, 200)
  })

  app.openapi(routes.history, async (c) => {
    const page = await storage.history(c.var.chatId, c.req.valid('query'))
    return c.json({ messages: page.items.map((item) => viewOf(c.var.chatId, item)), nextCursor: page.nextCursor }, 200)
  })

  app.openapi(routes.sendMessage, async (c) => {
    const { 'idempotency-key': key = null } = c.req.valid('header')
    const sent = await send(c.var.chatId, c.var.person.sub, c.req.valid('json').text, key)
    return c.json({ message: sent.message }, sent.created ? 201 : 200)
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
    const page = await storage.changes(c.var.chatId, { ...c.req.valid('query'), limit: MAX_CHANGES_PAGE })
    if (page === 'unknown-head') throw new HttpError('unknown-head')
    const { entries, members, marks, head, more, erasedPos } = page
    return c.json({ entries: entries.map(entryView), members: members.map(memberView), marks, head, more, erasedPos }, 200)
  })

  app.openapi(routes.erasedInChat, async (c) => {
    const { since } = c.req.valid('query')
    return c.json(await storage.erased(c.var.chatId, since, MAX_ERASED_PAGE), 200)
  })

  return app
}
