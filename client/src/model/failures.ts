// What went wrong, in words for people, and what they can do. Loaded when something first does.
import { msg } from '@lit/localize'
import type { TokenProblem } from '@skein/engine'

const failures = (): Record<string, string> => ({
  offline: msg('The server cannot be reached. Check your connection, then try again.'),
  'wrong-login': msg('Email or password is wrong.'),
  'wrong-password': msg('The password is wrong.'),
  'session-ended': msg('Your session has ended. Log in again, then try once more.'),
  'email-taken': msg('There is an account with this email already. Log in instead?'),
  'registration-closed': msg('This server takes no new accounts.'),
  'invitation-needed': msg('This server takes new accounts by invitation only. Ask somebody who is here for a link.'),
  'link-expired': msg('This link is not good any more: it was used already, or is too old.'),
  'email-unconfirmed': msg('Confirm your email first: open the link in the mail that was sent to you.'),
  'common-password': msg('Too many people use this password. Choose another one.'),
  'account-disabled': msg('This account is disabled.'),
  'login-too-old': msg('For this, log out and log in again first, so that it is known to be you.'),
  'login-denied': msg('The log-in was called off.'),
  'login-expired': msg('This log-in took too long, or began in another browser. Try again.'),
  'identity-refused': msg('The answer of the log-in service was not good. Try again.'),
  'provider-away': msg('The log-in service does not answer just now. Try again in a little while.'),
  'email-unverified': msg('The log-in service has not verified your email, which this server wants. Have it verified there, then try again.'),
  'not-linked': msg(
    'There is an account with your email already. Log in with its password, or choose a new one by “Forgot password?”; that also confirms the email, so that you can come this way next time.',
  ),
  'not-ready': msg('The server is not ready. Try again in a little while.'),
  'bad-request': msg('The server could not accept this. Check what you entered.'),
  'slow-down': msg('Too many attempts. Wait a little, then try again.'),
  'no-such-person': msg('Nobody here has this email.'),
  'too-large': msg('This message is too long.'),
  'too-late': msg('It is on its way already. Change or delete it in the chat.'),
  forbidden: msg('You may not do this in this group.'),
  blocked: msg('One of you has blocked the other.'),
  'group-full': msg('This group has as many members as a group may have.'),
  'too-many': msg('One cannot have more of these.'),
  'no-such-link': msg('This link does not work, or does not work any more. Ask whoever gave it to you for another one.'),
  'no-such-member': msg('They are not in this group any more.'),
  'no-such-chat': msg('You are no longer in this chat.'),
  'newer-version': msg('This page was updated in another tab. Reload it, then try again.'),
})

/** One sentence for a code that came in the page's address: whatever else stands there is nobody's words. */
export const failureOfCode = (code: string): string =>
  (Object.hasOwn(failures(), code) ? failures()[code] : undefined) ?? msg('Something went wrong. Try again.')

const ofPages = (): Record<string, string> => ({
  'identity-refused': msg('The chat’s server does not accept this page’s login.'),
  'identity-expired': msg('This page’s login has expired. Reload it, or log in again.'),
  'identity-ended': msg('This page’s login was ended on one of your devices. Log in again.'),
  'issuer-away': msg('This page’s login cannot be checked just now. It is tried again by itself.'),
  'no-issuer': msg('The chat’s server takes no logins of other pages.'),
})
/** One sentence for a token of the page that was not taken. */
export const problemText = ({ code, message }: TokenProblem): string => ofPages()[code] ?? failures()[code] ?? message

/** One sentence for an error that a call of the engine ended with. */
export function failureText(error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  return failures()[code] ?? (error instanceof Error && error.message ? error.message : msg('Something went wrong. Try again.'))
}

export const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
