// What accounts leave behind by themselves: sessions, used tokens and links that have expired, and warnings that are old.
import type { Context } from './context.ts'
import { TELL_REUSED_MS } from './reused-sessions.ts'
import { statement } from './statements.ts'

/** Rows of a table that go in one call. */
const MAX_ROWS = 500

export interface AccountSweepStorage {
  /** Removes what has expired, some hundred rows a call; `more`: call again. */
  sweepAccounts(): Promise<{ more: boolean }>
}

export function accountSweeps({ database, ports }: Context): AccountSweepStorage {
  return {
    async sweepAccounts() {
      const now = ports.now()
      let more = false
      for (const [table, key, time, until] of [
        ['sessions', 'id', 'expires_at', now],
        ['used_tokens', 'token_hash', 'expires_at', now],
        ['ended_tokens', 'token_hash', 'expires_at', now],
        ['links', 'token_hash', 'expires_at', now],
        ['reused_sessions', 'session_id', 'at', now - TELL_REUSED_MS],
      ] as const) {
        // Read first: a deletion that looks for its rows by itself would hold every row that it passes.
        const [rows] = await database.read((session) =>
          session.rows(statement<{ found: string }>(`select ${key} as found from ${table} where ${time} <= ? limit ${MAX_ROWS}`, [until])),
        )
        if (!rows.length) continue
        const keys = rows.map((row) => row.found)
        const marks = `${'?, '.repeat(keys.length - 1)}?`
        await database.read((session) =>
          session.change(statement(`delete from ${table} where ${key} in (${marks}) and ${time} <= ?`, [...keys, until])),
        )
        more ||= rows.length === MAX_ROWS
      }
      return { more }
    },
  }
}
