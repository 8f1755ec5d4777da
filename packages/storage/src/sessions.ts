// Sessions, and the exchange of refresh tokens: each token once, with some seconds in which a second tab may come late (S2).
import type { Context } from './context.ts'
import { endResetLinks } from './links.ts'
import { endAllSessions, lockAccount } from './lock-account.ts'
import { columns, type SessionsTable } from './schema.ts'
import { insertRows } from './statements.ts'
import type { Session, Storage } from './types.ts'

const toSession = (row: SessionsTable): Session => ({
  id: row.id,
  userId: row.user_id,
  tokenHash: row.token_hash,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  expiresAt: row.expires_at,
  device: row.device,
})

export function sessions({
  database,
  ports,
}: Context): Pick<
  Storage,
  'createSession' | 'rotateSession' | 'session' | 'sessions' | 'endSession' | 'endSessions' | 'disableUser' | 'enableUser' | 'changePassword'
> {
  const { build, engine } = database
  const byId = (id: string) => build.selectFrom('sessions').select(columns.sessions).where('id', '=', id)

  return {
    createSession: ({ id, userId, passwordHash, tokenHash, expiresAt, device }) =>
      database.transaction(async (session) => {
        if ((await lockAccount(session, build, userId))?.password_hash !== passwordHash) return false
        const now = ports.now()
        const row: SessionsTable = { id, user_id: userId, token_hash: tokenHash, created_at: now, last_used_at: now, expires_at: expiresAt, device }
        await session.write(insertRows(engine, 'sessions', [row]))
        return true
      }),

    rotateSession: (tokenHash, next) =>
      database.transaction(async (session) => {
        const now = ports.now()
        // One statement decides who of two at once exchanges the token.
        const exchange = build
          .updateTable('sessions')
          .set({ token_hash: next.tokenHash, last_used_at: now, expires_at: next.expiresAt })
          .where('token_hash', '=', tokenHash)
          .where('expires_at', '>', now)
        const exchanged = await session.change(exchange)
        if (exchanged) {
          const row = await session.row(build.selectFrom('sessions').select(columns.sessions).where('token_hash', '=', next.tokenHash))
          if (!row) throw new Error('A session that was just written is gone')
          await session.write([
            build.deleteFrom('used_tokens').where('session_id', '=', row.id).where('expires_at', '<', now),
            ...insertRows(engine, 'used_tokens', [{ token_hash: tokenHash, session_id: row.id, used_at: now, expires_at: next.expiresAt }]),
          ])
          return { outcome: 'rotated', session: toSession(row) }
        }
        const used = await session.row(build.selectFrom('used_tokens').select(['session_id', 'used_at']).where('token_hash', '=', tokenHash))
        const row = used && (await session.row(byId(used.session_id)))
        if (!used || !row || row.expires_at <= now) return { outcome: 'unknown' }
        if (now - used.used_at < next.graceMs) return { outcome: 'grace', session: toSession(row) }
        await session.write([
          build.deleteFrom('sessions').where('id', '=', row.id),
          ...insertRows(engine, 'reused_sessions', [{ user_id: row.user_id, session_id: row.id, device: row.device, at: now, told: 0 }], {
            key: ['user_id', 'session_id'],
            columns: ['at'],
          }),
        ])
        return { outcome: 'reused', session: toSession(row) }
      }),

    async session(id) {
      const row = await database.read((session) => session.row(byId(id)))
      return row && row.expires_at > ports.now() ? toSession(row) : null
    },

    disableUser: (id) =>
      database.transaction(async (session) => {
        if (!(await lockAccount(session, build, id, true))) return false
        const now = ports.now()
        await session.write([
          build.updateTable('users').set({ disabled_at: now }).where('id', '=', id).where('disabled_at', 'is', null),
          build.deleteFrom('sessions').where('user_id', '=', id),
        ])
        return true
      }),

    enableUser: (id) =>
      database.transaction(async (session) => {
        if (!(await lockAccount(session, build, id, true))) return false
        await session.write([build.updateTable('users').set({ disabled_at: null }).where('id', '=', id)])
        return true
      }),

    changePassword: (id, { from, to, keepSession }) =>
      database.transaction(async (session) => {
        if ((await lockAccount(session, build, id, true))?.password_hash !== from) return null
        await session.write([build.updateTable('users').set({ password_hash: to }).where('id', '=', id), endResetLinks(id)])
        return endAllSessions(session, build, id, keepSession)
      }),

    async sessions(user) {
      const query = build.selectFrom('sessions').select(columns.sessions).where('user_id', '=', user).where('expires_at', '>', ports.now())
      const [rows] = await database.read((session) => session.rows(query.orderBy('last_used_at', 'desc').orderBy('id')))
      return rows.map(toSession)
    },

    async endSession(id) {
      await database.read((session) => session.change(build.deleteFrom('sessions').where('id', '=', id)))
    },

    endSessions: (user) =>
      database.transaction(async (session) => {
        await lockAccount(session, build, user, true)
        return endAllSessions(session, build, user, null)
      }),
  }
}
