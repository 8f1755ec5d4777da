// Messages in their present state: pages of them, and single ones.
import type { ChatId, MessageState } from '@skein/protocol'
import type { Context } from './context.ts'
import { fromCursor, isCount, isNothing, toCursor } from './cursors.ts'
import type { Session } from './database.ts'
import { toMessages } from './rows.ts'
import { columns, type MessagesTable } from './schema.ts'
import { selectByKeys } from './statements.ts'
import type { Storage } from './types.ts'

export function history({ database }: Context): Pick<Storage, 'history' | 'messagesAfter' | 'message' | 'greatestSeq'> {
  const { build, engine } = database

  /** Messages of one chat, oldest first, with their reactions. */
  async function complete(session: Session, rows: MessagesTable[]): Promise<MessageState[]> {
    const sorted = rows.toSorted((a, b) => a.seq - b.seq)
    const [first, last] = [sorted[0], sorted.at(-1)]
    if (!first || !last) return []
    const query = build
      .selectFrom('reactions')
      .select(columns.reactions)
      .where('chat_id', '=', first.chat_id)
      .where('seq', '>=', first.seq)
      .where('seq', '<=', last.seq)
    const [reactions] = await session.rows(query)
    return toMessages(sorted, reactions)
  }

  /** The seq of the first message that was received at this time or later. Times follow seq, so halving finds it without an index. */
  async function firstSince(session: Session, chat: ChatId, time: number): Promise<number> {
    const newest = await session.row(build.selectFrom('chats').select('seq').where('id', '=', chat))
    let low = 1
    let high = (newest?.seq ?? 0) + 1
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const row = await session.row(build.selectFrom('messages').select('received_at').where('chat_id', '=', chat).where('seq', '=', middle))
      if (row && row.received_at < time) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    history: (chat, { before, cursor, limit, above = 0 }) =>
      database.read(async (session) => {
        const ofChat = build.selectFrom('messages').select(columns.messages).where('chat_id', '=', chat).where('seq', '>', above)
        // Before the messages: what comes meanwhile may be in them already.
        const rev = (await session.row(build.selectFrom('chats').select('rev').where('id', '=', chat)))?.rev ?? 0
        let rows: MessagesTable[]
        if (cursor !== null) {
          const [seq] = fromCursor(cursor, isCount, isNothing)
          rows = (await session.rows(ofChat.where('seq', '<', seq).orderBy('seq', 'desc').limit(limit)))[0]
        } else {
          const end = before === null ? Number.MAX_SAFE_INTEGER : await firstSince(session, chat, before)
          // One more than the page: it says whether the page ends amid messages of one time.
          const below = async (seq: number): Promise<MessagesTable[]> => {
            const query = ofChat.where('seq', '<', seq).orderBy('seq', 'desc')
            return (await session.rows(query.limit(limit + 1)))[0]
          }
          const page = await below(end)
          rows = page.slice(0, limit)
          const oldest = rows.at(-1)
          // Whoever goes on by time asks for what is strictly older: what is exactly as old has to be on this page.
          for (let rest = page.slice(limit); oldest && rest.length > 0;) {
            const same = rest.filter((row) => row.received_at === oldest.received_at)
            rows.push(...same)
            const last = same.at(-1)
            rest = last && same.length === rest.length ? await below(last.seq) : []
          }
        }
        const items = await complete(session, rows)
        const [first] = items
        // A chat's messages are numbered from 1 without a gap.
        return { items, nextCursor: first && first.seq > above + 1 ? toCursor(first.seq) : null, rev }
      }),

    messagesAfter: (chat, seq, limit) =>
      database.read(async (session) => {
        const query = build.selectFrom('messages').select(columns.messages).where('chat_id', '=', chat).where('seq', '>', seq)
        const [rows] = await session.rows(query.orderBy('seq').limit(limit))
        return complete(session, rows)
      }),

    message: (chat, author, id, above = 0) =>
      database.read(async (session) => {
        const places = build.selectFrom('operations').select('seq').where('chat_id', '=', chat).where('operation_id', '=', id).where('seq', '>', 0)
        const place = author === null ? places.orderBy('rev').limit(1) : places.where('author_id', '=', author)
        const seq = (await session.row(place))?.seq ?? 0
        if (seq <= above) return null
        const [rows] = await session.rows(build.selectFrom('messages').select(columns.messages).where('chat_id', '=', chat).where('seq', '=', seq))
        const [message = null] = await complete(session, rows)
        return message
      }),

    async greatestSeq(chat, ids) {
      const keys = ids.map((id) => [chat, id] as const)
      const places = selectByKeys(engine, 'operations', ['seq'], ['chat_id', 'operation_id'], keys)
      const [rows] = await database.read((session) => session.lists(places))
      return rows.reduce((greatest, { seq }) => Math.max(greatest, seq), 0)
    },
  }
}
