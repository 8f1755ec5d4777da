// What keeps the server running asks these.
import { createRoute, z } from '@hono/zod-openapi'
import { behind, json } from './describe.ts'

const checks = z.object({ checks: z.record(z.string(), z.enum(['ok', 'failed'])) })

const text = z.string().optional()
const keySet = z.object({ keys: z.array(z.object({ kty: text, crv: text, x: text, kid: text, alg: text, use: text })) })

export const live = createRoute({
  method: 'get',
  path: '/health/live',
  tags: ['Running it'],
  summary: 'Whether the process lives',
  ...behind('anyone', { 200: json(z.object({ ok: z.literal(true) }), 'It does.') }),
})

export const ready = createRoute({
  method: 'get',
  path: '/health/ready',
  tags: ['Running it'],
  summary: 'Whether it can work: asks what it needs',
  ...behind('anyone', { 200: json(checks, 'It can.'), 503: json(checks, 'Something that it needs does not answer.') }),
})

export const jwks = createRoute({
  method: 'get',
  path: '/.well-known/jwks.json',
  tags: ['Running it'],
  summary: 'The keys that verify access tokens',
  ...behind('anyone', { 200: json(keySet, 'A JSON Web Key Set.') }),
})
