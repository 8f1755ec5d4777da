// Marks: how far each person has got, which only ever rises; and the feed, which compares chats.
import type { ChatId, UserId } from '@skein/protocol'
import { lockChats } from './commit/read.ts'
import type { Context } from './context.ts'
import { placeAfter } from './places.ts'
import { mineColumns, toMine } from './rows.ts'
import { insertRows, selectByKeys } from './statements.ts'
import { columns, type ChatMembersTable, type ChatsTable } from './schema.ts'
import type { FeedLine, Marks, Storage } from './types.ts'

type Raised = { marks: Marks; raised: boolean; markPos: number; before: number }

/** Marks wait up to this long for each other when the last ones were stored just before: one transaction for all. */
const GATHER_MS = 100
/** Of one transaction, so many chats of all people together, or those of one. */
const MAX_AT_ONCE = 500

interface Wish {
  user: UserId
  wanted: ReadonlyMap<ChatId, Marks>
  resolve(result: Map<ChatId, Raised>): void
  reject(error: unknown): void
}

export function marks({ database, ports }: Context): Pick<Storage, 'raiseMarks' | 'marks' | 'feed'> {
  const { build, engine } = database
  const waiting: Wish[] = []
  let timer: NodeJS.Timeout | null = null
  let lastAt = -Infinity

  const raise = (wishes: readonly Wish[]): Promise<Map<ChatId, Raised>[]> =>
    database.transaction(async (session) => {
      const now = ports.now()
      const chats = await lockChats(session, new Set(wishes.flatMap(({ wanted }) => [...wanted.keys()])))
      const keys = new Map<string, [ChatId, UserId]>()
      for (const { user, wanted } of wishes) for (const id of wanted.keys()) if (chats.has(id)) keys.set(`${id} ${user}`, [id, user])
      const [rows] = await session.lists(selectByKeys(engine, 'chat_members', columns.chat_members, ['chat_id', 'user_id'], [...keys.values()]))
      const members = new Map(rows.map((row) => [`${row.chat_id} ${row.user_id}`, row]))
      const changedChats = new Set<ChatsTable>()
      const changedMembers = new Set<ChatMembersTable>()
      const results = wishes.map(({ user, wanted }) => {
        const result = new Map<ChatId, Raised>()
        for (const [id, mark] of wanted) {
          const chat = chats.get(id)
          const row = members.get(`${id} ${user}`)
          if (!chat || !row || row.left_rev !== null) continue
          const delivered = Math.max(row.delivered_seq, Math.min(mark[0], chat.seq))
          const seen = Math.max(row.seen_seq, Math.min(mark[1], chat.seq))
          const before = chat.mark_pos
          const rises = delivered > row.delivered_seq || seen > row.seen_seq
          // The place is a time, and everybody in the chat reads it.
          const raised = rises && chat.blocked === 0
          if (raised) {
            chat.mark_pos = placeAfter(chat.mark_pos, now)
            chat.changed_at = Math.max(now, chat.changed_at)
            changedChats.add(chat)
          }
          if (rises) {
            changedMembers.add(Object.assign(row, { delivered_seq: delivered, seen_seq: seen }))
          }
          result.set(id, { marks: [delivered, seen], raised, markPos: chat.mark_pos, before })
        }
        return result
      })
      await session.write([
        ...insertRows(engine, 'chats', [...changedChats], { key: ['id'], columns: ['mark_pos', 'changed_at'] }),
        ...insertRows(engine, 'chat_members', [...changedMembers], { key: ['chat_id', 'user_id'], columns: ['delivered_seq', 'seen_seq'] }),
      ])
      return results
    })

  function flush(): void {
    timer = null
    lastAt = ports.now()
    const wishes: Wish[] = []
    for (let left = MAX_AT_ONCE, next = waiting[0]; next && (wishes.length === 0 || next.wanted.size <= left); next = waiting[0]) {
      left -= next.wanted.size
      wishes.push(next)
      waiting.shift()
    }
    if (waiting.length > 0) timer = setTimeout(flush, 0)
    raise(wishes).then(
      (results) => wishes.forEach(({ resolve }, i) => resolve(results[i] ?? new Map<ChatId, Raised>())),
      (error: unknown) => wishes.forEach(({ reject }) => reject(error)),
    )
  }

  return {
    raiseMarks: (user, wanted) =>
      new Promise((resolve, reject) => {
        waiting.push({ user, wanted, resolve, reject })
        timer ??= setTimeout(flush, Math.min(GATHER_MS, Math.max(0, lastAt + GATHER_MS - ports.now())))
      }),

    async marks(chat) {
      const query = build
        .selectFrom('chat_members')
        .innerJoin('chats', 'chats.id', 'chat_members.chat_id')
        .select(['user_id', 'delivered_seq', 'seen_seq', 'blocked'])
        .where('chat_id', '=', chat)
        .where('left_rev', 'is', null)
      const [rows] = await database.read((session) => session.rows(query))
      const result: Record<UserId, Marks> = {}
      for (const row of rows) result[row.user_id] = [row.delivered_seq, row.seen_seq]
      return { marks: result, blocked: rows.some(({ blocked }) => blocked === 1) }
    },

    async feed(user, since) {
      let query = build
        .selectFrom('chat_members')
        .innerJoin('chats', 'chats.id', 'chat_members.chat_id')
        .select(['chats.id', 'chats.epoch', 'chats.rev', 'chats.head', 'chats.seq', 'chats.mark_pos', 'chat_members.left_rev', ...mineColumns])
        .where('chat_members.user_id', '=', user)
        .orderBy('chats.id')
      if (since === null) query = query.where('chat_members.left_rev', 'is', null)
      else {
        query = query.where((eb) =>
          eb.or([
            eb.and([eb('chat_members.left_rev', 'is', null), eb.or([eb('chats.changed_at', '>=', since), eb('chat_members.mine_at', '>=', since)])]),
            eb('chat_members.left_at', '>=', since),
          ]),
        )
      }
      const [rows] = await database.read((session) => session.rows(query))
      return rows.map(({ id, epoch, rev, head, seq, mark_pos, left_rev, ...mine }): FeedLine => ({
        id,
        epoch,
        rev,
        head,
        seq,
        markPos: mark_pos,
        removed: left_rev !== null,
        mine: toMine(mine),
      }))
    },
  }
}
