// Codes in words, for people: why something was not taken, and what they can do.
import { isRefusalCode, type CloseReason, type RefusalCode } from '@skein/protocol'

const refused: Record<RefusalCode, string> = {
  'not-yours': 'Only its author can change a message.',
  'no-such-message': 'The message it belongs to is not there.',
  deleted: 'The message was deleted in the meantime.',
  'too-many-reactions': 'You have reacted to this message as often as one can.',
}

const closed: Partial<Record<CloseReason, string>> = {
  'too-large': 'It is too long for this server.',
  'too-deep': 'It is too long for this server.',
  'read-only': 'Nothing can be written in this chat.',
  'no-access': 'You are no longer in this chat.',
  blocked: 'One of you has blocked the other.',
  'logged-out': 'You were logged out.',
  'slow-down': 'The server asks for a pause.',
  'bad-operation': 'The server could not read it.',
  'bad-value': 'The server could not read it.',
}

/** One sentence: why the words were not taken. */
export function reasonText(code: CloseReason | RefusalCode | null): string {
  if (code === null) return 'It was not sent.'
  return (isRefusalCode(code) ? refused[code] : closed[code]) ?? `The server did not take it (${code}).`
}

const failures: Record<string, string> = {
  offline: 'The server cannot be reached. Check your connection, then try again.',
  'wrong-login': 'Email or password is wrong.',
  'email-taken': 'There is an account with this email already. Log in instead?',
  'registration-closed': 'This server takes no new accounts.',
  'invitation-needed': 'This server takes new accounts by invitation only. Ask somebody who is here for a link.',
  'link-expired': 'This link is not good any more: it was used already, or is too old.',
  'email-unconfirmed': 'Confirm your email first: open the link in the mail that was sent to you.',
  'common-password': 'Too many people use this password. Choose another one.',
  'account-disabled': 'This account is disabled.',
  'bad-request': 'The server could not accept this. Check what you entered.',
  'slow-down': 'Too many attempts. Wait a little, then try again.',
  'no-such-person': 'Nobody here has this email.',
  'too-large': 'This message is too long.',
  'newer-version': 'This page was updated in another tab. Reload it, then try again.',
}

/** One sentence for an error that a call of the engine ended with. */
export function failureText(error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  return failures[code] ?? (error instanceof Error && error.message ? error.message : 'Something went wrong. Try again.')
}

export const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
