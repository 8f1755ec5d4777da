// How far the database has followed each deletion journal: a restored one has not come as far.
import type { Kysely } from 'kysely'
import type { ColumnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>, { ascii, integer, clustered }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('journals')
    .ifNotExists()
    .addColumn('first_key', ascii(64), (c) => c.notNull().primaryKey())
    .addColumn('followed', integer, (c) => c.notNull())
    .modifyEnd(clustered)
    .execute()
}
