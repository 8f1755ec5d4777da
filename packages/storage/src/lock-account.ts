// Whoever starts or ends a person's sessions, or uses a link of theirs, holds their row first: no session slips through with a password that has just been changed.
import type { UserId } from '@skein/protocol'
import type { Kysely } from 'kysely'
import type { Session } from './database.ts'
import type { Schema } from './schema.ts'

/** The account, held until the transaction ends; undefined when there is none, or it is disabled and may not be. */
export function lockAccount(session: Session, build: Kysely<Schema>, id: UserId, mayBeDisabled = false) {
  const account = build
    .selectFrom('users')
    .select(['password_hash', 'email', 'email_confirmed_at'])
    .where('id', '=', id)
    .where('password_hash', '<>', '')
  const able = mayBeDisabled ? account : account.where('disabled_at', 'is', null)
  return session.row(session.engine === 'mysql' ? able.forUpdate() : able)
}

/** What a person's programs hold: keys, and webhooks with what they are still to be told. */
export function endPrograms(build: Kysely<Schema>, user: UserId) {
  const own = build.selectFrom('webhooks').select('id').where('user_id', '=', user)
  return [
    build.deleteFrom('api_keys').where('user_id', '=', user),
    ...(['webhook_deliveries', 'webhook_places'] as const).map((table) => build.deleteFrom(table).where('webhook_id', 'in', own)),
    build.deleteFrom('webhooks').where('user_id', '=', user),
  ]
}

/** The ids of the sessions that ended: all of a person's but `except`. */
export async function endAllSessions(session: Session, build: Kysely<Schema>, user: UserId, except: string | null): Promise<string[]> {
  const all = build.selectFrom('sessions').select('id').where('user_id', '=', user)
  const [rows] = await session.rows(except === null ? all : all.where('id', '<>', except))
  await session.write(rows.map(({ id }) => build.deleteFrom('sessions').where('id', '=', id)))
  return rows.map(({ id }) => id)
}
