// A decided group as few statements.
import type { Reaction } from '@skein/protocol'
import type { Database } from '../database.ts'
import { fromMessage, fromReaction } from '../rows.ts'
import type { ChatMembersTable, CommitsTable, ReactionsTable } from '../schema.ts'
import { insertRows, type Statement } from '../statements.ts'
import type { Decision, TouchedMessage } from './decide.ts'

/** What is decided of a member; the rest is their own to say. */
const decidedColumns: (keyof ChatMembersTable)[] = [
  'joined_rev',
  'left_rev',
  'left_at',
  'delivered_seq',
  'seen_seq',
  'may_invite',
  'may_remove',
  'invite_at',
  'remove_at',
  'from_rev',
  'from_seq',
]

/** The statements of a group by what they write, in the order in which they run. */
export function writesOf({ engine, build }: Database, decision: Decision, mark: CommitsTable | null): [name: string, statements: Statement[]][] {
  const { chats, members, looks, departures, clients, operations, messages, updates, owed } = decision
  const gone: ReactionsTable[] = []
  const added: ReactionsTable[] = []
  for (const touched of messages) {
    const { before, after } = reactionsOf(touched)
    gone.push(...without(before, after).map((reaction) => fromReaction(touched.chatId, touched.after.seq, reaction)))
    added.push(...without(after, before).map((reaction) => fromReaction(touched.chatId, touched.after.seq, reaction)))
  }
  const erase = gone.map((row) =>
    build
      .deleteFrom('reactions')
      .where('chat_id', '=', row.chat_id)
      .where('seq', '=', row.seq)
      .where('user_id', '=', row.user_id)
      .where('emoji', '=', row.emoji)
      .compile(),
  )
  const rows = messages.map(({ chatId, after }) => fromMessage(chatId, after))
  const writes: [string, Statement[]][] = [
    ['chats', insertRows(engine, 'chats', chats, { key: ['id'], columns: ['rev', 'seq', 'pos', 'head', 'last_at', 'entry_at', 'changed_at'] })],
    [
      'chat_members',
      insertRows(engine, 'chat_members', members, {
        key: ['chat_id', 'user_id'],
        columns: decidedColumns,
      }),
    ],
    [
      'looks',
      looks.map(({ id, title, title_at, picture_url, picture_at, pins }) =>
        build.updateTable('chats').set({ title, title_at, picture_url, picture_at, pins }).where('id', '=', id).compile(),
      ),
    ],
    ['departures', insertRows(engine, 'departures', departures, { key: ['at', 'chat_id', 'user_id'], columns: ['at'] })],
    ['client_ids', insertRows(engine, 'client_ids', clients)],
    ['operations', insertRows(engine, 'operations', operations)],
    [
      'messages',
      insertRows(engine, 'messages', rows, {
        key: ['chat_id', 'seq'],
        columns: ['rev', 'text', 'edited_at', 'deleted_at', 'mentions', 'forwarded_from'],
      }),
    ],
    ['reactions', [...erase, ...insertRows(engine, 'reactions', added)]],
    ['updates', insertRows(engine, 'updates', updates)],
    // What waits to be erased keeps the time of its first deletion.
    ['deletions', insertRows(engine, 'deletions', owed.deletions, { key: ['chat_id', 'seq'], columns: ['chat_id'] })],
    ['edits', insertRows(engine, 'edits', owed.edits)],
    ['early_edits', insertRows(engine, 'early_edits', owed.earlyEdits)],
    ['commits', insertRows(engine, 'commits', mark ? [mark] : [])],
  ]
  return writes.filter(([, statements]) => statements.length)
}

const reactionsOf = ({ before, after }: TouchedMessage) => ({ before: before?.reactions ?? [], after: after.reactions })

/** Reactions of the first list that are not in the second, with the same rev. */
function without(list: Reaction[], other: Reaction[]): Reaction[] {
  return list === other ? [] : list.filter((a) => !other.some((b) => a.userId === b.userId && a.emoji === b.emoji && a.rev === b.rev))
}
