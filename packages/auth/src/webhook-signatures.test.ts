// Webhook signatures against the standard's own example.
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { isWebhookSecret, newWebhookSecret, signWebhook } from './webhook-signatures.ts'

test('Standard Webhooks: the example of its libraries', () => {
  expect(signWebhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330_999, '{"test": 2432232314}')).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('a secret has 24 to 64 bytes behind its prefix', () => {
  expect(isWebhookSecret(newWebhookSecret(randomBytes))).toBe(true)
  expect(newWebhookSecret(randomBytes)).not.toBe(newWebhookSecret(randomBytes))
  const of = (bytes: number): string => `whsec_${Buffer.alloc(bytes).toString('base64')}`
  expect([23, 24, 64, 65].map((bytes) => isWebhookSecret(of(bytes)))).toEqual([false, true, true, false])
  for (const text of ['', 'whsec_', of(24).slice(6), `${of(24)}!`, `${of(24)}\n`]) expect(isWebhookSecret(text)).toBe(false)
})
