// What accounts need to be reached and recognised: links that work once, confirmed emails, an embedder's identities, and sessions that ended since a token was used twice.
import type { Kysely } from 'kysely'
import type { ColumnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>, { ascii, text, integer, clustered }: ColumnTypes): Promise<void> {
  const [id, hash] = [ascii(26), ascii(64)]
  const create = (name: string) => db.schema.createTable(name).ifNotExists()

  await create('links')
    .addColumn('token_hash', hash, (c) => c.notNull().primaryKey())
    .addColumn('purpose', ascii(10), (c) => c.notNull())
    .addColumn('user_id', id)
    .addColumn('email', text(254))
    .addColumn('expires_at', integer, (c) => c.notNull())
    .addUniqueConstraint('links_user', ['user_id', 'token_hash'])
    .addUniqueConstraint('links_expiry', ['expires_at', 'token_hash'])
    .modifyEnd(clustered)
    .execute()
  await create('identities')
    .addColumn('identity', hash, (c) => c.notNull().primaryKey())
    .addColumn('user_id', id, (c) => c.notNull())
    .addColumn('issuer', text(500), (c) => c.notNull())
    .addColumn('subject', text(255), (c) => c.notNull())
    .addUniqueConstraint('identities_user', ['user_id', 'identity'])
    .modifyEnd(clustered)
    .execute()
  await create('reused_sessions')
    .addColumn('user_id', id, (c) => c.notNull())
    .addColumn('session_id', hash, (c) => c.notNull())
    .addColumn('device', text(100))
    .addColumn('at', integer, (c) => c.notNull())
    .addColumn('told', integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('reused_sessions_key', ['user_id', 'session_id'])
    .modifyEnd(clustered)
    .execute()

  const tables = await db.introspection.getTables()
  const isThere = tables.some(({ name, columns }) => name === 'users' && columns.some((each) => each.name === 'email_confirmed_at'))
  // MySQL has no `add column if not exists`, and each statement may run again.
  if (!isThere) await db.schema.alterTable('users').addColumn('email_confirmed_at', integer).execute()
}
