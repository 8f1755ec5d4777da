// What one does by a link from a mail, and having such a mail sent.
import { createRoute, z } from '@hono/zod-openapi'
import { MAX_LINK_TOKEN_LENGTH } from '@skein/protocol'
import { email, newPassword } from './account-fields.ts'
import { nothing } from './answers.ts'
import { behind, body, json } from './describe.ts'

const linkToken = z.string().max(MAX_LINK_TOKEN_LENGTH)

export const forgotPassword = createRoute({
  method: 'post',
  path: '/api/auth/forgot',
  tags: ['Accounts'],
  summary: 'Have a link for a new password sent by mail',
  description: 'The answer is the same whether there is an account with this email or not.',
  request: { body: body(z.strictObject({ email })) },
  ...behind('anyone', { 200: json(nothing, 'If there is such an account, a mail is on its way.') }),
})

export const resetPassword = createRoute({
  method: 'post',
  path: '/api/auth/reset',
  tags: ['Accounts'],
  summary: 'Choose a new password by a link; all sessions end',
  request: { body: body(z.strictObject({ token: linkToken, password: newPassword })) },
  ...behind('anyone', { 200: json(nothing, 'Changed. The email counts as confirmed.') }, 'link-expired', 'common-password'),
})

export const confirmEmail = createRoute({
  method: 'post',
  path: '/api/auth/confirm',
  tags: ['Accounts'],
  summary: 'Confirm an email by the link that was sent to it',
  request: { body: body(z.strictObject({ token: linkToken })) },
  ...behind('anyone', { 200: json(nothing, 'Confirmed.') }, 'link-expired'),
})

export const sendConfirmation = createRoute({
  method: 'post',
  path: '/api/me/confirmation',
  tags: ['Accounts'],
  summary: 'Have the link that confirms one’s email sent again',
  ...behind('person', { 200: json(nothing, 'Unless it is confirmed already, a mail is on its way.') }, 'session-ended'),
})
