// Marks: how far each person has got, which only ever rises; and the feed, which compares chats.
import type { ChatId, UserId } from '@skein/protocol'
import { lockChats } from './commit/read.ts'
import type { Context } from './context.ts'
import { insertRows, selectByKeys } from './statements.ts'
import type { ChatMembersTable, ChatsTable } from './schema.ts'
import type { FeedLine, Marks, Storage } from './types.ts'

type Raised = { marks: Marks; raised: boolean; markPos: number }

export function marks({ database, ports }: Context): Pick<Storage, 'raiseMarks' | 'marks' | 'feed'> {
  const { build, engine } = database
  return {
    raiseMarks: (user, wanted) =>
      database.transaction(async (session) => {
        const result = new Map<ChatId, Raised>()
        const now = ports.now()
        const chats = await lockChats(session, wanted.keys())
        const rows = await session.all(
          selectByKeys<ChatMembersTable>(
            engine,
            selectMembers,
            ['chat_id', 'user_id'],
            [...chats.keys()].map((id) => [id, user]),
          ),
        )
        const changedChats: ChatsTable[] = []
        const changedMembers: ChatMembersTable[] = []
        for (const row of rows) {
          const chat = chats.get(row.chat_id)
          const mark = wanted.get(row.chat_id)
          if (!chat || !mark || row.left_rev !== null) continue
          const delivered = Math.max(row.delivered_seq, Math.min(mark[0], chat.seq))
          const seen = Math.max(row.seen_seq, Math.min(mark[1], chat.seq))
          const raised = delivered > row.delivered_seq || seen > row.seen_seq
          if (raised) {
            chat.mark_pos += 1
            chat.changed_at = Math.max(now, chat.changed_at)
            changedChats.push(chat)
            changedMembers.push({ ...row, delivered_seq: delivered, seen_seq: seen })
          }
          result.set(chat.id, { marks: [delivered, seen], raised, markPos: chat.mark_pos })
        }
        await session.write([
          ...insertRows(engine, 'chats', changedChats, { key: ['id'], columns: ['mark_pos', 'changed_at'] }),
          ...insertRows(engine, 'chat_members', changedMembers, { key: ['chat_id', 'user_id'], columns: ['delivered_seq', 'seen_seq'] }),
        ])
        return result
      }),

    async marks(chat) {
      const query = build
        .selectFrom('chat_members')
        .select(['user_id', 'delivered_seq', 'seen_seq'])
        .where('chat_id', '=', chat)
        .where('left_rev', 'is', null)
      const [rows] = await database.read((session) => session.rows(query))
      const result: Record<UserId, Marks> = {}
      for (const row of rows) result[row.user_id] = [row.delivered_seq, row.seen_seq]
      return result
    },

    async feed(user, since) {
      let query = build
        .selectFrom('chat_members')
        .innerJoin('chats', 'chats.id', 'chat_members.chat_id')
        .select(['chats.id', 'chats.epoch', 'chats.rev', 'chats.head', 'chats.seq', 'chats.mark_pos', 'chat_members.left_rev'])
        .where('chat_members.user_id', '=', user)
        .orderBy('chats.id')
      if (since === null) query = query.where('chat_members.left_rev', 'is', null)
      else {
        query = query.where((eb) =>
          eb.or([eb.and([eb('chat_members.left_rev', 'is', null), eb('chats.changed_at', '>=', since)]), eb('chat_members.left_at', '>=', since)]),
        )
      }
      const [rows] = await database.read((session) => session.rows(query))
      return rows.map(({ id, epoch, rev, head, seq, mark_pos, left_rev }): FeedLine => ({
        id,
        epoch,
        rev,
        head,
        seq,
        markPos: mark_pos,
        removed: left_rev !== null,
      }))
    },
  }
}

const selectMembers = 'select chat_id, user_id, joined_rev, left_rev, left_at, delivered_seq, seen_seq from chat_members'
