// The messages of a chat.
import { createRoute, z } from '@hono/zod-openapi'
import { epochName, MAX_HISTORY_PAGE, MAX_IDS_PER_QUESTION, messageText, operationId } from '@skein/protocol'
import { messagesPage, oneMessage, seen, stored } from './answers.ts'
import { behind, body, json } from './describe.ts'
import { before, cursor, limitUpTo, ofChat } from './fields.ts'

export const history = createRoute({
  method: 'get',
  path: '/api/chats/{id}/messages',
  tags: ['Messages'],
  summary: 'The chat’s messages, the newest page first',
  description: 'Within a page the oldest comes first. `cursor` wins over `before`; both are stable while messages arrive.',
  request: { params: ofChat, query: z.object({ limit: limitUpTo(MAX_HISTORY_PAGE, 50), before, cursor }) },
  ...behind('member', { 200: json(messagesPage, 'A page.') }),
})

const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'expects 1 to 255 visible ASCII characters')
  .optional()

export const sendMessage = createRoute({
  method: 'post',
  path: '/api/chats/{id}/messages',
  tags: ['Messages'],
  summary: 'Send a message',
  description: 'With an `Idempotency-Key` it may be sent again until there is an answer: it is stored once.',
  request: {
    params: ofChat,
    headers: z.object({ 'idempotency-key': idempotencyKey }),
    body: body(z.strictObject({ text: messageText })),
  },
  ...behind('member', { 200: json(oneMessage, 'It was stored before.'), 201: json(oneMessage, 'It is stored.') }, 'key-reused', 'forbidden'),
})

const ids = z.array(operationId).max(MAX_IDS_PER_QUESTION)

export const markSeen = createRoute({
  method: 'post',
  path: '/api/chats/{id}/messages/seen',
  tags: ['Messages'],
  summary: 'Mark messages as seen, and all before them',
  request: { params: ofChat, body: body(z.strictObject({ messageIds: ids })) },
  ...behind('member', { 200: json(seen, 'How far one has seen the chat.') }),
})

export const storedIds = createRoute({
  method: 'post',
  path: '/api/chats/{id}/stored',
  tags: ['Sync'],
  summary: 'Which of one’s operations are stored',
  request: { params: ofChat, body: body(z.strictObject({ ids, epoch: epochName })) },
  ...behind('member', { 200: json(stored, 'Ids with the code of their refusal, or null; `closed`: the epoch has ended.') }),
})
