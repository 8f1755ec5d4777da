// Logging in by an OpenID provider. These two are opened by the browser itself, and lead on to another page, also where something is wrong.
import { createRoute, z } from '@hono/zod-openapi'
import { MAX_LINK_TOKEN_LENGTH } from '@skein/protocol'
import { loginWays } from './answers.ts'
import { behind, json, leadsOn } from './describe.ts'
import { returnTo } from './fields.ts'

export const listLoginWays = createRoute({
  method: 'get',
  path: '/api/auth/ways',
  tags: ['Accounts'],
  summary: 'How one can log in here, and whether accounts can be made',
  ...behind('anyone', { 200: json(loginWays, '`provider`: the OpenID provider that is offered; null: none.') }),
})

const landing =
  'The app’s page for `returnTo`, with `oidc` in its query: `entered`, where the refresh cookie is the new session’s, or the code of a problem'

export const startProviderLogin = createRoute({
  method: 'get',
  path: '/api/auth/oidc/start',
  tags: ['Accounts'],
  summary: 'Log in by the OpenID provider: open this, do not fetch it',
  description: 'Sets a cookie that binds the log-in to this browser for ten minutes. From a page of another site it leads to the app alone.',
  request: {
    query: z.object({
      returnTo,
      invite: z.string().max(MAX_LINK_TOKEN_LENGTH).default('').meta({ description: 'The token of an invitation, where one is needed.' }),
    }),
  },
  ...behind('anyone', { 303: leadsOn(`The provider. ${landing}: \`provider-away\`, \`slow-down\`, \`not-ready\`.`) }, 'no-provider'),
})

export const finishProviderLogin = createRoute({
  method: 'get',
  path: '/api/auth/oidc/callback',
  tags: ['Accounts'],
  summary: 'Where the OpenID provider sends people back to',
  request: {
    query: z.object({
      code: z.string().optional(),
      state: z.string().optional(),
      iss: z.string().optional(),
      error: z.string().optional(),
    }),
  },
  ...behind(
    'anyone',
    {
      303: leadsOn(
        `${landing}: \`login-denied\`, \`login-expired\`, \`identity-refused\`, \`provider-away\`, \`not-linked\`, \`email-unverified\`, \`registration-closed\`, \`invitation-needed\`, \`link-expired\`, \`account-disabled\`, \`slow-down\`, \`not-ready\`.`,
      ),
    },
    'no-provider',
  ),
})
