// Links that work once: a new password, the confirmation of an email, an invitation. The database holds the hashes of their tokens.
import type { UserId } from '@skein/protocol'
import type { Context } from './context.ts'
import type { Session as DatabaseSession } from './database.ts'
import { endAllSessions, endPrograms, lockAccount } from './lock-account.ts'
import { emailKey, NO_PASSWORD, toUser } from './rows.ts'
import { columns, type LinksTable } from './schema.ts'
import { insertRows, statement, type Statement } from './statements.ts'
import type { User } from './types.ts'

export interface Link {
  purpose: 'reset' | 'confirm' | 'invite'
  /** null: of an invitation. */
  userId: UserId | null
  /** Where it was sent, or whom it invites; null: an invitation for anybody. */
  email: string | null
}

export interface LinkStorage {
  createLink(link: Link & { tokenHash: string; expiresAt: number }): Promise<void>
  /** null: there is none, it was used, or it has expired. */
  link(purpose: Link['purpose'], tokenHash: string): Promise<Link | null>
  /**
   * Uses a link to give an account a new password: all its sessions end, and its other links for a new password with them. Whoever had the link has the email, which is confirmed thereby.
   * null when the link is not good (any more), or was sent to another email than the account has now, or the account is disabled or has no password.
   */
  resetPassword(tokenHash: string, passwordHash: string): Promise<{ user: UserId; ended: string[] } | null>
  /** Uses a link to confirm the email that it was sent to; null when it is not good (any more), or the account has another email now. */
  confirmEmail(tokenHash: string): Promise<User | null>
}

/** Ends the links for a new password that were sent to somebody. */
export const endResetLinks = (user: UserId): Statement => statement(`delete from links where user_id = ? and purpose = 'reset'`, [user])

/** Takes an invitation for this email; false when there is none that is good. */
export async function takeInvitation(session: DatabaseSession, tokenHash: string, email: string, now: number): Promise<boolean> {
  const where = `token_hash = ? and purpose = 'invite' and expires_at > ? and (email is null or email = ?)`
  return (await session.change(statement(`delete from links where ${where}`, [tokenHash, now, emailKey(email)]))) > 0
}

export function links({ database, ports }: Context): LinkStorage {
  const { build, engine } = database
  const good = (purpose: Link['purpose'], tokenHash: string) =>
    build
      .selectFrom('links')
      .select(columns.links)
      .where('token_hash', '=', tokenHash)
      .where('purpose', '=', purpose)
      .where('expires_at', '>', ports.now())
  const remove = (tokenHash: string) => build.deleteFrom('links').where('token_hash', '=', tokenHash)

  /** The account that a link was sent to, held until the transaction ends, if it still has that email. */
  async function recipient(session: DatabaseSession, row: LinksTable | undefined) {
    if (!row || row.user_id === null) return null
    const account = await lockAccount(session, build, row.user_id)
    return account?.email === row.email ? { ...account, id: row.user_id } : null
  }

  return {
    async createLink({ tokenHash, purpose, userId, email, expiresAt }) {
      const row = { token_hash: tokenHash, purpose, user_id: userId, email: email === null ? null : emailKey(email), expires_at: expiresAt }
      await database.read((session) => session.write(insertRows(engine, 'links', [row])))
    },

    async link(purpose, tokenHash) {
      const row = await database.read((session) => session.row(good(purpose, tokenHash)))
      return row ? { purpose: row.purpose, userId: row.user_id, email: row.email } : null
    },

    resetPassword: (tokenHash, passwordHash) =>
      database.transaction(async (session) => {
        const account = await recipient(session, await session.row(good('reset', tokenHash)))
        // One of two at once removes it.
        if (!account || account.password_hash === NO_PASSWORD || (await session.change(remove(tokenHash))) === 0) return null
        const confirmed = { password_hash: passwordHash, email_confirmed_at: account.email_confirmed_at ?? ports.now() }
        // Whoever had the account before may have left programs behind.
        await session.write([
          build.updateTable('users').set(confirmed).where('id', '=', account.id),
          endResetLinks(account.id),
          ...endPrograms(build, account.id),
        ])
        return { user: account.id, ended: await endAllSessions(session, build, account.id, null) }
      }),

    confirmEmail: (tokenHash) =>
      database.transaction(async (session) => {
        const account = await recipient(session, await session.row(good('confirm', tokenHash)))
        if (!account || (await session.change(remove(tokenHash))) === 0) return null
        if (account.email_confirmed_at === null)
          await session.change(build.updateTable('users').set({ email_confirmed_at: ports.now() }).where('id', '=', account.id))
        const row = await session.row(build.selectFrom('users').select(columns.users).where('id', '=', account.id))
        return row ? toUser(row) : null
      }),
  }
}
