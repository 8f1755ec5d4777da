// Groups whose history begins, for whoever joins, where they joined (CHAT-9).
import type { Kysely } from 'kysely'
import type { ColumnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>, { integer }: ColumnTypes): Promise<void> {
  const tables = await db.introspection.getTables()
  // MySQL has no `add column if not exists`, and each statement may run again.
  const add = async (table: string, column: string): Promise<void> => {
    if (tables.some(({ name, columns }) => name === table && columns.some((each) => each.name === column))) return
    await db.schema
      .alterTable(table)
      .addColumn(column, integer, (c) => c.notNull().defaultTo(0))
      .execute()
  }
  await add('chats', 'from_joining')
  await add('chat_members', 'from_rev')
  await add('chat_members', 'from_seq')
}
