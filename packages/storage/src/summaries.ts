// Chats as a member's list shows them: with the people, the last message and the unread count.
import { isChatId, type ChatId, type MessageState, type UserId } from '@skein/protocol'
import { pinsOf } from './commit/pins.ts'
import type { Context } from './context.ts'
import { fromCursor, isCount, toCursor } from './cursors.ts'
import type { Session } from './database.ts'
import { memberColumns, toChat, toMember, toMessages, toMine, mineColumns, type MineRow } from './rows.ts'
import { columns, type ChatMembersTable, type ChatsTable } from './schema.ts'
import { selectByKeys } from './statements.ts'
import type { ChatSummary, Marks, Member, Storage } from './types.ts'

export function summaries({ database }: Context): Pick<Storage, 'chatSummary' | 'chatSummaries'> {
  const { build } = database

  const ofMember = (user: UserId) =>
    build
      .selectFrom('chats')
      .innerJoin('chat_members', 'chat_members.chat_id', 'chats.id')
      .select([...columns.chats, ...mineColumns, 'from_rev', 'from_seq'])
      .where('chat_members.user_id', '=', user)
      .where('chat_members.left_rev', 'is', null)

  async function summarise(
    session: Session,
    user: UserId,
    rows: (ChatsTable & MineRow & Pick<ChatMembersTable, 'from_rev' | 'from_seq'>)[],
  ): Promise<ChatSummary[]> {
    if (!rows.length) return []
    const ids = rows.map((row) => row.id)
    const people = build
      .selectFrom('chat_members')
      .innerJoin('users', 'users.id', 'chat_members.user_id')
      .select(['chat_members.chat_id', ...memberColumns, 'delivered_seq', 'seen_seq'])
      .where('chat_id', 'in', ids)
      .where('left_rev', 'is', null)
      .orderBy('users.id')
    // One statement, so that count, mark, seq and pins belong together: on MySQL each statement sees another moment.
    const unread = build
      .selectFrom('chat_members')
      .innerJoin('chats', 'chats.id', 'chat_members.chat_id')
      .leftJoin('messages', (join) =>
        join
          .onRef('messages.chat_id', '=', 'chat_members.chat_id')
          .onRef('messages.seq', '>', 'chat_members.seen_seq')
          .onRef('messages.author_id', '<>', 'chat_members.user_id'),
      )
      .select([
        'chats.id',
        'chats.rev',
        'chats.seq',
        'chats.pins',
        'delivered_seq',
        'seen_seq',
        (eb) => eb.fn.count<number>('messages.seq').as('count'),
      ])
      .where('chat_members.user_id', '=', user)
      .where('chat_members.chat_id', 'in', ids)
      .groupBy(['chats.id', 'chats.rev', 'chats.seq', 'chats.pins', 'delivered_seq', 'seen_seq'])
    // Before the messages: what is erased meanwhile counts as not erased yet.
    const erasures = build
      .selectFrom('erasures')
      .select(['chat_id', (eb) => eb.fn.max<number>('pos').as('pos')])
      .where('chat_id', 'in', ids)
      .groupBy('chat_id')
    const [erasedRows, personRows, countedRows] = await session.rows(erasures, people, unread)
    const shown = countedRows.flatMap((row) => [...new Set([row.seq, ...pinsOf(row).map(({ seq }) => seq)])].map((seq) => [row.id, seq] as const))
    const [messageRows, reactionRows] = await session.lists(
      selectByKeys(session.engine, 'messages', columns.messages, ['chat_id', 'seq'], shown),
      selectByKeys(session.engine, 'reactions', columns.reactions, ['chat_id', 'seq'], shown),
    )

    const members = new Map<ChatId, Member[]>(ids.map((id) => [id, []]))
    const erasedByChat = new Map(erasedRows.map((row) => [row.chat_id, Number(row.pos)]))
    const marks = new Map<ChatId, Record<UserId, Marks>>(ids.map((id) => [id, {}]))
    for (const { chat_id, delivered_seq, seen_seq, ...person } of personRows) {
      const { id } = person
      members.get(chat_id)?.push(toMember(person))
      const ofChat = marks.get(chat_id)
      if (ofChat) ofChat[id] = [delivered_seq, seen_seq]
    }
    const counted = new Map(countedRows.map((row) => [row.id, row]))
    return rows.map((row) => {
      const { rev, seq, pins, delivered_seq, seen_seq, count } = counted.get(row.id) ?? { ...row, delivered_seq: 0, seen_seq: 0, count: 0 }
      const messages = toMessages(
        messageRows.filter((message) => message.chat_id === row.id && message.seq > row.from_seq),
        reactionRows.filter((reaction) => reaction.chat_id === row.id),
      )
      const messageAt = (place: number): MessageState | null => messages.find((message) => message.seq === place) ?? null
      return {
        ...toChat(row),
        rev,
        seq,
        members: members.get(row.id) ?? [],
        from: { rev: row.from_rev, seq: row.from_seq },
        marks: { ...(row.blocked === 1 ? {} : marks.get(row.id)), [user]: [delivered_seq, seen_seq] },
        mine: toMine(row),
        lastMessage: messageAt(seq),
        pins: pinsOf({ pins }).map((pin) => ({ authorId: pin.authorId, id: pin.id, message: messageAt(pin.seq) })),
        unread: Number(count),
        erasedPos: erasedByChat.get(row.id) ?? 0,
      }
    })
  }

  return {
    chatSummary: (chat, user) =>
      database.read(async (session) => {
        const [rows] = await session.rows(ofMember(user).where('chats.id', '=', chat))
        const [summary = null] = await summarise(session, user, rows)
        return summary
      }),

    chatSummaries: (user, { limit, cursor }) =>
      database.read(async (session) => {
        let query = ofMember(user)
          .orderBy('chats.last_at', 'desc')
          .orderBy('chats.id', 'desc')
          .limit(limit + 1)
        if (cursor !== null) {
          const [lastAt, id] = fromCursor(cursor, isCount, isChatId)
          query = query.where((eb) => eb.or([eb('chats.last_at', '<', lastAt), eb.and([eb('chats.last_at', '=', lastAt), eb('chats.id', '<', id)])]))
        }
        const [rows] = await session.rows(query)
        const items = await summarise(session, user, rows.slice(0, limit))
        const end = items.at(-1)
        return { items, nextCursor: rows.length > limit && end ? toCursor(end.lastAt, end.id) : null }
      }),
  }
}
