// What others build on: API keys, webhooks, reports.
import { createRoute, z } from '@hono/zod-openapi'
import {
  chatId,
  CHAT_EVENTS,
  MAX_REPORT_REASON_LENGTH,
  MAX_REPORTED_MESSAGES,
  MAX_WEBHOOK_URL_LENGTH,
  operationId,
  SCOPES,
  userId,
} from '@skein/protocol'
import { isOneProof, name, proof, oneProofWanted } from './account-fields.ts'
import { apiKeys, newApiKey, newReport, newWebhook, nothing, oneWebhook, webhooks } from './answers.ts'
import { behind, body, forKeys, json, PROOF_ERRORS } from './describe.ts'
import { end, plain } from './fields.ts'

const all = <T extends string>(values: readonly [T, ...T[]]) =>
  z
    .array(z.enum(values))
    .min(1)
    .refine((given) => new Set(given).size === given.length, 'expects each once')

export const createApiKey = createRoute({
  method: 'post',
  path: '/api/keys',
  tags: ['API keys'],
  summary: 'Make a key for a program that acts as oneself',
  description:
    'Needs the current password. Who has none brings a `token` that the configured issuer issued within the last five minutes, or has logged in by the OpenID provider within them. The key is `secret`, and is shown this once. A key makes no keys and changes nothing of the account.',
  request: { body: body(z.strictObject({ name, scopes: all(SCOPES), expiresAt: end, ...proof }).refine(isOneProof, oneProofWanted)) },
  ...behind('person', { 201: json(newApiKey, 'The key.') }, 'too-many', 'session-ended', ...PROOF_ERRORS),
})

export const listApiKeys = createRoute({
  method: 'get',
  path: '/api/keys',
  tags: ['API keys'],
  summary: 'One’s keys, the newest first',
  ...behind('person', { 200: json(apiKeys, 'Keys that were not deleted; some may have expired.') }),
})

const ofThing = z.object({ id: z.string() })

export const deleteApiKey = createRoute({
  method: 'delete',
  path: '/api/keys/{id}',
  tags: ['API keys'],
  summary: 'Delete a key: it is good for nothing at once, and the webhooks that it made are gone',
  request: { params: ofThing },
  ...behind('person', { 200: json(nothing, 'It is deleted.') }, 'no-such-key'),
})

const url = z.string().max(MAX_WEBHOOK_URL_LENGTH)
/** Whoever may be told of messages may read them. */
const KEYS = ['webhooks:write', 'messages:read'] as const

export const createWebhook = createRoute({
  method: 'post',
  path: '/api/webhooks',
  tags: ['Webhooks'],
  summary: 'Be told of what happens in one’s chats',
  description:
    'Events come as Standard Webhooks (https://www.standardwebhooks.com), signed with `secret`, which is shown this once. Each comes at least once; what is not taken with a 2xx within ten seconds is tried again for a day. Only https and public addresses, unless whoever runs the server allows others (`WEBHOOK_PRIVATE_ADDRESSES`).',
  request: { body: body(z.strictObject({ url, events: all(CHAT_EVENTS) })) },
  ...forKeys(KEYS, behind('person', { 201: json(newWebhook, 'The webhook.') }, 'private-address', 'too-many', 'session-ended')),
})

export const listWebhooks = createRoute({
  method: 'get',
  path: '/api/webhooks',
  tags: ['Webhooks'],
  summary: 'One’s webhooks, the newest first',
  ...forKeys(KEYS, behind('person', { 200: json(webhooks, 'Webhooks, and how the last attempt of each went.') })),
})

export const changeWebhook = createRoute({
  method: 'patch',
  path: '/api/webhooks/{id}',
  tags: ['Webhooks'],
  summary: 'Change a webhook, or turn it off and on',
  description: 'What happens while it is off it is never told of.',
  request: {
    params: ofThing,
    body: body(
      z
        .strictObject({ url: url.optional(), events: all(CHAT_EVENTS).optional(), active: z.boolean().optional() })
        .refine((given) => Object.keys(given).length > 0, 'expects url, events or active'),
    ),
  },
  ...forKeys(KEYS, behind('person', { 200: json(oneWebhook, 'The webhook as it is now.') }, 'private-address', 'no-such-webhook')),
})

export const deleteWebhook = createRoute({
  method: 'delete',
  path: '/api/webhooks/{id}',
  tags: ['Webhooks'],
  summary: 'Delete a webhook, with what it was still to be told',
  request: { params: ofThing },
  ...forKeys(KEYS, behind('person', { 200: json(nothing, 'It is deleted.') }, 'no-such-webhook')),
})

const reported = z
  .strictObject({
    userId: userId.optional(),
    chatId: chatId.optional(),
    messages: z
      .array(z.strictObject({ authorId: userId, id: operationId }))
      .max(MAX_REPORTED_MESSAGES)
      .default([]),
    reason: plain.trim().min(1).max(MAX_REPORT_REASON_LENGTH),
  })
  .refine((given) => given.userId !== undefined || given.chatId !== undefined, 'expects userId or chatId')
  .refine((given) => given.chatId !== undefined || given.messages.length === 0, { path: ['chatId'], error: 'expects the messages’ chat' })

export const createReport = createRoute({
  method: 'post',
  path: '/api/reports',
  tags: ['Reports'],
  summary: 'Tell whoever runs the server of a person, a chat, or messages in it',
  request: { body: body(reported) },
  ...forKeys(['reports:write'], behind('person', { 201: json(newReport, 'It is stored.') }, 'no-such-chat', 'no-such-message')),
})
