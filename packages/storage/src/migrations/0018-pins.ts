// The messages of a chat that are pinned, as JSON.
import type { Kysely } from 'kysely'
import type { ColumnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>, { longText }: ColumnTypes): Promise<void> {
  const tables = await db.introspection.getTables()
  // MySQL has no `add column if not exists`, and each statement may run again.
  if (tables.some(({ name, columns }) => name === 'chats' && columns.some((each) => each.name === 'pins'))) return
  await db.schema.alterTable('chats').addColumn('pins', longText).execute()
}
