// Sessions that ended since a refresh token of theirs came twice: somebody else may have had it, and its person should know.
import type { UserId } from '@skein/protocol'
import type { Context } from './context.ts'

/** How long it is told, in milliseconds. */
export const TELL_REUSED_MS = 30 * 24 * 60 * 60 * 1000

export interface ReusedSession {
  id: string
  device: string | null
  /** When the token came again, and the session ended. */
  at: number
}

export interface ReusedSessionStorage {
  /** Those of the last 30 days, the last first. */
  reusedSessions(user: UserId): Promise<ReusedSession[]>
  /** Those of which this was not asked before. */
  tellReusedSessions(user: UserId): Promise<ReusedSession[]>
}

export function reusedSessions({ database, ports }: Context): ReusedSessionStorage {
  const { build } = database
  const of = (user: UserId) =>
    build
      .selectFrom('reused_sessions')
      .select(['session_id as id', 'device', 'at'])
      .where('user_id', '=', user)
      .where('at', '>', ports.now() - TELL_REUSED_MS)
      .orderBy('at', 'desc')
      .orderBy('session_id')
  return {
    async reusedSessions(user) {
      const [rows] = await database.read((session) => session.rows(of(user)))
      return rows
    },

    tellReusedSessions: (user) =>
      database.read(async (session) => {
        const [rows] = await session.rows(of(user).where('told', '=', 0))
        if (rows.length) await session.change(build.updateTable('reused_sessions').set({ told: 1 }).where('user_id', '=', user).where('told', '=', 0))
        return rows
      }),
  }
}
