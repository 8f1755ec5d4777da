// What a restored database has forgotten to be deleted, and the deletion journal has not (promise 7, HEAL-9): erased before anybody reads it.
import { journalKey, type ChatId } from '@skein/protocol'
import { lockChats } from './commit/read.ts'
import type { Context } from './context.ts'
import { erase } from './erasures.ts'
import { insertRows } from './statements.ts'

/** Messages looked at in one read. */
const PAGE = 5_000

export interface JournalFollower {
  /**
   * Erases the messages that the journal knows to be deleted and the database does not; how many.
   * Reads all messages only where the journal has gone on without this database: after a restore, or a crash.
   */
  eraseForgotten(): Promise<number>
  /** Notes that the database has followed to the end. Only when nothing is under way: an erasure's keys stand in the journal before it is stored. */
  follow(): Promise<void>
}

export function followJournal(context: Context): JournalFollower {
  const { database, ports } = context
  const { build, engine } = database
  const { journal } = ports
  let followed: number | null = null

  async function note(place: { first: string; count: number }): Promise<void> {
    const row = { first_key: place.first, followed: place.count }
    await database.read((session) => session.write(insertRows(engine, 'journals', [row], { key: ['first_key'], columns: ['followed'] })))
    followed = place.count
  }
  async function eraseAll(has: (key: string) => boolean): Promise<number> {
    let erased = 0
    let [chat, seq] = ['' as ChatId, 0]
    for (;;) {
      const query = build
        .selectFrom('messages')
        .select(['chat_id', 'seq', 'author_id', 'operation_id', 'deleted_at'])
        .where('chat_id', '>=', chat)
        .where((eb) => eb.or([eb('chat_id', '>', chat), eb('seq', '>', seq)]))
        .orderBy('chat_id')
        .orderBy('seq')
        .limit(PAGE)
      const [rows] = await database.read((session) => session.rows(query))
      const last = rows.at(-1)
      if (!last) break
      ;[chat, seq] = [last.chat_id, last.seq]
      const forgotten = Map.groupBy(
        rows.filter((row) => row.deleted_at === null && has(journalKey(row.chat_id, row.author_id, row.operation_id, ports.sha256))),
        (row) => row.chat_id,
      )
      for (const [id, messages] of forgotten) {
        await database.transaction(async (session) => {
          const locked = (await lockChats(session, [id])).get(id)
          const deletions = messages.map((message) => ({ chat_id: id, seq: message.seq, at: ports.now() }))
          await session.write(insertRows(engine, 'deletions', deletions, { key: ['chat_id', 'seq'], columns: ['at'] }))
          if (locked) await erase(session, context, locked, [], false)
        })
        erased += messages.length
      }
    }
    return erased
  }

  return {
    async eraseForgotten() {
      const place = journal?.place()
      if (!journal || !place) return 0
      const known = await database.read((session) =>
        session.row(build.selectFrom('journals').select('followed').where('first_key', '=', place.first)),
      )
      const erased = known?.followed === place.count ? 0 : await eraseAll((key) => journal.has(key))
      await note(place)
      return erased
    },
    async follow() {
      const place = journal?.place()
      if (place && place.count !== followed) await note(place)
    },
  }
}
