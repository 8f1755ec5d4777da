// What an API key may be allowed to do, and what a webhook may be told of: closed lists, shared by whoever makes one and whoever checks it.

/** Each names the routes that a key with it may ask; a route that names none is for people alone. */
export const SCOPES = [
  'profile:read',
  'people:read',
  'chats:read',
  'chats:write',
  'messages:read',
  'messages:write',
  'marks:write',
  'reports:write',
  'webhooks:write',
] as const
export type Scope = (typeof SCOPES)[number]
export const isScope = (value: unknown): value is Scope => SCOPES.some((scope) => scope === value)

/** What a server key has, and it alone: one that whoever runs the server made, and that acts for nobody. */
export const SERVER_SCOPE = 'server'

/** What a person's webhook is told of: what happens in their chats. */
export const CHAT_EVENTS = ['message.created', 'message.edited', 'message.deleted', 'member.joined', 'member.left'] as const
export type ChatEvent = (typeof CHAT_EVENTS)[number]
/** With what only the server's own webhook is told of. */
export const WEBHOOK_EVENTS = [...CHAT_EVENTS, 'report.created'] as const
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number]
export const isWebhookEvent = (value: unknown): value is WebhookEvent => WEBHOOK_EVENTS.some((event) => event === value)
