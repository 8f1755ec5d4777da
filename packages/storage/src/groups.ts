// What people need to begin chats and to arrange their own: direct chats that may not be, groups one is in, mute, pin, archive and drafts.
import { MAX_DRAFTS, MAX_HIDDEN_MESSAGES, type ChatId, type UserId } from '@skein/protocol'
import { areApart, lockPeople } from './blocks.ts'
import { lockChats } from './commit/read.ts'
import type { Context } from './context.ts'
import type { Session } from './database.ts'
import { insertChat } from './new-chat.ts'
import { mineColumns, toChat, toMine } from './rows.ts'
import type { ChatMembersTable } from './schema.ts'
import type { ChatRow, Mine } from './types.ts'

/** Seqs are hidden and shown again one by one, so that devices that do so apart do not undo one another. */
export type MineChanges = { [K in Exclude<keyof Mine, 'changedAt' | 'hidden'>]?: Mine[K] | undefined } & {
  hide?: readonly number[] | undefined
  show?: readonly number[] | undefined
}

export interface GroupStorage {
  /** The direct chat of two people under its id, made where there is none; decided under both people's locks. */
  openDirectChat(id: ChatId, me: UserId, other: UserId): Promise<{ chat: ChatRow; created: boolean } | 'no-such-person' | 'blocked'>
  /** Which of these people nobody can add to a group (any more), and which `me` cannot, since one of the two has blocked the other. */
  unfitFor(me: UserId, people: readonly UserId[]): Promise<{ missing: UserId[]; blocked: UserId[] }>
  /** Groups that a person is in. */
  groupsOf(user: UserId): Promise<ChatId[]>
  /** Members who left, or were taken out, at `since` or later (milliseconds), and are not back. */
  departures(since: number): Promise<{ chat: ChatId; user: UserId; rev: number }[]>
  /** Changes what a member wants of a chat; null when they are no member, 'too-many' when they would have hidden more than MAX_HIDDEN_MESSAGES. */
  setMine(chat: ChatId, user: UserId, changes: MineChanges): Promise<Mine | 'too-many' | null>
}

export function groups(context: Context): GroupStorage {
  const { database, ports } = context
  const { build, engine } = database
  const row = (chat: ChatId, user: UserId) =>
    build.selectFrom('chat_members').select(mineColumns).where('chat_id', '=', chat).where('user_id', '=', user).where('left_rev', 'is', null)

  /** Older ones stay on the devices that have them. */
  async function forgetOldDrafts(session: Session, user: UserId): Promise<void> {
    const drafts = build
      .selectFrom('chat_members')
      .select('chat_id')
      .where('user_id', '=', user)
      .where('draft', 'is not', null)
      .orderBy('mine_at', 'desc')
      .orderBy('chat_id')
      .limit(MAX_DRAFTS + 1)
    const [found] = await session.rows(drafts)
    const last = found[MAX_DRAFTS]
    if (last)
      await session.write([build.updateTable('chat_members').set({ draft: null }).where('user_id', '=', user).where('chat_id', '=', last.chat_id)])
  }

  const open = (id: ChatId, me: UserId, other: UserId): ReturnType<GroupStorage['openDirectChat']> =>
    database.transaction(async (session) => {
      const people = await lockPeople(session, context, [me, other])
      if (!people.has(me) || !people.has(other)) return 'no-such-person'
      if (await areApart(session, context, me, other)) return 'blocked'
      const stored = (await lockChats(session, [id])).get(id)
      const chat = stored ?? (await insertChat(session, context, { id, kind: 'direct', title: null, by: me, members: [me, other] }))
      return { chat: toChat(chat), created: !stored }
    })

  return {
    async openDirectChat(id, me, other) {
      try {
        return await open(id, me, other)
      } catch (error) {
        // A device brought the chat back at the same moment.
        if (database.kindOf(error) !== 'duplicate') throw error
        return open(id, me, other)
      }
    },

    unfitFor: (me, people) =>
      database.read(async (session) => {
        const ids = [...new Set(people)]
        if (ids.length === 0) return { missing: [], blocked: [] }
        const [there, blocks] = await session.rows(
          build.selectFrom('users').select('id').where('id', 'in', ids).where('email', 'not like', 'erased:%'),
          build
            .selectFrom('blocks')
            .select(['user_id', 'other_id'])
            .where((eb) =>
              eb.or([eb.and([eb('user_id', '=', me), eb('other_id', 'in', ids)]), eb.and([eb('other_id', '=', me), eb('user_id', 'in', ids)])]),
            ),
        )
        const found = new Set(there.map((user) => user.id))
        return {
          missing: ids.filter((id) => !found.has(id)),
          blocked: [...new Set(blocks.map((block) => (block.user_id === me ? block.other_id : block.user_id)))],
        }
      }),

    async groupsOf(user) {
      const query = build
        .selectFrom('chat_members')
        .innerJoin('chats', 'chats.id', 'chat_members.chat_id')
        .select('chats.id')
        .where('chat_members.user_id', '=', user)
        .where('chat_members.left_rev', 'is', null)
        .where('chats.kind', '=', 'group')
      const [rows] = await database.read((session) => session.rows(query))
      return rows.map(({ id }) => id)
    },

    async departures(since) {
      const query = build
        .selectFrom('departures')
        .innerJoin('chat_members', (join) =>
          join.onRef('chat_members.chat_id', '=', 'departures.chat_id').onRef('chat_members.user_id', '=', 'departures.user_id'),
        )
        .select(['departures.chat_id', 'departures.user_id', 'chat_members.left_rev'])
        .distinct()
        .where('departures.at', '>=', since)
        .where('chat_members.left_rev', 'is not', null)
      const [rows] = await database.read((session) => session.rows(query))
      return rows.map(({ chat_id, user_id, left_rev }) => ({ chat: chat_id, user: user_id, rev: left_rev ?? 0 }))
    },

    setMine: (chat, user, { mutedUntil, pinned, archived, draft, unreadAfter, hide = [], show = [] }) =>
      database.transaction(async (session) => {
        const query = row(chat, user)
        const before = await session.row(engine === 'mysql' ? query.forUpdate() : query)
        if (!before) return null
        const hidden = [...new Set([...toMine(before).hidden, ...hide])].filter((seq) => !show.includes(seq)).sort((a, b) => a - b)
        if (hidden.length > MAX_HIDDEN_MESSAGES) return 'too-many'
        const values: Partial<ChatMembersTable> = {
          ...(mutedUntil === undefined ? {} : { muted_until: mutedUntil }),
          ...(pinned === undefined ? {} : { pinned: pinned ? 1 : 0 }),
          ...(archived === undefined ? {} : { archived: archived ? 1 : 0 }),
          ...(draft === undefined ? {} : { draft: draft || null }),
          ...(unreadAfter === undefined ? {} : { unread_after: unreadAfter }),
          ...(hide.length + show.length === 0 ? {} : { hidden: hidden.length === 0 ? null : JSON.stringify(hidden) }),
          mine_at: Math.max(ports.now(), before.mine_at + 1),
        }
        await session.write([
          build.updateTable('chat_members').set(values).where('chat_id', '=', chat).where('user_id', '=', user).where('left_rev', 'is', null),
        ])
        if (draft) await forgetOldDrafts(session, user)
        const now = await session.row(row(chat, user))
        return now ? toMine(now) : null
      }),
  }
}
