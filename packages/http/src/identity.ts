// Coming in by the token of another issuer, which this server trusts.
import { createRoute, z } from '@hono/zod-openapi'
import { MAX_SUBJECT_LENGTH } from '@skein/protocol'
import { avatarUrl, issuerToken, name, newEmail } from './account-fields.ts'
import { loggedIn, oneAccount } from './answers.ts'
import { behind, body, json } from './describe.ts'
import { plain } from './fields.ts'

export const exchange = createRoute({
  method: 'post',
  path: '/api/auth/exchange',
  tags: ['Accounts'],
  summary: 'Exchange a token of the configured issuer for one of Skein’s',
  description:
    'People appear by the token’s `sub`, with its `name`, `email` and `picture`; a token without a name leaves all three as they are known. There is no cookie: before the access token ends, exchange a token again. The session is listed and can be ended as long as the issuer’s token lives; this token begins no other one then, nor does any that was issued before somebody logged out everywhere.',
  request: { body: body(z.strictObject({ token: issuerToken })) },
  ...behind(
    'anyone',
    { 200: json(loggedIn, 'An access token.') },
    'no-issuer',
    'identity-refused',
    'identity-expired',
    'identity-ended',
    'issuer-away',
    'account-disabled',
    'session-ended',
  ),
})

const subject = plain.min(1).max(MAX_SUBJECT_LENGTH)

export const vouchForPerson = createRoute({
  method: 'post',
  path: '/api/users',
  tags: ['People'],
  summary: 'Have a person of the configured issuer be known before they come, or change what is known',
  description:
    'For the embedder’s back office, with a server key. `subject` is the `sub` that their tokens will have. All that is given stands for all that is known: what is left out they have not. An email that another account has stays there.',
  request: {
    body: body(
      z.strictObject({
        subject,
        name,
        email: newEmail.nullable().default(null),
        emailVerified: z.boolean().default(false),
        avatarUrl: avatarUrl.nullable().default(null),
      }),
    ),
  },
  ...behind('server', { 200: json(oneAccount, 'They were known.'), 201: json(oneAccount, 'They are known now.') }, 'no-issuer'),
})
