// Erasure: the words and salts of what was deleted leave the rows, and the live document with the epoch that ends for it (RT6, RT14).
// Rows of a live epoch never change: whatever erases ends the chat's epoch in the same transaction.
import { eraseEntry, journalKey, messageOfErased, MIN_ERASING_MS, ERASE_AFTER_MS, type ChatId, type OperationId, type UserId } from '@skein/protocol'
import { lockChats } from './commit/read.ts'
import type { Context } from './context.ts'
import type { Session } from './database.ts'
import { startNextEpoch } from './epochs.ts'
import { placeAfter } from './places.ts'
import { fromMessage, toEntry } from './rows.ts'
import { columns, type ChatsTable, type ErasuresTable, type OperationsTable } from './schema.ts'
import { insertRows, selectByKeys } from './statements.ts'
import type { Erased, Storage } from './types.ts'

/** Short of every limit on the number of parameters. */
const chunksOf = (seqs: number[]): number[][] => Array.from({ length: Math.ceil(seqs.length / 500) }, (_, i) => seqs.slice(i * 500, i * 500 + 500))

/** The last place in a chat's list of erased entries, and when it was taken. */
export async function lastErasure(session: Session, { database }: Context, chat: ChatId): Promise<{ pos: number; at: number }> {
  const query = database.build.selectFrom('erasures').select(['pos', 'at']).where('chat_id', '=', chat).orderBy('pos', 'desc').limit(1)
  return (await session.row(query)) ?? { pos: 0, at: -Infinity }
}

/** Whose edits that stand before their message are among these, and of which. */
function earlyOnes(rows: readonly OperationsTable[]): (readonly [UserId, OperationId])[] {
  const found = new Map<string, readonly [UserId, OperationId]>()
  for (const { kind, code, author_id, operation } of rows) {
    if (kind !== 'edit' || code !== 'no-such-message' || operation === null) continue
    const { target } = JSON.parse(operation) as { target: OperationId }
    found.set(`${author_id}/${target}`, [author_id, target])
  }
  return [...found.values()]
}

/** The entries that hold the words of the chat's deleted messages: the messages' own, and those of their edits, also of such as stand before their message. */
async function ofDeleted(session: Session, { database }: Context, chat: ChatId): Promise<OperationsTable[]> {
  const { build, engine } = database
  const [deleted] = await session.rows(build.selectFrom('deletions').select('seq').where('chat_id', '=', chat))
  const places = deleted.map(({ seq }) => [chat, seq] as const)
  const [messages, edits] = await session.lists(
    selectByKeys(engine, 'messages', ['operation_id', 'author_id'], ['chat_id', 'seq'], places),
    selectByKeys(engine, 'edits', ['rev'], ['chat_id', 'seq'], places),
  )
  const ids = messages.map(({ operation_id, author_id }) => [chat, operation_id, author_id] as const)
  const authors = messages.map(({ operation_id, author_id }) => [chat, author_id, operation_id] as const)
  const [early] = await session.lists(selectByKeys(engine, 'early_edits', ['rev'], ['chat_id', 'author_id', 'target'], authors))
  const revs = [...edits, ...early].map(({ rev }) => [chat, rev] as const)
  const lists = await session.lists(
    selectByKeys(engine, 'operations', columns.operations, ['chat_id', 'operation_id', 'author_id'], ids),
    selectByKeys(engine, 'operations', columns.operations, ['chat_id', 'rev'], revs),
  )
  return lists.flat()
}

/**
 * Erases entries, and the messages that they made, of a chat whose row is locked, and with them all that it owes. null: nothing of this still had words.
 * Its epoch ends (who has the chat open learns of it so), unless `quietly` and nothing of the live epoch is among them.
 */
