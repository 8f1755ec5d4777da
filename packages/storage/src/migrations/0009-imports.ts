// Which chats were taken in from an export, so that each comes once.
import type { Kysely } from 'kysely'
import type { ColumnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>, { ascii, integer, plain }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('imports')
    .ifNotExists()
    .addColumn('source_id', ascii(26), (c) => c.notNull().primaryKey())
    .addColumn('digest', ascii(64), (c) => c.notNull())
    .addColumn('chat_id', ascii(26), (c) => c.notNull())
    .addColumn('at', integer, (c) => c.notNull())
    .modifyEnd(plain)
    .execute()
}
