// What accounts need beside a password: since when one is disabled, and which device a session is on. MySQL has no `add column if not exists`, and each statement may run again.
import type { Kysely } from 'kysely'
import type { ColumnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>, { integer, text }: ColumnTypes): Promise<void> {
  const tables = await db.introspection.getTables()
  const has = (table: string, column: string): boolean =>
    tables.some(({ name, columns }) => name === table && columns.some((each) => each.name === column))

  if (!has('users', 'disabled_at')) await db.schema.alterTable('users').addColumn('disabled_at', integer).execute()
  if (!has('sessions', 'device')) await db.schema.alterTable('sessions').addColumn('device', text(100)).execute()
}
