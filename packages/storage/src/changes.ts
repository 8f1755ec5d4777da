// The chain as a device follows it: entries after a named place, and the question which ids are stored.
import { genesisHead, type Entry, type Head, type UserId } from '@skein/protocol'
import type { Context } from './context.ts'
import { lastErasure } from './erasures.ts'
import { memberColumns, toEntry, toMember } from './rows.ts'
import { columns } from './schema.ts'
import { selectByKeys } from './statements.ts'
import type { Marks, Storage } from './types.ts'

export function changes(context: Context): Pick<Storage, 'changes' | 'storedIds' | 'operation'> {
  const { database, ports } = context
  const { build, engine } = database
  return {
    changes: (chat, { since: asked, head, limit, from = { rev: 0, seq: 0 } }) =>
      database.read(async (session) => {
        const now = await session.row(build.selectFrom('chats').select(['rev', 'head', 'blocked']).where('id', '=', chat))
        if (!now || asked > now.rev) return 'unknown-head'
        // From the place itself on it is told, too: who asks may not know yet that theirs begins there.
        const isBefore = from.rev > 0 && asked <= from.rev
        const since = isBefore ? from.rev : asked
        // Before the entries: what is erased meanwhile is told with the next page.
        const { pos: erasedPos } = await lastErasure(session, context, chat)
        const headAt = (rev: number) => build.selectFrom('operations').select('head').where('chat_id', '=', chat).where('rev', '=', rev)
        const [atAsked, at, rows, people] = await session.rows(
          headAt(asked),
          headAt(since),
          build.selectFrom('operations').select(columns.operations).where('chat_id', '=', chat).where('rev', '>', since).orderBy('rev').limit(limit),
          build
            .selectFrom('chat_members')
            .innerJoin('users', 'users.id', 'chat_members.user_id')
            .select([...memberColumns, 'delivered_seq', 'seen_seq'])
            .where('chat_id', '=', chat)
            .where('left_rev', 'is', null)
            .orderBy('users.id'),
        )
        const headOf = (rev: number, row: { head: Head } | undefined): Head | undefined => (rev === 0 ? genesisHead(chat, ports.sha256) : row?.head)
        const [headAsked, headThen] = [headOf(asked, atAsked[0]), headOf(since, at[0])]
        if (headThen === undefined || (head !== null && head !== headAsked)) return 'unknown-head'
        const marks: Record<UserId, Marks> = {}
        for (const person of people) marks[person.id] = [person.delivered_seq, person.seen_seq]
        const last = rows.at(-1)
        return {
          entries: rows.map((row): Entry => {
            const { carried: _, ...entry } = toEntry(row)
            return entry
          }),
          begins: isBefore ? { ...from, head: headThen } : null,
          members: people.map(toMember),
          marks,
          blocked: now.blocked === 1,
          // After the page's last entry: what the next page is asked from.
          head: last?.head ?? headThen,
          more: (last?.rev ?? since) < now.rev,
          erasedPos,
        }
      }),

    async operation(chat, author, id) {
      const query = build
        .selectFrom('operations')
        .select(columns.operations)
        .where('chat_id', '=', chat)
        .where('operation_id', '=', id)
        .where('author_id', '=', author)
      const row = await database.read((session) => session.row(query))
      return row ? toEntry(row) : null
    },

    storedIds: (chat, author, ids, epoch) =>
      database.read(async (session) => {
        // The epoch first: ids that are not stored once it is closed never will be, under it.
        const current = await session.row(build.selectFrom('chats').select('epoch').where('id', '=', chat))
        const closed = current?.epoch !== epoch
        const keys = ids.map((id) => [chat, id, author] as const)
        const [rows] = await session.lists(
          selectByKeys(engine, 'operations', ['operation_id', 'code'], ['chat_id', 'operation_id', 'author_id'], keys),
        )
        return { stored: rows.map((row) => [row.operation_id, row.code]), closed }
      }),
  }
}
