// Who has blocked whom: the direct chat of the two takes no new words, from either, and they see no more of each other than a group shows.
import { MAX_BLOCKS, type ChatId, type UserId } from '@skein/protocol'
import { sql, type RawBuilder, type SqlBool } from 'kysely'
import { lockChats } from './commit/read.ts'
import type { Context } from './context.ts'
import type { Session } from './database.ts'
import { placeAfter } from './places.ts'
import { insertRows } from './statements.ts'

/** How long other servers may ask what changed, in milliseconds. */
const KEPT_MS = 10 * 60_000

export interface BlockStorage {
  /** `chat`: the id of the direct chat of the two, whether it exists or not. `changed`: false where it was so already. */
  block(user: UserId, other: UserId, chat: ChatId): Promise<{ changed: boolean } | 'no-such-person' | 'too-many'>
  /** `apart`: the other one blocks, too. */
  unblock(user: UserId, other: UserId, chat: ChatId): Promise<{ changed: boolean; apart: boolean }>
  /** What changed between two people from `since` (milliseconds) on, each pair once; `apart`: one of them blocks the other now. A server that shares its database asks it. */
  blockChanges(since: number): Promise<{ chat: ChatId; user: UserId; other: UserId; at: number; apart: boolean }[]>
  /** Whom this person has blocked, by name. */
  blocked(user: UserId): Promise<{ id: UserId; name: string }[]>
}

/** For a query: nobody has blocked anybody between this person and the one whose id stands in the column. */
export const notBlocked = (user: UserId, column: string): RawBuilder<SqlBool> => sql<SqlBool>`not exists (select 1 from blocks
  where (blocks.user_id = ${user} and blocks.other_id = ${sql.ref(column)}) or (blocks.other_id = ${user} and blocks.user_id = ${sql.ref(column)}))`

/** Locks the rows of people who are not erased, in the order of their ids: whatever is decided between them waits for the other. */
export async function lockPeople(session: Session, { database }: Context, people: readonly UserId[]): Promise<Set<UserId>> {
  const query = database.build.selectFrom('users').select(['id', 'email']).where('id', 'in', people).orderBy('id')
  const [rows] = await session.rows(session.engine === 'mysql' ? query.forUpdate() : query)
  return new Set(rows.filter(({ email }) => !email.startsWith('erased:')).map(({ id }) => id))
}

const either = ({ database }: Context, one: UserId, other: UserId) =>
  database.build.selectFrom('blocks').select('user_id').where('user_id', 'in', [one, other]).where('other_id', 'in', [one, other])

export const areApart = async (session: Session, context: Context, one: UserId, other: UserId): Promise<boolean> =>
  (await session.row(either(context, one, other))) !== undefined

export function blocks(context: Context): BlockStorage {
  const { database, ports } = context
  const { build, engine } = database
  const of = (user: UserId, other: UserId) => build.selectFrom('blocks').select('at').where('user_id', '=', user).where('other_id', '=', other)

  /** The chat's row says it where each commit looks anyway. Marks that rose meanwhile are told once the two are no longer apart. */
  async function mark(session: Session, chat: ChatId, user: UserId, other: UserId): Promise<boolean> {
    const now = ports.now()
    const before = (await lockChats(session, [chat])).get(chat)
    const apart = await areApart(session, context, user, other)
    const told = before && !apart ? { mark_pos: placeAfter(before.mark_pos, now), changed_at: Math.max(now, before.changed_at) } : {}
    await session.write([
      build
        .updateTable('chats')
        .set({ blocked: apart ? 1 : 0, ...told })
        .where('id', '=', chat),
      build.deleteFrom('block_changes').where('at', '<', now - KEPT_MS),
      ...insertRows(engine, 'block_changes', [{ at: now, chat_id: chat, user_id: user, other_id: other }], {
        key: ['at', 'chat_id', 'user_id'],
        columns: ['at'],
      }),
    ])
    return apart
  }

  return {
    block: (user, other, chat) =>
      database.transaction(async (session) => {
        const people = await lockPeople(session, context, [user, other])
        if (!people.has(user) || !people.has(other)) return 'no-such-person'
        if (await session.row(of(user, other))) return { changed: false }
        const count = build
          .selectFrom('blocks')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('user_id', '=', user)
        if (Number((await session.row(count))?.count ?? 0) >= MAX_BLOCKS) return 'too-many'
        await session.write(insertRows(engine, 'blocks', [{ user_id: user, other_id: other, at: ports.now() }]))
        await mark(session, chat, user, other)
        return { changed: true }
      }),

    unblock: (user, other, chat) =>
      database.transaction(async (session) => {
        await lockPeople(session, context, [user, other])
        const gone = await session.change(build.deleteFrom('blocks').where('user_id', '=', user).where('other_id', '=', other))
        return { changed: gone > 0, apart: await mark(session, chat, user, other) }
      }),

    async blockChanges(since) {
      const query = build
        .selectFrom('block_changes')
        .leftJoin('blocks', (join) =>
          join.on((eb) =>
            eb.or([
              eb.and([eb('blocks.user_id', '=', eb.ref('block_changes.user_id')), eb('blocks.other_id', '=', eb.ref('block_changes.other_id'))]),
              eb.and([eb('blocks.user_id', '=', eb.ref('block_changes.other_id')), eb('blocks.other_id', '=', eb.ref('block_changes.user_id'))]),
            ]),
          ),
        )
        .select(['block_changes.at', 'block_changes.chat_id', 'block_changes.user_id', 'block_changes.other_id', 'blocks.at as apart'])
        .where('block_changes.at', '>=', since)
        .orderBy('block_changes.at')
      const [rows] = await database.read((session) => session.rows(query))
      // The last change of each pair.
      const changes = rows.map((row) => ({ chat: row.chat_id, user: row.user_id, other: row.other_id, at: row.at, apart: row.apart !== null }))
      return [...new Map(changes.map((change) => [change.chat, change])).values()]
    },

    async blocked(user) {
      const query = build
        .selectFrom('blocks')
        .innerJoin('users', 'users.id', 'blocks.other_id')
        .select(['users.id', 'users.name'])
        .where('blocks.user_id', '=', user)
        .orderBy('users.name_key')
        .orderBy('users.id')
      const [rows] = await database.read((session) => session.rows(query))
      return rows
    },
  }
}
