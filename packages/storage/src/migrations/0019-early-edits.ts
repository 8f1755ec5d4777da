// Edits that were refused since their message was not in the chat: after a restore it may come behind them, and be deleted.
import { sql, type Kysely } from 'kysely'
import type { ColumnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>, { ascii, integer, clustered, jsonText }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('early_edits')
    .ifNotExists()
    .addColumn('chat_id', ascii(26), (c) => c.notNull())
    .addColumn('author_id', ascii(26), (c) => c.notNull())
    .addColumn('target', ascii(36), (c) => c.notNull())
    .addColumn('rev', integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('early_edits_key', ['chat_id', 'author_id', 'target', 'rev'])
    .modifyEnd(clustered)
    .execute()
  await sql`delete from early_edits`.execute(db)
  await sql`insert into early_edits (chat_id, author_id, target, rev)
    select chat_id, author_id, ${jsonText('operation', '$.target')}, rev from operations
    where kind = 'edit' and code = 'no-such-message' and operation is not null`.execute(db)
}
