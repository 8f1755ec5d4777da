// Between whom a block began or ended lately, for servers that share a database; and each ability of a member has the time of its own decision.
import { sql, type Kysely } from 'kysely'
import type { ColumnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>, { ascii, integer, clustered }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('block_changes')
    .ifNotExists()
    .addColumn('at', integer, (c) => c.notNull())
    .addColumn('chat_id', ascii(26), (c) => c.notNull())
    .addColumn('user_id', ascii(26), (c) => c.notNull())
    .addColumn('other_id', ascii(26), (c) => c.notNull())
    .addPrimaryKeyConstraint('block_changes_key', ['at', 'chat_id', 'user_id'])
    .modifyEnd(clustered)
    .execute()

  const tables = await db.introspection.getTables()
  const has = (column: string): boolean => tables.some(({ name, columns }) => name === 'chat_members' && columns.some((each) => each.name === column))
  // MySQL has no `add column if not exists`, and each statement may run again.
  const members = db.schema.alterTable('chat_members')
  for (const column of ['invite_at', 'remove_at'])
    if (!has(column)) await members.addColumn(column, integer, (c) => c.notNull().defaultTo(0)).execute()
  if (!has('may_at')) return
  // Until now one time stood for both.
  await sql`update chat_members set invite_at = may_at, remove_at = may_at where invite_at = 0 and remove_at = 0`.execute(db)
  await members.dropColumn('may_at').execute()
}
