// From where on a member wants to have a chat unread, though they have seen it.
import type { Kysely } from 'kysely'
import type { ColumnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>, { integer }: ColumnTypes): Promise<void> {
  const tables = await db.introspection.getTables()
  // MySQL has no `add column if not exists`, and each statement may run again.
  if (tables.some(({ name, columns }) => name === 'chat_members' && columns.some((each) => each.name === 'unread_after'))) return
  await db.schema.alterTable('chat_members').addColumn('unread_after', integer).execute()
}
