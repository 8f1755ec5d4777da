// Signatures of what webhooks are sent, by Standard Webhooks (https://www.standardwebhooks.com): any of its libraries checks them.
import { createHmac } from 'node:crypto'
import type { RandomBytes } from './key-file.ts'

const prefix = 'whsec_'
const pattern = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/

/** A new secret, for sender and receiver: 24 random bytes. */
export const newWebhookSecret = (randomBytes: RandomBytes): string => prefix + Buffer.from(randomBytes(24)).toString('base64')

/** 24 to 64 bytes, as the standard has it. */
export function isWebhookSecret(text: string): boolean {
  const bytes = Buffer.from(text.slice(prefix.length), 'base64').length
  return pattern.test(text) && bytes >= 24 && bytes <= 64
}

/** The headers beside a body; `at` in milliseconds. */
export function signWebhook(secret: string, id: string, at: number, body: string): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000))
  const key = Buffer.from(secret.slice(prefix.length), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}
