// Keys of whoever runs the server, which are nobody's, and the chats that were made with them.
import type { Kysely } from 'kysely'
import type { ColumnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>, { ascii, text, integer, plain, clustered }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('server_keys')
    .ifNotExists()
    .addColumn('id', ascii(64), (c) => c.notNull().primaryKey())
    .addColumn('name', text(255), (c) => c.notNull())
    .addColumn('token_hash', ascii(64), (c) => c.notNull())
    .addColumn('created_at', integer, (c) => c.notNull())
    .addColumn('expires_at', integer)
    .addColumn('last_used_at', integer)
    .addUniqueConstraint('server_keys_token', ['token_hash'])
    .modifyEnd(plain)
    .execute()

  await db.schema
    .createTable('server_chats')
    .ifNotExists()
    .addColumn('chat_id', ascii(26), (c) => c.notNull().primaryKey())
    .addColumn('at', integer, (c) => c.notNull())
    .modifyEnd(clustered)
    .execute()
}
