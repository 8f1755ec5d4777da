// More than an open laptop has: the current password; from people who have none, a token that their issuer has just issued, or that they have just logged in.
import { base64url, MAX_PROOF_AGE_MS, type Sha256 } from '@skein/protocol'
import type { Account } from '@skein/storage'
import type { Context } from 'hono'
import type { PersonEnv } from './authenticate.ts'
import { guess } from './guesses.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'

export const tokenHashOf = (token: string, sha256: Sha256): string => base64url(sha256(new TextEncoder().encode(token)))

/** A token of the configured issuer that is good now. @throws HttpError */
export async function issuedIdentity({ issuer }: Pick<ApiDependencies, 'issuer'>, token: string) {
  if (!issuer) throw new HttpError('no-issuer')
  const issued = await issuer.verify(token)
  if (issued === 'unreachable') throw new HttpError('issuer-away')
  if (typeof issued === 'string') throw new HttpError(issued === 'expired' ? 'identity-expired' : 'identity-refused')
  return { ...issued, issuer: issuer.issuer }
}

export type Prove = (c: Context<PersonEnv>, account: Account, given: { password?: string | undefined; token?: string | undefined }) => Promise<void>

/** @throws HttpError for what proves nothing; what is tried is counted as passwords are. */
export function createProof(dependencies: ApiDependencies): Prove {
  const { storage, passwords, rateLimits, now, sha256 } = dependencies

  async function byToken(account: Account, token: string): Promise<void> {
    const issued = await issuedIdentity(dependencies, token)
    if (issued.issuedAt < now() - MAX_PROOF_AGE_MS) throw new HttpError('identity-expired', 'This token was issued some time ago. Bring a new one.')
    const person = await storage.vouchedFor({ ...issued, tokenHash: tokenHashOf(token, sha256) })
    if (person === 'ended') throw new HttpError('identity-ended')
    if (person !== account.id) throw new HttpError('identity-refused')
  }

  /** For who has only a provider to log in by. A page that brings tokens begins a session with each, so its sessions say nothing. */
  async function byLogin(account: Account, sid: string): Promise<void> {
    if (account.passwordHash !== null) throw new HttpError('bad-request', 'password: expects the current password')
    const session = await storage.session(sid)
    if (!session) throw new HttpError('session-ended')
    if (session.isIssued) throw new HttpError('bad-request', 'token: expects a token that the issuer has just issued')
    if (session.createdAt < now() - MAX_PROOF_AGE_MS) throw new HttpError('login-too-old')
  }

  return (c, account, { password, token }) => {
    if (password === undefined && token === undefined) return byLogin(account, c.var.person.sid)
    return guess(c, rateLimits, { account: account.id, network: null }, async () => {
      if (token !== undefined) return byToken(account, token)
      if (!(await passwords.verify(password ?? '', account.passwordHash))) throw new HttpError('wrong-password')
    })
  }
}
