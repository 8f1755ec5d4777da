// Passwords that somebody tries: counted before they are looked at, since guesses at once are guesses too (R1).
import { base64url, type Sha256 } from '@skein/protocol'
import type { Context } from 'hono'
import { HttpError } from './problem.ts'
import type { RateLimits } from './rate-limits.ts'

/** What stands for an email where requests are counted: the same whether it has an account or not. */
export const emailKey = (email: string, sha256: Sha256): string => base64url(sha256(new TextEncoder().encode(email)))
/** The same for log-ins that come from one network. */
export const loginKey = (network: string, email: string, sha256: Sha256): string => emailKey(`${network} ${email}`, sha256)

/**
 * `judge` throws an HttpError for a password that is wrong. A right one forgets the guesses at its account; what was not judged was no guess: the database
 * was away, or too many came at once.
 * `account`: whatever stands for it, whether it is there or not. `network`: null for who is known.
 * @throws HttpError `slow-down`, and whatever `judge` throws
 */
export async function guess<T>(
  c: Pick<Context, 'header'>,
  rateLimits: RateLimits | null,
  { account, network }: { account: string; network: string | null },
  judge: () => Promise<T>,
): Promise<T> {
  if (rateLimits === null) return judge()
  if (network !== null) await rateLimits.take(c, 'logins', network)
  await rateLimits.take(c, 'login', account)
  let isWrong = false
  try {
    const result = await judge()
    await rateLimits.forget('login', account)
    return result
  } catch (error) {
    isWrong = error instanceof HttpError
    if (!isWrong) await rateLimits.giveBack('login', account)
    throw error
  } finally {
    if (!isWrong && network !== null) await rateLimits.giveBack('logins', network)
  }
}
