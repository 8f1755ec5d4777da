// Which of an issuer's tokens begin no session any more, and by which API key a webhook was made. MySQL has no `add column if not exists`, and each statement may run again.
import type { Kysely } from 'kysely'
import type { ColumnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>, { ascii, integer, clustered }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('ended_tokens')
    .ifNotExists()
    .addColumn('token_hash', ascii(64), (c) => c.notNull().primaryKey())
    .addColumn('expires_at', integer, (c) => c.notNull())
    .addUniqueConstraint('ended_tokens_expiry', ['expires_at', 'token_hash'])
    .modifyEnd(clustered)
    .execute()

  const tables = await db.introspection.getTables()
  const has = (table: string, column: string): boolean =>
    tables.some(({ name, columns }) => name === table && columns.some((each) => each.name === column))
  if (!has('webhooks', 'key_id')) await db.schema.alterTable('webhooks').addColumn('key_id', ascii(64)).execute()
  if (!has('identities', 'valid_from'))
    await db.schema
      .alterTable('identities')
      .addColumn('valid_from', integer, (c) => c.notNull().defaultTo(0))
      .execute()
}
