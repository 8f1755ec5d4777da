// What erasure keeps count of. Tables of their own, so that a commit without a deletion or an edit pays nothing for them.
// What was deleted, edited and closed before is filled in; each statement may run again after a crash in the middle.
import { sql, type Kysely } from 'kysely'
import type { ColumnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>, { ascii, integer, clustered, jsonText }: ColumnTypes): Promise<void> {
  const id = ascii(26)
  const create = (name: string) => db.schema.createTable(name).ifNotExists()

  await create('deletions')
    .addColumn('chat_id', id, (c) => c.notNull())
    .addColumn('seq', integer, (c) => c.notNull())
    .addColumn('at', integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('deletions_key', ['chat_id', 'seq'])
    .modifyEnd(clustered)
    .execute()
  await create('edits')
    .addColumn('chat_id', id, (c) => c.notNull())
    .addColumn('seq', integer, (c) => c.notNull())
    .addColumn('rev', integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('edits_key', ['chat_id', 'seq', 'rev'])
    .modifyEnd(clustered)
    .execute()
  await create('erasures')
    .addColumn('chat_id', id, (c) => c.notNull())
    .addColumn('pos', integer, (c) => c.notNull())
    .addColumn('rev', integer, (c) => c.notNull())
    .addColumn('seq', integer, (c) => c.notNull())
    .addColumn('at', integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('erasures_key', ['chat_id', 'pos'])
    .modifyEnd(clustered)
    .execute()
  await create('sweeps')
    .addColumn('damaged', integer, (c) => c.notNull())
    .addColumn('chat_id', id, (c) => c.notNull())
    .addColumn('epoch', ascii(32), (c) => c.notNull())
    .addPrimaryKeyConstraint('sweeps_key', ['damaged', 'chat_id', 'epoch'])
    .modifyEnd(clustered)
    .execute()
  await create('erased_users')
    .addColumn('user_id', id, (c) => c.notNull().primaryKey())
    .addColumn('at', integer, (c) => c.notNull())
    .modifyEnd(clustered)
    .execute()

  for (const table of ['deletions', 'edits', 'sweeps']) await sql`delete from ${sql.table(table)}`.execute(db)
  await sql`insert into deletions (chat_id, seq, at) select chat_id, seq, deleted_at from messages where deleted_at is not null`.execute(db)
  await sql`insert into edits (chat_id, seq, rev)
    select edit.chat_id, made.seq, edit.rev from operations as edit inner join operations as made
    on made.chat_id = edit.chat_id and made.operation_id = ${jsonText('edit.operation', '$.target')} and made.author_id = edit.author_id
    where edit.kind = 'edit' and made.seq > 0`.execute(db)
  await sql`insert into sweeps (damaged, chat_id, epoch) select 0, chat_id, epoch from epochs where closed_at is not null`.execute(db)
}
