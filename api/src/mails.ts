// The words of the mails that a server writes. Plain ASCII, and nothing in them that a stranger could have typed: somebody may register with the email of another.
import type { Mail } from './ports.ts'

type Words = Pick<Mail, 'kind' | 'subject' | 'text'>

const mail = (kind: Mail['kind'], subject: string, paragraphs: string[]): Words => ({ kind, subject, text: `${paragraphs.join('\n\n')}\n` })

/** `base`: the server's address, as people use it. */
export const resetMail = (base: string, token: string): Words =>
  mail('reset', 'A new password for Skein', [
    `Somebody, probably you, asked for a new password for the account with this\nemail at ${base}`,
    'Open this link within an hour to choose one. It works once.',
    `${base}/reset#token=${token}`,
    'If it was not you, do nothing: the password stays as it is.',
  ])

export const confirmMail = (base: string, token: string): Words =>
  mail('confirm', 'Confirm your email for Skein', [
    `There is an account with this email at ${base}`,
    'Open this link within three days to confirm that the email is yours.',
    `${base}/confirm#token=${token}`,
    'If the account is not yours, do nothing.',
  ])

export const emailChangedMail = (base: string): Words =>
  mail('email-changed', 'Your email at Skein was changed', [
    `The account that had this email at ${base}\nhas another one now.`,
    'If that was you, there is nothing to do. If it was not, somebody knows your\npassword: write to whoever runs this server.',
  ])

export const alreadyHereMail = (base: string): Words =>
  mail('already-here', 'You have an account at Skein', [
    `Somebody, probably you, wanted to create an account with this email at\n${base}`,
    'There is one already. Log in there, or ask for a new password if you have\nforgotten yours.',
    'If it was not you, do nothing: nothing was changed.',
  ])

export const providerLinkedMail = (base: string): Words =>
  mail('provider-linked', 'Another way to log in to Skein', [
    `Somebody logged in to your account at ${base}\nwithout its password, by the log-in service of this server, which says that\nthis email is theirs.`,
    'From now on your account opens with either. If it was not you, write to\nwhoever runs this server.',
  ])

/** `device`: what it runs on, in words; null when nobody knows. */
export const tokenReusedMail = (base: string, device: string | null): Words =>
  mail('token-reused', 'A device was logged out of Skein', [
    `A device of yours${device === null ? '' : ` (${device})`} was logged out at\n${base}`,
    'What it logs in with was used a second time. That happens when somebody else\nhas a copy of it, and seldom otherwise.',
    'Nothing else was changed. If you do not know why it happened, choose a new\npassword, which logs all devices out.',
  ])
