// Chats, their members, and the epochs that follow each other.
import type { ChatId, UserId } from '@skein/protocol'
import { notBlocked } from './blocks.ts'
import { lockChats } from './commit/read.ts'
import type { Context } from './context.ts'
import { startNextEpoch } from './epochs.ts'
import { insertChat } from './new-chat.ts'
import { memberColumns, toChat, toMember } from './rows.ts'
import { columns } from './schema.ts'
import { insertRows, selectByKeys } from './statements.ts'
import type { Storage } from './types.ts'

/** The others of all chats that a person is in, once for each chat; also those who have left them. */
export const sharing = (build: Context['database']['build'], user: UserId) =>
  build
    .selectFrom('chat_members as mine')
    .innerJoin('chat_members as other', 'other.chat_id', 'mine.chat_id')
    .where('mine.user_id', '=', user)
    .where('mine.left_rev', 'is', null)
    .where('other.user_id', '<>', user)

export function chats(
  context: Context,
): Pick<Storage, 'createChat' | 'chat' | 'currentEpochs' | 'membership' | 'members' | 'contacts' | 'acquaintances' | 'nextEpoch'> {
  const { database, ports } = context
  const { build, engine } = database

  const members = (chat: ChatId) =>
    build
      .selectFrom('chat_members')
      .innerJoin('users', 'users.id', 'chat_members.user_id')
      .select(memberColumns)
      .where('chat_id', '=', chat)
      .where('left_rev', 'is', null)
      .orderBy('users.id')

  async function find(id: ChatId) {
    const row = await database.read((session) => session.row(build.selectFrom('chats').select(columns.chats).where('id', '=', id)))
    return row ? toChat(row) : null
  }

  return {
    async createChat(chat) {
      try {
        return await database.transaction(async (session) => {
          const stored = (await lockChats(session, [chat.id])).get(chat.id)
          // Also of one that is there: a database that was restored may have forgotten it.
          if (chat.byServer)
            await session.write(insertRows(engine, 'server_chats', [{ chat_id: chat.id, at: ports.now() }], { key: ['chat_id'], columns: ['at'] }))
          return { chat: toChat(stored ?? (await insertChat(session, context, chat))), created: !stored }
        })
      } catch (error) {
        // Two at once: the other one's chat is there now.
        const stored = database.kindOf(error) === 'duplicate' ? await find(chat.id) : null
        if (!stored) throw error
        return { chat: stored, created: false }
      }
    },

    chat: find,

    async currentEpochs(ids) {
      const query = selectByKeys(
        engine,
        'chats',
        ['id', 'epoch'],
        ['id'],
        ids.map((id) => [id]),
      )
      const [rows] = await database.read((session) => session.lists(query))
      return new Map(rows.map((row) => [row.id, row.epoch]))
    },

    async membership(chat, user) {
      const query = build
        .selectFrom('chat_members')
        .innerJoin('users', 'users.id', 'chat_members.user_id')
        .select(['joined_rev', 'from_rev', 'from_seq', 'users.disabled_at', 'users.password_hash'])
        .where('chat_id', '=', chat)
        .where('user_id', '=', user)
        .where('left_rev', 'is', null)
      const row = await database.read((session) => session.row(query))
      if (!row) return null
      const isAble = row.disabled_at === null && row.password_hash !== ''
      return { joinedRev: row.joined_rev, from: { rev: row.from_rev, seq: row.from_seq }, isAble }
    },

    async members(chat) {
      const [rows] = await database.read((session) => session.rows(members(chat)))
      return rows.map(toMember)
    },

    async contacts(user) {
      const query = sharing(build, user)
        .select('other.user_id')
        .distinct()
        .where('other.left_rev', 'is', null)
        .where(notBlocked(user, 'other.user_id'))
      const [rows] = await database.read((session) => session.rows(query))
      return rows.map((row) => row.user_id)
    },

    async acquaintances(user, people) {
      if (people.length === 0) return new Map()
      const query = sharing(build, user)
        .select((eb) => ['other.user_id', eb.fn.countAll<number>().as('chats'), eb.fn.count<number>('other.left_rev').as('left')])
        .where('other.user_id', 'in', people)
        .groupBy('other.user_id')
      const [rows] = await database.read((session) => session.rows(query))
      return new Map(rows.map(({ user_id, chats: all, left }) => [user_id, Number(all) > Number(left) ? 'now' : 'before']))
    },

    nextEpoch: (id, epoch) =>
      database.transaction(async (session) => {
        const chat = (await lockChats(session, [id])).get(id)
        if (!chat) throw new Error(`No chat ${id}`)
        return toChat(chat.epoch === epoch ? await startNextEpoch(session, context, chat) : chat)
      }),
  }
}
