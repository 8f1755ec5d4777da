// Who is written to, and why. All of it happens behind the answer, which therefore takes as long whether there is an account or not.
import { newLinkToken } from '@skein/auth'
import type { UserId } from '@skein/protocol'
import type { User } from '@skein/storage'
import { alreadyHereMail, confirmMail, emailChangedMail, providerLinkedMail, resetMail, tokenReusedMail } from './mails.ts'
import type { ApiDependencies } from './ports.ts'

/** How long links work, in milliseconds. */
const RESET_MS = 60 * 60_000
const CONFIRM_MS = 3 * 24 * 60 * 60_000

export interface Mailing {
  /** To whoever has an account with this email, and a password. */
  reset(email: string): void
  /** To the email that somebody has now, unless it is confirmed. */
  confirmation(user: User): void
  /** To the email that somebody had before. */
  emailChanged(before: string): void
  /** To who has an account with the email that somebody registers with. */
  alreadyHere(email: string): void
  tokenReused(user: UserId, device: string | null): void
  /** To the email by which an OpenID provider and an account know somebody. */
  providerLinked(email: string): void
}

export function createMailing({ storage, mail, inBackground, now, randomBytes }: ApiDependencies): Mailing {
  async function link(purpose: 'reset' | 'confirm', userId: UserId, email: string, lifetimeMs: number): Promise<string> {
    const { token, tokenHash } = newLinkToken(randomBytes)
    await storage.createLink({ tokenHash, purpose, userId, email, expiresAt: now() + lifetimeMs })
    return token
  }
  return {
    reset: (given) =>
      inBackground(async () => {
        const account = await storage.accountByEmail(given)
        if (!account?.email || account.passwordHash === null || account.disabledAt !== null) return
        const token = await link('reset', account.id, account.email, RESET_MS)
        mail.send({ to: account.email, ...resetMail(mail.linkBase(), token) })
      }),
    confirmation: ({ id, email, emailConfirmedAt }) =>
      inBackground(async () => {
        if (email === null || emailConfirmedAt !== null) return
        mail.send({ to: email, ...confirmMail(mail.linkBase(), await link('confirm', id, email, CONFIRM_MS)) })
      }),
    emailChanged: (before) => inBackground(async () => mail.send({ to: before, ...emailChangedMail(mail.linkBase()) })),
    alreadyHere: (email) => inBackground(async () => mail.send({ to: email, ...alreadyHereMail(mail.linkBase()) })),
    providerLinked: (email) => inBackground(async () => mail.send({ to: email, ...providerLinkedMail(mail.linkBase()) })),
    tokenReused: (user, device) =>
      inBackground(async () => {
        const account = await storage.account(user)
        if (account?.email) mail.send({ to: account.email, ...tokenReusedMail(mail.linkBase(), device) })
      }),
  }
}
