// Coming in by the token of another issuer, which this server trusts.
import { createRoute, z } from '@hono/zod-openapi'
import { loggedIn } from './answers.ts'
import { behind, body, json } from './describe.ts'

export const exchange = createRoute({
  method: 'post',
  path: '/api/auth/exchange',
  tags: ['Accounts'],
  summary: 'Exchange a token of the configured issuer for one of Skein’s',
  description:
    'People appear by the token’s `sub`, with its `name`, `email` and `picture`. There is no cookie: before the access token ends, exchange a token again. The session is listed and can be ended as long as the issuer’s token lives.',
  request: { body: body(z.strictObject({ token: z.string().max(16_384) })) },
  ...behind(
    'anyone',
    { 200: json(loggedIn, 'An access token.') },
    'no-issuer',
    'identity-refused',
    'identity-expired',
    'issuer-away',
    'account-disabled',
    'session-ended',
  ),
})