export async function erase(
  session: Session,
  context: Context,
  chat: ChatsTable,
  found: readonly OperationsTable[],
  quietly: boolean,
): Promise<Erased | null> {
  const { database, ports } = context
  const { build, engine } = database
  const rows = [...found, ...(await ofDeleted(session, context, chat.id))]
  const doomed = new Map(rows.flatMap((row) => (row.operation === null ? [] : [[row.rev, row] as const])))
  const clear = [build.deleteFrom('deletions').where('chat_id', '=', chat.id)]
  if (!doomed.size) {
    await session.write(clear)
    return null
  }
  const now = ports.now()
  let { pos } = await lastErasure(session, context, chat.id)
  const markPos = placeAfter(chat.mark_pos, now)
  const entries = [...doomed.values()].sort((a, b) => a.rev - b.rev).map((row) => ({ row, entry: eraseEntry(toEntry(row), ports.sha256) }))
  const made = entries.map(({ entry }) => entry).filter(({ seq }) => seq > 0)
  // First where nothing forgets it: should this transaction fail, it is tried again.
  await ports.journal?.add(entries.map(({ entry: { authorId, id } }) => journalKey(chat.id, authorId, id, ports.sha256)))
  const ofMade = chunksOf(made.map(({ seq }) => seq)).flatMap((seqs) =>
    (['reactions', 'edits'] as const).map((table) => build.deleteFrom(table).where('chat_id', '=', chat.id).where('seq', 'in', seqs)),
  )
  await session.write([
    ...insertRows(
      engine,
      'operations',
      entries.map(({ row, entry }) => ({ ...row, operation: null, salt: null, hash: entry.hash })),
      { key: ['chat_id', 'rev'], columns: ['operation', 'salt', 'hash'] },
    ),
    ...insertRows(
      engine,
      'messages',
      made.map((entry) => fromMessage(chat.id, messageOfErased(entry))),
      {
        key: ['chat_id', 'seq'],
        columns: ['rev', 'text', 'created_at', 'edited_at', 'deleted_at', 'reply_to', 'reply_to_author', 'mentions', 'forwarded_from'],
      },
    ),
    ...ofMade,
    ...earlyOnes(rows).map(([author, target]) =>
      build.deleteFrom('early_edits').where('chat_id', '=', chat.id).where('author_id', '=', author).where('target', '=', target),
    ),
    ...clear,
    ...insertRows(
      engine,
      'erasures',
      entries.map(({ entry }): ErasuresTable => ({ chat_id: chat.id, pos: (pos = placeAfter(pos, now)), rev: entry.rev, seq: entry.seq, at: now })),
    ),
    // Every device asks about the chat again, as after a change of marks.
    build
      .updateTable('chats')
      .set({ mark_pos: markPos, changed_at: Math.max(now, chat.changed_at) })
      .where('id', '=', chat.id),
  ])
  const ends = !quietly || entries.some(({ entry }) => entry.rev > chat.base_rev)
  if (ends) await startNextEpoch(session, context, chat)
  return { chatId: chat.id, closed: ends ? chat.epoch : null, markPos }
}

export function erasures(context: Context): Pick<Storage, 'dueErasures' | 'eraseDeleted' | 'erased'> {
  const { database, ports } = context
  const { build } = database

  /** Whether a chat's deletions have gathered long enough, and its last erasing epoch is old enough. */
  const isDue = (first: number, last: number): boolean => {
    const now = ports.now()
    // A clock that was set back holds nothing up.
    return (first > now || first + ERASE_AFTER_MS <= now) && (last > now || last + MIN_ERASING_MS <= now)
  }

  return {
    async dueErasures() {
      const query = build
        .selectFrom('deletions')
        .select((eb) => ['chat_id', eb.fn.min('at').as('at')])
        .groupBy('chat_id')
      return database.read(async (session) => {
        const due: ChatId[] = []
        for (const { chat_id, at } of (await session.rows(query))[0]) {
          if (isDue(Number(at), (await lastErasure(session, context, chat_id)).at)) due.push(chat_id)
        }
        return due
      })
    },

    eraseDeleted: (id) =>
      database.transaction(async (session) => {
        const chat = (await lockChats(session, [id])).get(id)
        const first = await session.row(build.selectFrom('deletions').select('at').where('chat_id', '=', id).orderBy('at').limit(1))
        // Another server was faster.
        if (!chat || !first || !isDue(first.at, (await lastErasure(session, context, id)).at)) return null
        return erase(session, context, chat, [], false)
      }),

    erased: (chat, since, limit) =>
      database.read(async (session) => {
        const list = build.selectFrom('erasures').select(['pos', 'rev', 'seq']).where('chat_id', '=', chat)
        // A place that the list does not have is one of a past that a restore has lost, whatever the clocks say: the device begins anew.
        const from = (await session.row(list.where('pos', '=', since))) ? since : 0
        const [rows] = await session.rows(
          list
            .where('pos', '>', from)
            .orderBy('pos')
            .limit(limit + 1),
        )
        const shown = rows.slice(0, limit)
        return { erased: shown.map(({ rev, seq, pos }) => [rev, seq, pos]), erasedPos: shown.at(-1)?.pos ?? from, more: rows.length > limit }
      }),
  }
}
