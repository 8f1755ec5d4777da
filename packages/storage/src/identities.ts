// People whom another issuer vouches for: found by what it calls them, never by their email (attack 34).
import { base64url, userIdOf, type UserId } from '@skein/protocol'
import type { Context } from './context.ts'
import type { Session as DatabaseSession } from './database.ts'
import { lockAccount } from './lock-account.ts'
import { emailKey, nameKey, NO_PASSWORD, toUser, withoutEmail } from './rows.ts'
import { columns, type UsersTable } from './schema.ts'
import { insertRows } from './statements.ts'
import type { User } from './types.ts'

/** What an issuer says of somebody. */
export interface Identity {
  issuer: string
  subject: string
  name: string
  email: string | null
  isEmailVerified: boolean
  avatarUrl: string | null
}

export interface IdentityStorage {
  /**
   * The person behind an identity, with the name, email and picture that it has now; who comes for the first time gets an account without a password.
   * An email that another account has stays with that one: this person has none then.
   */
  personOf(identity: Identity): Promise<{ user: User; is: 'new' | 'changed' | 'same' }>
  /** Starts a session of somebody who was vouched for, or goes on with the one of this id; false when the account is disabled or gone. */
  createVouchedSession(session: { id: string; userId: UserId; tokenHash: string; expiresAt: number; device: string | null }): Promise<boolean>
}

/** Tries of what loses against another who takes the same email, or comes for the first time too. */
const MAX_TRIES = 4

export function identities({ database, ports }: Context): IdentityStorage {
  const { build, engine } = database
  const keyOf = ({ issuer, subject }: Identity): string => base64url(ports.sha256(new TextEncoder().encode(JSON.stringify([issuer, subject]))))

  async function free(session: DatabaseSession, email: string | null, id: UserId): Promise<string> {
    if (email === null) return withoutEmail(id)
    const holder = await session.row(build.selectFrom('users').select('id').where('email', '=', emailKey(email)))
    return holder && holder.id !== id ? withoutEmail(id) : emailKey(email)
  }

  async function settle(session: DatabaseSession, identity: Identity): ReturnType<IdentityStorage['personOf']> {
    const key = keyOf(identity)
    const { issuer, subject, name, avatarUrl } = identity
    const known = await session.row(build.selectFrom('identities').select('user_id').where('identity', '=', key))
    const id = known?.user_id ?? userIdOf(ports.randomBytes(17))
    const email = await free(session, identity.email, id)
    const said = { email, name, name_key: nameKey(name), avatar_url: avatarUrl }
    const confirmedAt = identity.isEmailVerified ? ports.now() : null
    if (!known) {
      const row: UsersTable = {
        id,
        ...said,
        password_hash: NO_PASSWORD,
        created_at: ports.now(),
        last_seen_at: null,
        disabled_at: null,
        email_confirmed_at: confirmedAt,
      }
      await session.write([
        ...insertRows(engine, 'users', [row]),
        ...insertRows(engine, 'identities', [{ identity: key, user_id: id, issuer, subject }]),
      ])
      return { user: toUser(row), is: 'new' }
    }
    const before = await session.row(build.selectFrom('users').select(columns.users).where('id', '=', id))
    if (!before) throw new Error('An identity of nobody')
    if (before.email === email && before.name === name && before.avatar_url === avatarUrl) return { user: toUser(before), is: 'same' }
    const now = { ...said, email_confirmed_at: before.email === email ? before.email_confirmed_at : confirmedAt }
    await session.change(build.updateTable('users').set(now).where('id', '=', id).where('password_hash', '<>', ''))
    return { user: toUser({ ...before, ...now }), is: 'changed' }
  }

  return {
    async personOf(identity) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await database.transaction((session) => settle(session, identity))
        } catch (error) {
          if (database.kindOf(error) !== 'duplicate' || attempt === MAX_TRIES) throw error
        }
      }
    },

    createVouchedSession: ({ id, userId, tokenHash, expiresAt, device }) =>
      database.transaction(async (session) => {
        if (!(await lockAccount(session, build, userId))) return false
        const now = ports.now()
        const row = { id, user_id: userId, token_hash: tokenHash, created_at: now, last_used_at: now, expires_at: expiresAt, device }
        await session.write(insertRows(engine, 'sessions', [row], { key: ['id'], columns: ['last_used_at'] }))
        return true
      }),
  }
}
