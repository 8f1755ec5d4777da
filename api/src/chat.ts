// One chat: /api/chats/:id and below, behind the check of membership.
import { Hono } from 'hono'
import { z } from 'zod'
import {
  isEpochName,
  isHead,
  MAX_CHANGES_PAGE,
  MAX_ERASED_PAGE,
  MAX_HEADS_PER_QUESTION,
  MAX_HISTORY_PAGE,
  MAX_IDS_PER_QUESTION,
  MAX_MENTIONS,
  messageOf,
  messageText,
  operationId,
  userId,
  viewOf,
  type EpochName,
  type Head,
} from '@skein/protocol'
import type { ChatEnv } from './authenticate.ts'
import { cursor, isoTime, limitUpTo, readBody, readQuery } from './input.ts'
import { createOffer, readKey } from './offer-operation.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { chatView, entryView, memberView } from './views.ts'

const history = z.object({ before: isoTime.nullable().default(null), limit: limitUpTo(MAX_HISTORY_PAGE, 50), cursor })
const message = z.strictObject({
  text: messageText,
  replyTo: operationId.optional(),
  replyToAuthor: userId.optional(),
  mentions: z.array(userId).max(MAX_MENTIONS).optional(),
})
const ids = z.array(operationId).max(MAX_IDS_PER_QUESTION)
const seen = z.strictObject({ messageIds: ids })
const stored = z.strictObject({ ids, epoch: z.custom<EpochName>(isEpochName, 'expects an epoch') })
const place = z.strictObject({ rev: z.int().min(0), head: z.custom<Head>(isHead, 'expects a head') })
const common = z.strictObject({ places: z.array(place).max(MAX_HEADS_PER_QUESTION) })
const rev = z
  .string()
  .regex(/^[0-9]{1,15}$/, 'expects a whole number')
  .transform(Number)
const changes = z.object({ since: rev.default(0), head: z.custom<Head>(isHead, 'expects a head').nullable().default(null) })

const erased = z.object({ since: rev.default(0) })

export function createChatRoutes(dependencies: ApiDependencies): Hono<ChatEnv> {
  const { storage, sync } = dependencies
  const offer = createOffer(dependencies)
  const routes = new Hono<ChatEnv>()

  routes.get('/', async (c) => {
    const summary = await storage.chatSummary(c.var.chatId, c.var.person.sub)
    if (!summary) throw new HttpError('no-such-chat')
    return c.json({ chat: chatView(summary) })
  })

  routes.get('/messages', async (c) => {
    const page = await storage.history(c.var.chatId, readQuery(c, history))
    return c.json({ messages: page.items.map((item) => viewOf(c.var.chatId, item)), nextCursor: page.nextCursor })
  })

  routes.post('/messages', async (c) => {
    const { chatId, person } = c.var
    const key = readKey(c)
    const body = await readBody(c, message)
    const { entry, created } = await offer({ chat: chatId, user: person.sub, key, operation: { type: 'message', ...body } })
    if (created && entry.operation?.type === 'message') return c.json({ message: viewOf(chatId, messageOf(entry, entry.operation)) }, 201)
    const sent = await storage.message(chatId, person.sub, entry.id)
    if (!sent) throw new HttpError('key-reused')
    return c.json({ message: viewOf(chatId, sent) })
  })

  routes.post('/messages/seen', async (c) => {
    const { messageIds } = await readBody(c, seen)
    const { chatId, person } = c.var
    const seq = await storage.greatestSeq(chatId, messageIds)
    const result = (await storage.raiseMarks(person.sub, new Map([[chatId, [seq, seq]]]))).get(chatId)
    if (!result) throw new HttpError('no-such-chat')
    if (result.raised) sync.marksRaised(chatId, person.sub, result.marks, result.markPos)
    return c.json({ seenSeq: result.marks[1] })
  })

  routes.post('/stored', async (c) => {
    const question = await readBody(c, stored)
    return c.json(await storage.storedIds(c.var.chatId, c.var.person.sub, question.ids, question.epoch))
  })

  routes.post('/common', async (c) => {
    const { places } = await readBody(c, common)
    return c.json({ common: await storage.lastCommon(c.var.chatId, places) })
  })

  routes.get('/changes', async (c) => {
    const page = await storage.changes(c.var.chatId, { ...readQuery(c, changes), limit: MAX_CHANGES_PAGE })
    if (page === 'unknown-head') throw new HttpError('unknown-head')
    const { entries, members, marks, head, more, erasedPos } = page
    return c.json({ entries: entries.map(entryView), members: members.map(memberView), marks, head, more, erasedPos })
  })

  routes.get('/erased', async (c) => {
    const { since } = readQuery(c, erased)
    return c.json(await storage.erased(c.var.chatId, since, MAX_ERASED_PAGE))
  })

  return routes
}
