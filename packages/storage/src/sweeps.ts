// What a closed epoch still holds beside its rows (update log, snapshot, client ids) goes, once the rows prove that they continue its chain.
import { genesisHead, nextHead, type ChatId, type EpochName } from '@skein/protocol'
import type { Context } from './context.ts'
import type { Session } from './database.ts'
import { toEntry } from './rows.ts'
import { columns } from './schema.ts'
import { statement } from './statements.ts'
import type { Storage } from './types.ts'

/** Epochs looked at in one call. */
const MAX_EPOCHS = 100
/** Rows read at a time. */
const PAGE = 1_000

export function sweeps({ database, ports }: Context): Pick<Storage, 'sweepEpochs'> {
  const { build, engine } = database

  /** Whether the rows of an epoch lead from its base to its end. */
  async function isWhole(chat: ChatId, epoch: EpochName): Promise<boolean> {
    const bounds = await database.read((session) =>
      session.row(build.selectFrom('epochs').select(['base_rev', 'end_rev', 'end_head']).where('chat_id', '=', chat).where('epoch', '=', epoch)),
    )
    if (!bounds || bounds.end_rev === null) return false
    const headAt = (session: Session, rev: number) =>
      session.row(build.selectFrom('operations').select('head').where('chat_id', '=', chat).where('rev', '=', rev))
    let rev = bounds.base_rev
    let head = rev === 0 ? genesisHead(chat, ports.sha256) : (await database.read((session) => headAt(session, rev)))?.head
    while (head !== undefined && rev < bounds.end_rev) {
      const query = build.selectFrom('operations').select(columns.operations).where('chat_id', '=', chat).where('rev', '>', rev)
      const [rows] = await database.read((session) =>
        session.rows(
          query
            .where('rev', '<=', bounds.end_rev ?? 0)
            .orderBy('rev')
            .limit(PAGE),
        ),
      )
      if (!rows.length) return false
      for (const row of rows) {
        head = nextHead(head, toEntry(row), ports.sha256)
        if (row.rev !== ++rev || row.head !== head) return false
      }
    }
    return head === bounds.end_head
  }

  /** An epoch is bounded, and so are these. */
  const remove = (chat: ChatId, epoch: EpochName): Promise<void> =>
    database.transaction((session) => {
      const tables = ['updates', 'client_ids', 'snapshots', 'sweeps'] as const
      return session.write(tables.map((table) => statement(`delete from ${table} where chat_id = ? and epoch = ?`, [chat, epoch])))
    })

  return {
    async sweepEpochs() {
      const waiting = build.selectFrom('sweeps').select(['chat_id', 'epoch']).where('damaged', '=', 0).limit(MAX_EPOCHS)
      const [rows] = await database.read((session) => session.rows(waiting))
      const damaged: { chatId: ChatId; epoch: EpochName }[] = []
      for (const { chat_id, epoch } of rows) {
        if (await isWhole(chat_id, epoch)) await remove(chat_id, epoch)
        else {
          damaged.push({ chatId: chat_id, epoch })
          const keep = build.updateTable('sweeps').set({ damaged: 1 }).where('chat_id', '=', chat_id).where('epoch', '=', epoch)
          await database.read((session) => session.change(keep))
        }
      }
      // What was written over stands in SQLite's write-ahead log until that is emptied.
      if (rows.length && engine === 'sqlite') await database.read((session) => session.rows(statement('pragma wal_checkpoint(truncate)')))
      return { more: rows.length === MAX_EPOCHS, damaged }
    },
  }
}
