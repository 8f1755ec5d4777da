// Groups that people make and change: abilities, name and picture, what each member wants of a chat, links to join by; and who has blocked whom.
import { sql, type Kysely } from 'kysely'
import type { ColumnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>, { ascii, integer, longText, clustered, plain }: ColumnTypes): Promise<void> {
  const tables = await db.introspection.getTables()
  // MySQL has no `add column if not exists`, and each statement may run again.
  const add = async (table: string, column: string, type = integer, initial: 0 | null = 0): Promise<void> => {
    if (tables.some(({ name, columns }) => name === table && columns.some((each) => each.name === column))) return
    await db.schema
      .alterTable(table)
      .addColumn(column, type, (c) => (initial === null ? c : c.notNull().defaultTo(initial)))
      .execute()
  }
  await add('chats', 'picture_url', longText, null)
  for (const column of ['title_at', 'picture_at', 'blocked']) await add('chats', column)
  for (const column of ['may_invite', 'may_remove', 'may_at', 'pinned', 'archived', 'mine_at']) await add('chat_members', column)
  await add('chat_members', 'muted_until', integer, null)
  // Whoever was in a group before there were abilities could do everything.
  await sql`update chat_members set may_invite = 1, may_remove = 1
    where may_at = 0 and left_rev is null and chat_id in (select id from chats where kind = 'group')`.execute(db)

  await db.schema
    .createTable('blocks')
    .ifNotExists()
    .addColumn('user_id', ascii(26), (c) => c.notNull())
    .addColumn('other_id', ascii(26), (c) => c.notNull())
    .addColumn('at', integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('blocks_key', ['user_id', 'other_id'])
    .modifyEnd(clustered)
    .execute()
  await db.schema
    .createTable('chat_links')
    .ifNotExists()
    .addColumn('id', ascii(64), (c) => c.notNull().primaryKey())
    .addColumn('chat_id', ascii(26), (c) => c.notNull())
    .addColumn('token_hash', ascii(64), (c) => c.notNull())
    .addColumn('created_by', ascii(26), (c) => c.notNull())
    .addColumn('created_at', integer, (c) => c.notNull())
    .addColumn('expires_at', integer, (c) => c.notNull())
    .addColumn('max_uses', integer)
    .addColumn('uses', integer, (c) => c.notNull())
    .addUniqueConstraint('chat_links_token', ['token_hash'])
    .addUniqueConstraint('chat_links_chat', ['chat_id', 'id'])
    .modifyEnd(plain)
    .execute()
  await db.schema
    .createTable('departures')
    .ifNotExists()
    .addColumn('at', integer, (c) => c.notNull())
    .addColumn('chat_id', ascii(26), (c) => c.notNull())
    .addColumn('user_id', ascii(26), (c) => c.notNull())
    .addPrimaryKeyConstraint('departures_key', ['at', 'chat_id', 'user_id'])
    .modifyEnd(clustered)
    .execute()
}
