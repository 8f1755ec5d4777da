// One message: /api/chats/:id/messages/:messageId, and the chat as a file. Under one id it is the first that got it (OP-4), and one's own to edit and to delete.
import { OpenAPIHono } from '@hono/zod-openapi'
import { routes } from '@skein/http'
import { isOperationId, viewOf, type MessageState, type MessageView } from '@skein/protocol'
import type { Context } from 'hono'
import type { ChatEnv } from './authenticate.ts'
import { exportChat, EXPORT_FORMS } from './export-chat.ts'
import { createOffer } from './offer-operation.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'

type InChat = Pick<Context<ChatEnv>, 'var'>

export function createMessageRoutes(dependencies: ApiDependencies): OpenAPIHono<ChatEnv> {
  const { storage, rateLimits } = dependencies
  const offer = createOffer(dependencies)
  const app = new OpenAPIHono<ChatEnv>()

  async function find({ var: { chatId, from } }: InChat, id: string): Promise<MessageState> {
    const message = isOperationId(id) ? await storage.message(chatId, null, id, from.seq) : null
    if (!message) throw new HttpError('no-such-message')
    return message
  }
  async function findOwn(c: InChat, id: string): Promise<MessageState> {
    const own = isOperationId(id) ? await storage.message(c.var.chatId, c.var.person.sub, id) : null
    return own ?? (await find(c, id))
  }

  /** Offers an operation about a message; the message as it is then. */
  async function change(c: InChat, target: MessageState, key: string | undefined, operation: object): Promise<{ message: MessageView }> {
    const { chatId, person } = c.var
    const aimed = { ...operation, target: target.id, targetAuthor: target.authorId }
    await offer({ chat: chatId, user: person.sub, key: key ?? null, operation: aimed, target })
    const message = await storage.message(chatId, target.authorId, target.id)
    return { message: viewOf(chatId, message ?? target) }
  }

  app.openapi(routes.oneOfTheMessages, async (c) => c.json({ message: viewOf(c.var.chatId, await find(c, c.req.valid('param').messageId)) }, 200))

  app.openapi(routes.editMessage, async (c) => {
    const { 'idempotency-key': key } = c.req.valid('header')
    const target = await findOwn(c, c.req.valid('param').messageId)
    return c.json(await change(c, target, key, { type: 'edit', text: c.req.valid('json').text }), 200)
  })

  app.openapi(routes.deleteMessage, async (c) => {
    const { 'idempotency-key': key } = c.req.valid('header')
    return c.json(await change(c, await findOwn(c, c.req.valid('param').messageId), key, { type: 'delete' }), 200)
  })

  app.openapi(routes.addReaction, async (c) => {
    const { 'idempotency-key': key } = c.req.valid('header')
    const { messageId, emoji } = c.req.valid('param')
    return c.json(await change(c, await find(c, messageId), key, { type: 'react', emoji, on: true }), 200)
  })

  app.openapi(routes.removeReaction, async (c) => {
    const { 'idempotency-key': key } = c.req.valid('header')
    const { messageId, emoji } = c.req.valid('param')
    return c.json(await change(c, await find(c, messageId), key, { type: 'react', emoji, on: false }), 200)
  })

  app.openapi(routes.pinMessage, async (c) => {
    const { 'idempotency-key': key } = c.req.valid('header')
    return c.json(await change(c, await find(c, c.req.valid('param').messageId), key, { type: 'pin', on: true }), 200)
  })

  app.openapi(routes.unpinMessage, async (c) => {
    const { 'idempotency-key': key } = c.req.valid('header')
    return c.json(await change(c, await find(c, c.req.valid('param').messageId), key, { type: 'pin', on: false }), 200)
  })

  app.openapi(routes.exportChat, async (c) => {
    const { chatId, person } = c.var
    await rateLimits?.take(c, 'export', person.sub)
    const format = c.req.valid('query').format || 'jsonl'
    const chat = await storage.chatSummary(chatId, person.sub)
    if (!chat) throw new HttpError('no-such-chat')
    const { form, type } = EXPORT_FORMS[format]
    const headers = { 'Content-Type': type, 'Content-Disposition': `attachment; filename="chat-${chatId}.${format}"` }
    return c.body(exportChat(storage, chat, person.sub, form(person.sub)), 200, headers)
  })

  return app
}
