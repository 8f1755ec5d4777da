// Somebody who is named by id or by email.
import type { Context } from 'hono'
import type { UserId } from '@skein/protocol'
import type { PersonEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'

type Named = { userId?: UserId | undefined; email?: string | undefined }

/** @throws HttpError `no-such-person`; `slow-down` for who asks for many emails, since the answer tells whether somebody has an account */
export function createPersonFinder({ storage, rateLimits }: Pick<ApiDependencies, 'storage' | 'rateLimits'>) {
  return async function find(c: Pick<Context<PersonEnv>, 'header' | 'var'>, { userId, email }: Named): Promise<UserId> {
    if (email !== undefined) await rateLimits?.take(c, 'lookup', c.var.person.sub)
    const person = userId === undefined ? await storage.accountByEmail(email ?? '') : await storage.user(userId)
    if (!person) throw new HttpError('no-such-person')
    return person.id
  }
}
