// Sessions, and the exchange of refresh tokens: each token once, with some seconds in which a second tab may come late (S2).
import type { Context } from './context.ts'
import { endResetLinks } from './links.ts'
import { endAllSessions, lockAccount, removeSessions } from './lock-account.ts'
import { ISSUED } from './rows.ts'
import { columns, type SessionsTable } from './schema.ts'
import { insertRows } from './statements.ts'
import type { Session, Storage } from './types.ts'

const toSession = (row: SessionsTable): Session => ({
  id: row.id,
  userId: row.user_id,
  tokenHash: row.token_hash,
  previousHash: row.previous_hash,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  expiresAt: row.expires_at,
  device: row.device,
  isIssued: row.token_hash.startsWith(ISSUED),
})

export const newSession = (
  { id, userId, tokenHash, expiresAt, device }: Pick<Session, 'id' | 'userId' | 'tokenHash' | 'expiresAt' | 'device'>,
  now: number,
): SessionsTable => ({
  id,
  user_id: userId,
  token_hash: tokenHash,
  created_at: now,
  last_used_at: now,
  expires_at: expiresAt,
  device,
  previous_hash: null,
  remade: 0,
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

  const rotate = (tokenHash: string, next: Parameters<Storage['rotateSession']>[1]): Promise<Awaited<ReturnType<Storage['rotateSession']>> | null> =>
    database.transaction(async (session) => {
      const now = ports.now()
      const first = next.hashOf(0)
      // One statement decides who of two at once exchanges the token.
      const exchange = build
        .updateTable('sessions')
        .set({ token_hash: first, previous_hash: tokenHash, remade: 0, last_used_at: now, expires_at: next.expiresAt })
        .where('token_hash', '=', tokenHash)
        .where('expires_at', '>', now)
      const exchanged = await session.change(exchange)
      if (exchanged) {
        const row = await session.row(build.selectFrom('sessions').select(columns.sessions).where('token_hash', '=', first))
        if (!row) throw new Error('A session that was just written is gone')
        await session.write([
          build.deleteFrom('used_tokens').where('session_id', '=', row.id).where('expires_at', '<', now),
          ...insertRows(engine, 'used_tokens', [{ token_hash: tokenHash, session_id: row.id, used_at: now, expires_at: next.expiresAt }]),
        ])
        return { outcome: 'rotated', session: toSession(row), remade: 0 }
      }
      // In one statement: of two, the second would see what somebody faster has committed after the first.
      const used = build
        .selectFrom('used_tokens')
        .innerJoin('sessions', 'sessions.id', 'used_tokens.session_id')
        .select(columns.sessions.map((column) => `sessions.${column}` as const))
        .select('used_tokens.used_at')
        .where('used_tokens.token_hash', '=', tokenHash)
      const row = await session.row(used)
      if (!row || row.expires_at <= now) return { outcome: 'unknown' }
      const isPrevious = row.previous_hash === tokenHash
      if (now - row.used_at < next.graceMs) return { outcome: 'grace', session: toSession(row), remade: isPrevious ? row.remade : null }
      if (isPrevious) {
        const remade = row.remade + 1
        const anew = { token_hash: next.hashOf(remade), remade, last_used_at: now, expires_at: next.expiresAt }
        const changed = build.updateTable('sessions').set(anew).where('id', '=', row.id).where('token_hash', '=', row.token_hash)
        if (!(await session.change(changed))) return null
        await session.write([
          build.updateTable('used_tokens').set({ used_at: now }).where('token_hash', '=', tokenHash),
          // Whoever shows it has it from somewhere else, and long ago.
          ...insertRows(engine, 'used_tokens', [{ token_hash: row.token_hash, session_id: row.id, used_at: 0, expires_at: next.expiresAt }]),
        ])
        return { outcome: 'rotated', session: toSession({ ...row, ...anew }), remade }
      }
      await session.write([
        build.deleteFrom('sessions').where('id', '=', row.id),
        ...insertRows(engine, 'reused_sessions', [{ user_id: row.user_id, session_id: row.id, device: row.device, at: now, told: 0 }], {
          key: ['user_id', 'session_id'],
          columns: ['at'],
        }),
      ])
      return { outcome: 'reused', session: toSession(row) }
    })

  return {
    createSession: ({ passwordHash, ...begun }) =>
      database.transaction(async (session) => {
        if ((await lockAccount(session, build, begun.userId))?.password_hash !== passwordHash) return false
        await session.write(insertRows(engine, 'sessions', [newSession(begun, ports.now())]))
        return true
      }),

    async rotateSession(tokenHash, next) {
      for (;;) {
        const rotated = await rotate(tokenHash, next)
        // Somebody was faster, with this token or with its successor: what they made of it is looked at anew.
        if (rotated) return rotated
      }
    },

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

    endSession: (id) =>
      database.transaction(async (session) => {
        const row = await session.row(byId(id))
        if (!row) return
        await lockAccount(session, build, row.user_id, true)
        await removeSessions(session, build, [id])
      }),

    endSessions: (user) =>
      database.transaction(async (session) => {
        await lockAccount(session, build, user, true)
        await session.write([build.updateTable('identities').set({ valid_from: ports.now() }).where('user_id', '=', user)])
        return endAllSessions(session, build, user, null)
      }),
  }
}
