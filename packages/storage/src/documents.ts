// What a server needs to hold a chat's document: the update log, the entries, the owners of client ids, and snapshots that shorten the replay.
import { lockChats } from './commit/read.ts'
import type { Context } from './context.ts'
import { toEntry } from './rows.ts'
import { columns } from './schema.ts'
import type { Storage } from './types.ts'

export function documents({ database, faults }: Context): Pick<Storage, 'epochTail' | 'putSnapshot' | 'snapshot'> {
  const { build } = database
  return {
    epochTail: (chat, epoch, after) =>
      database.read(async (session) => {
        // The positions first, then only rows up to them: what is committed meanwhile is left for the next time, whole.
        const start = await session.row(
          build
            .selectFrom('epochs')
            .innerJoin('chats', 'chats.id', 'epochs.chat_id')
            .select(['epochs.info', 'epochs.base_rev', 'epochs.end_rev', 'epochs.end_pos', 'epochs.end_head', 'chats.rev', 'chats.pos', 'chats.head'])
            .where('epochs.chat_id', '=', chat)
            .where('epochs.epoch', '=', epoch),
        )
        if (!start) return null
        await faults?.at('epoch found')
        const rev = start.end_rev ?? start.rev
        const pos = start.end_pos ?? start.pos
        const [updates, entries, clients, now] = await session.rows(
          build
            .selectFrom('updates')
            .select('bytes')
            .where('chat_id', '=', chat)
            .where('epoch', '=', epoch)
            .where('pos', '>', after.pos)
            .where('pos', '<=', pos)
            .orderBy('pos'),
          build
            .selectFrom('operations')
            .select(columns.operations)
            .where('chat_id', '=', chat)
            .where('rev', '>', Math.max(after.rev, start.base_rev))
            .where('rev', '<=', rev)
            .orderBy('rev'),
          build.selectFrom('client_ids').select(['client', 'user_id']).where('chat_id', '=', chat).where('epoch', '=', epoch),
          // Last: rows of an epoch that has not ended by now are as they were written, and those of one that has may be erased.
          build.selectFrom('chats').select('epoch').where('id', '=', chat),
        )
        return {
          info: start.info,
          baseRev: start.base_rev,
          current: now[0]?.epoch === epoch,
          pos,
          rev,
          head: start.end_head ?? start.head,
          updates: updates.map((row) => row.bytes),
          entries: entries.map(toEntry),
          clients: clients.map((row) => [row.client, row.user_id]),
        }
      }),

    putSnapshot: (chat, epoch, { pos, rev, bytes }) =>
      database.transaction(async (session) => {
        // Under the chat's lock: a closed epoch's words must not come back after they were erased.
        if ((await lockChats(session, [chat])).get(chat)?.epoch !== epoch) return
        const update = build.updateTable('snapshots').set({ pos, rev, bytes }).where('chat_id', '=', chat).where('epoch', '=', epoch)
        if (await session.change(update.where('pos', '<=', pos).where('rev', '<=', rev))) return
        try {
          await session.change(build.insertInto('snapshots').values({ chat_id: chat, epoch, pos, rev, bytes }))
        } catch (error) {
          // There is one, and it is newer: it stays.
          if (database.kindOf(error) !== 'duplicate') throw error
        }
      }),

    async snapshot(chat, epoch) {
      const query = build.selectFrom('snapshots').select(['pos', 'rev', 'bytes']).where('chat_id', '=', chat).where('epoch', '=', epoch)
      return (await database.read((session) => session.row(query))) ?? null
    },
  }
}
