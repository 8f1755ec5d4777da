// Which messages of a chat a member has hidden from themselves.
import type { Kysely } from 'kysely'
import type { ColumnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>, { longText }: ColumnTypes): Promise<void> {
  const tables = await db.introspection.getTables()
  // MySQL has no `add column if not exists`, and each statement may run again.
  if (tables.some(({ name, columns }) => name === 'chat_members' && columns.some((each) => each.name === 'hidden'))) return
  await db.schema.alterTable('chat_members').addColumn('hidden', longText).execute()
}
