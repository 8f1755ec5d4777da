// Messages in their present state: pages of them, and single ones.
import type { MessageState } from '@skein/protocol'
import type { Context } from './context.ts'
import { fromCursor, isCount, isNothing, toCursor } from './cursors.ts'
import type { Session } from './database.ts'
import { toMessages } from './rows.ts'
import type { MessagesTable } from './schema.ts'
import type { Storage } from './types.ts'

export function history({ database }: Context): Pick<Storage, 'history' | 'message' | 'greatestSeq'> {
  const { build } = database

  /** Messages of one chat, oldest first, with their reactions. */
  async function complete(session: Session, rows: MessagesTable[]): Promise<MessageState[]> {
    const sorted = rows.toSorted((a, b) => a.seq - b.seq)
    const [first, last] = [sorted[0], sorted.at(-1)]
    if (!first || !last) return []
    const query = build.selectFrom('reactions').selectAll().where('chat_id', '=', first.chat_id).where('seq', '>=', first.seq).where('seq', '<=', last.seq)
    const [reactions] = await session.rows(query)
    return toMessages(sorted, reactions)
  }

  return {
    history: (chat, { before, cursor, limit }) =>
      database.read(async (session) => {
        const ofChat = build.selectFrom('messages').selectAll().where('chat_id', '=', chat)
        let rows: MessagesTable[]
        if (cursor !== null) {
          const [seq] = fromCursor(cursor, isCount, isNothing)
          rows = (await session.rows(ofChat.where('seq', '<', seq).orderBy('seq', 'desc').limit(limit)))[0]
        } else {
          const byTime = before === null ? ofChat : ofChat.where('received_at', '<', before)
          rows = (await session.rows(byTime.orderBy('received_at', 'desc').orderBy('seq', 'desc').limit(limit)))[0]
          // Whoever goes on by time asks for what is strictly older: what is exactly as old has to be on this page.
          const oldest = rows.at(-1)
          if (oldest) rows.push(...(await session.rows(ofChat.where('received_at', '=', oldest.received_at).where('seq', '<', oldest.seq)))[0])
        }
        const items = await complete(session, rows)
        const [first] = items
        // A chat's messages are numbered from 1 without a gap.
        return { items, nextCursor: first && first.seq > 1 ? toCursor(first.seq) : null }
      }),

    message: (chat, author, id) =>
      database.read(async (session) => {
        const query = build.selectFrom('messages').selectAll().where('chat_id', '=', chat).where('operation_id', '=', id).where('author_id', '=', author)
        const [message = null] = await complete(session, (await session.rows(query))[0])
        return message
      }),

    async greatestSeq(chat, ids) {
      if (!ids.length) return 0
      const query = build.selectFrom('messages').select('seq').where('chat_id', '=', chat).where('operation_id', 'in', ids).orderBy('seq', 'desc').limit(1)
      return (await database.read((session) => session.row(query)))?.seq ?? 0
    },
  }
}
