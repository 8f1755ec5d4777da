// The messages of a chat.
import { createRoute, z } from '@hono/zod-openapi'
import { epochName, MAX_HISTORY_PAGE, MAX_IDS_PER_QUESTION, MAX_MENTIONS, MAX_PINS, messageText, operationId, userId } from '@skein/protocol'
import { messagesPage, oneMessage, seen, stored } from './answers.ts'
import { behind, body, forKeys, json } from './describe.ts'
import { before, cursor, idempotencyKey, limitUpTo, ofChat, ofMessage, ofReaction } from './fields.ts'

export const history = createRoute({
  method: 'get',
  path: '/api/chats/{id}/messages',
  tags: ['Messages'],
  summary: 'The chat’s messages, the newest page first',
  description: 'Within a page the oldest comes first. `cursor` wins over `before`; both are stable while messages arrive.',
  request: { params: ofChat, query: z.object({ limit: limitUpTo(MAX_HISTORY_PAGE, 50), before, cursor }) },
  ...forKeys(['messages:read'], behind('member', { 200: json(messagesPage, 'A page.') })),
})

/** What is asked again under one key is done once, and answered alike. */
const keyed = z.object({ 'idempotency-key': idempotencyKey })

export const sendMessage = createRoute({
  method: 'post',
  path: '/api/chats/{id}/messages',
  tags: ['Messages'],
  summary: 'Send a message',
  description: 'With an `Idempotency-Key` it may be sent again until there is an answer: it is stored once.',
  request: {
    params: ofChat,
    headers: keyed,
    body: body(
      z.strictObject({
        text: messageText,
        replyTo: operationId.optional(),
        replyToAuthor: userId.optional(),
        mentions: z.array(userId).max(MAX_MENTIONS).optional(),
      }),
    ),
  },
  ...forKeys(
    ['messages:write'],
    behind(
      'member',
      { 200: json(oneMessage, 'It was stored before.'), 201: json(oneMessage, 'It is stored.') },
      'key-reused',
      'forbidden',
      'blocked',
    ),
  ),
})

/** Under one id it is the first that got it, and one's own to edit and to delete (OP-4). */
export const oneOfTheMessages = createRoute({
  method: 'get',
  path: '/api/chats/{id}/messages/{messageId}',
  tags: ['Messages'],
  summary: 'One message',
  description: 'Of several authors’ messages under one id the first.',
  request: { params: ofMessage },
  ...forKeys(['messages:read'], behind('member', { 200: json(oneMessage, 'The message.') }, 'no-such-message')),
})

const changed = { 200: json(oneMessage, 'The message as it is now.') }

export const editMessage = createRoute({
  method: 'patch',
  path: '/api/chats/{id}/messages/{messageId}',
  tags: ['Messages'],
  summary: 'Change the words of one’s message',
  request: { params: ofMessage, headers: keyed, body: body(z.strictObject({ text: messageText })) },
  ...forKeys(['messages:write'], behind('member', changed, 'not-yours', 'no-such-message', 'deleted', 'key-reused', 'forbidden')),
})

export const deleteMessage = createRoute({
  method: 'delete',
  path: '/api/chats/{id}/messages/{messageId}',
  tags: ['Messages'],
  summary: 'Delete one’s message',
  request: { params: ofMessage, headers: keyed },
  ...forKeys(['messages:write'], behind('member', changed, 'not-yours', 'no-such-message', 'key-reused', 'forbidden')),
})

export const addReaction = createRoute({
  method: 'put',
  path: '/api/chats/{id}/messages/{messageId}/reactions/{emoji}',
  tags: ['Messages'],
  summary: 'React to a message',
  request: { params: ofReaction, headers: keyed },
  ...forKeys(
    ['messages:write'],
    behind('member', changed, 'no-such-message', 'deleted', 'too-many-reactions', 'no-emoji', 'key-reused', 'forbidden'),
  ),
})

export const removeReaction = createRoute({
  method: 'delete',
  path: '/api/chats/{id}/messages/{messageId}/reactions/{emoji}',
  tags: ['Messages'],
  summary: 'Take one’s reaction back',
  request: { params: ofReaction, headers: keyed },
  ...forKeys(['messages:write'], behind('member', changed, 'no-such-message', 'deleted', 'key-reused', 'forbidden')),
})

export const pinMessage = createRoute({
  method: 'put',
  path: '/api/chats/{id}/messages/{messageId}/pin',
  tags: ['Messages'],
  summary: 'Pin a message, for everybody in the chat',
  description: `Any member may. At most ${MAX_PINS} are pinned: one more takes out the one that was pinned first.`,
  request: { params: ofMessage, headers: keyed },
  ...forKeys(['messages:write'], behind('member', changed, 'no-such-message', 'deleted', 'key-reused', 'forbidden', 'blocked')),
})

export const unpinMessage = createRoute({
  method: 'delete',
  path: '/api/chats/{id}/messages/{messageId}/pin',
  tags: ['Messages'],
  summary: 'Take out a pinned message, whoever pinned it',
  request: { params: ofMessage, headers: keyed },
  ...forKeys(['messages:write'], behind('member', changed, 'no-such-message', 'key-reused', 'forbidden', 'blocked')),
})

const file = (type: string) => ({ [type]: { schema: z.string() } })

export const exportChat = createRoute({
  method: 'get',
  path: '/api/chats/{id}/export',
  tags: ['Messages'],
  summary: 'All messages of the chat as a file',
  description:
    'JSON Lines: a `chat`, each `message` in its order, and an `end` with their count; what has no `end` was cut off. `html` is a page for people.',
  request: { params: ofChat, query: z.object({ format: z.enum(['jsonl', 'html', '']).default('jsonl') }) },
  ...forKeys(
    ['messages:read'],
    behind('member', { 200: { description: 'The file, as it is made.', content: { ...file('application/jsonl'), ...file('text/html') } } }),
  ),
})

const ids = z.array(operationId).max(MAX_IDS_PER_QUESTION)

export const markSeen = createRoute({
  method: 'post',
  path: '/api/chats/{id}/messages/seen',
  tags: ['Messages'],
  summary: 'Mark messages as seen, and all before them',
  request: { params: ofChat, body: body(z.strictObject({ messageIds: ids })) },
  ...forKeys(['marks:write'], behind('member', { 200: json(seen, 'How far one has seen the chat.') })),
})

export const storedIds = createRoute({
  method: 'post',
  path: '/api/chats/{id}/stored',
  tags: ['Sync'],
  summary: 'Which of one’s operations are stored',
  request: { params: ofChat, body: body(z.strictObject({ ids, epoch: epochName })) },
  ...forKeys(
    ['messages:read'],
    behind('member', { 200: json(stored, 'Ids with the code of their refusal, or null; `closed`: the epoch has ended.') }),
  ),
})
