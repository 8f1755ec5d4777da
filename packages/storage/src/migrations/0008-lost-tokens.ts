// Which refresh token a session's own came from, and how often it was made anew since its answer was lost. MySQL has no `add column if not exists`, and each statement may run again.
import type { Kysely } from 'kysely'
import type { ColumnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>, { ascii, integer }: ColumnTypes): Promise<void> {
  const tables = await db.introspection.getTables()
  const has = (column: string): boolean => tables.some(({ name, columns }) => name === 'sessions' && columns.some((each) => each.name === column))

  if (!has('previous_hash')) await db.schema.alterTable('sessions').addColumn('previous_hash', ascii(64)).execute()
  if (!has('remade'))
    await db.schema
      .alterTable('sessions')
      .addColumn('remade', integer, (c) => c.notNull().defaultTo(0))
      .execute()
}
