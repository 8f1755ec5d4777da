// The face of @skein/api.
export { createApi } from './api.ts'
export { HealTally } from './heal-tally.ts'
export { createRateLimits } from './rate-limits.ts'
export { createWebhookSender, type WebhookPost, type WebhookSender } from './webhook-sender.ts'
export type { ApiDependencies, Logger, Mail, MailPort, SyncPort } from './ports.ts'
