// Whoever starts or ends a person's sessions, or uses a link of theirs, holds their row first: no session slips through with a password that has just been changed.
import type { UserId } from '@skein/protocol'
import type { Kysely } from 'kysely'
import type { Session } from './database.ts'
import { ISSUED } from './rows.ts'
import type { Schema } from './schema.ts'
import { insertRows } from './statements.ts'

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

/** A webhook, with what it was still to be told. */
export const webhookRemovals = (build: Kysely<Schema>, id: string) => [
  build.deleteFrom('webhook_deliveries').where('webhook_id', '=', id),
  build.deleteFrom('webhook_places').where('webhook_id', '=', id),
  build.deleteFrom('webhooks').where('id', '=', id),
]

/** The ids of the sessions that ended: all of a person's but `except`. */
export async function endAllSessions(session: Session, build: Kysely<Schema>, user: UserId, except: string | null): Promise<string[]> {
  const all = build.selectFrom('sessions').select('id').where('user_id', '=', user)
  const [rows] = await session.rows(except === null ? all : all.where('id', '<>', except))
  const ids = rows.map(({ id }) => id)
  await removeSessions(session, build, ids)
  return ids
}

/** Ends sessions of somebody whose row is held. An issuer's token is remembered, so that it begins no other session. */
export async function removeSessions(session: Session, build: Kysely<Schema>, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const issued = build.selectFrom('sessions').select(['token_hash', 'expires_at']).where('id', 'in', ids).where('token_hash', 'like', `${ISSUED}%`)
  const [tokens] = await session.rows(issued)
  await session.write([
    ...insertRows(session.engine, 'ended_tokens', tokens, { key: ['token_hash'], columns: ['expires_at'] }),
    ...ids.map((id) => build.deleteFrom('sessions').where('id', '=', id)),
  ])
}
