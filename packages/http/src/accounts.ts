// Coming and going: accounts, sessions, oneself.
import { createRoute, z } from '@hono/zod-openapi'
import { MAX_LINK_TOKEN_LENGTH } from '@skein/protocol'
import { email, isOneProof, name, newEmail, newPassword, password, proof, oneProofWanted, wantedPicture } from './account-fields.ts'
import { loggedIn, loggedInAgain, nothing, oneAccount, sessions, ticket } from './answers.ts'
import { behind, body, forKeys, json, PROOF_ERRORS } from './describe.ts'

const entered = 'An access token. The refresh token is a cookie of this path, for the server’s own page.'

const invitation = z.string().max(MAX_LINK_TOKEN_LENGTH).optional().meta({ description: 'The token of an invitation, where one is needed.' })

export const register = createRoute({
  method: 'post',
  path: '/api/auth/register',
  tags: ['Accounts'],
  summary: 'Register, and log in',
  description: 'Where emails have to be confirmed, the account is there after `email-unconfirmed`, and logs in once its email is confirmed.',
  request: { body: body(z.strictObject({ email: newEmail, name, password: newPassword, invite: invitation })) },
  ...behind(
    'anyone',
    { 201: json(loggedIn, entered) },
    'registration-closed',
    'invitation-needed',
    'link-expired',
    'common-password',
    'email-taken',
    'email-unconfirmed',
    'session-ended',
  ),
})

export const login = createRoute({
  method: 'post',
  path: '/api/auth/login',
  tags: ['Accounts'],
  summary: 'Log in with email and password',
  request: { body: body(z.strictObject({ email, password })) },
  ...behind('anyone', { 200: json(loggedInAgain, entered) }, 'wrong-login', 'account-disabled', 'email-unconfirmed'),
})

export const refresh = createRoute({
  method: 'post',
  path: '/api/auth/refresh',
  tags: ['Accounts'],
  summary: 'Exchange the cookie for a new one, and an access token',
  ...behind('page', { 200: json(loggedIn, entered) }, 'not-logged-in', 'session-ended'),
})

export const logout = createRoute({
  method: 'post',
  path: '/api/auth/logout',
  tags: ['Accounts'],
  summary: 'End the session of the cookie, or of the token',
  ...behind('page', { 200: json(nothing, 'The session has ended, if there was one.') }),
})

export const listSessions = createRoute({
  method: 'get',
  path: '/api/auth/sessions',
  tags: ['Accounts'],
  summary: 'One’s devices, the last used first',
  ...behind('person', {
    200: json(sessions, 'Sessions that have not ended; `reused`: those that ended within 30 days since a refresh token came twice.'),
  }),
})

export const endSession = createRoute({
  method: 'delete',
  path: '/api/auth/sessions/{id}',
  tags: ['Accounts'],
  summary: 'Log a device out',
  request: { params: z.object({ id: z.string() }) },
  ...behind('person', { 200: json(nothing, 'The session has ended, and its sockets close.') }, 'no-such-session'),
})

export const logoutEverywhere = createRoute({
  method: 'post',
  path: '/api/auth/logout-everywhere',
  tags: ['Accounts'],
  summary: 'Log out on all devices',
  ...behind('person', { 200: json(nothing, 'All sessions have ended.') }),
})

export const me = createRoute({
  method: 'get',
  path: '/api/me',
  tags: ['Accounts'],
  summary: 'Oneself',
  ...forKeys(['profile:read'], behind('person', { 200: json(oneAccount, 'Oneself.') }, 'session-ended')),
})

const changes = z
  .strictObject({ name: name.optional(), avatarUrl: wantedPicture.nullable().optional(), email: newEmail.optional(), password: password.optional() })
  .refine((given) => given.name !== undefined || given.avatarUrl !== undefined || given.email !== undefined, 'expects name, avatarUrl or email')
  .refine((given) => given.email === undefined || given.password !== undefined, { path: ['password'], error: 'expects the current password' })

export const changeMe = createRoute({
  method: 'patch',
  path: '/api/me',
  tags: ['Accounts'],
  summary: 'Change name, picture or email',
  description:
    'A new email needs the current password and gets a link to confirm it; the old one is told. Everybody who sees the name or picture is told. `avatarUrl`: an https address, or the picture itself as a data URI, which the server then keeps; null: none.',
  request: { body: body(changes) },
  ...behind('person', { 200: json(oneAccount, 'Oneself, changed.') }, 'session-ended', 'wrong-password', 'email-taken'),
})

export const changePassword = createRoute({
  method: 'post',
  path: '/api/me/password',
  tags: ['Accounts'],
  summary: 'Change the password; all other sessions end',
  request: { body: body(z.strictObject({ currentPassword: password, newPassword })) },
  ...behind('person', { 200: json(nothing, 'Changed.') }, 'session-ended', 'wrong-password', 'common-password'),
})

export const deleteMe = createRoute({
  method: 'delete',
  path: '/api/me',
  tags: ['Accounts'],
  summary: 'Erase oneself: account, sessions, and all words, everywhere',
  description:
    'Needs the current password. Who has none brings a `token` that the configured issuer issued within the last five minutes, or has logged in by the OpenID provider within them.',
  request: { body: body(z.strictObject(proof).refine(isOneProof, oneProofWanted)) },
  ...behind('person', { 200: json(nothing, 'Erased.') }, 'session-ended', ...PROOF_ERRORS),
})

export const issueTicket = createRoute({
  method: 'post',
  path: '/api/ticket',
  tags: ['Accounts'],
  summary: 'A short-lived ticket for a socket whose client can say who it is in the address alone',
  ...behind('person', { 201: json(ticket, 'Good once, for `/yjs/<document>?token=<ticket>`.') }),
})
