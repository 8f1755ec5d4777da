// Pictures of people and groups that the server keeps, by whoever sent them.
import type { Kysely } from 'kysely'
import type { ColumnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>, { ascii, integer, blob, plain }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('pictures')
    .ifNotExists()
    .addColumn('id', ascii(22), (c) => c.notNull().primaryKey())
    .addColumn('user_id', ascii(26), (c) => c.notNull())
    .addColumn('type', ascii(10), (c) => c.notNull())
    .addColumn('bytes', blob, (c) => c.notNull())
    .addColumn('created_at', integer, (c) => c.notNull())
    .addUniqueConstraint('pictures_user', ['user_id', 'id'])
    .modifyEnd(plain)
    .execute()
}
