// One message: /api/chats/:id/messages/:messageId, behind the check of membership. Under one id it is the first that got it (OP-4), and one's own to edit and to delete.
import { Hono, type Context } from 'hono'
import { z } from 'zod'
import { emoji, isOperationId, messageText, viewOf, type MessageState, type OperationId } from '@skein/protocol'
import type { ChatEnv } from './authenticate.ts'
import { readBody, validated } from './input.ts'
import { createOffer, readKey } from './offer-operation.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'

const edit = z.strictObject({ text: messageText })
const reaction = z.object({ emoji })

export function createMessageRoutes(dependencies: ApiDependencies): Hono<ChatEnv> {
  const { storage } = dependencies
  const offer = createOffer(dependencies)
  const routes = new Hono<ChatEnv>()

  function idOf(c: Context<ChatEnv>): OperationId {
    const id = c.req.param('messageId')
    if (!isOperationId(id)) throw new HttpError('no-such-message')
    return id
  }
  const find = (c: Context<ChatEnv>): Promise<MessageState | null> => storage.message(c.var.chatId, null, idOf(c))
  const findOwn = async (c: Context<ChatEnv>): Promise<MessageState | null> =>
    (await storage.message(c.var.chatId, c.var.person.sub, idOf(c))) ?? (await find(c))

  /** Offers an operation about a message, and answers with the message as it is then. */
  async function change(c: Context<ChatEnv>, target: MessageState | null, operation: object): Promise<Response> {
    const { chatId, person } = c.var
    if (!target) throw new HttpError('no-such-message')
    await offer({
      chat: chatId,
      user: person.sub,
      key: readKey(c),
      operation: { ...operation, target: target.id, targetAuthor: target.authorId },
      target,
    })
    const message = await storage.message(chatId, target.authorId, target.id)
    if (!message) throw new HttpError('no-such-message')
    return c.json({ message: viewOf(chatId, message) })
  }

  routes.get('/messages/:messageId', async (c) => {
    const message = await find(c)
    if (!message) throw new HttpError('no-such-message')
    return c.json({ message: viewOf(c.var.chatId, message) })
  })

  routes.patch('/messages/:messageId', async (c) => {
    const { text } = await readBody(c, edit)
    return change(c, await findOwn(c), { type: 'edit', text })
  })

  routes.delete('/messages/:messageId', async (c) => change(c, await findOwn(c), { type: 'delete' }))

  const react = async (c: Context<ChatEnv>, on: boolean): Promise<Response> => {
    const given = validated(reaction, { emoji: c.req.param('emoji') })
    return change(c, await find(c), { type: 'react', emoji: given.emoji, on })
  }
  routes.put('/messages/:messageId/reactions/:emoji', (c) => react(c, true))
  routes.delete('/messages/:messageId/reactions/:emoji', (c) => react(c, false))

  return routes
}
