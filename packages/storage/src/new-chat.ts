// A chat begins.
import { base64url, canonicalJson, epochNameOf, genesisHead, nextHead, tagBytes, uuidOf, type ServerOperation } from '@skein/protocol'
import type { Context } from './context.ts'
import type { Session } from './database.ts'
import { epochRow } from './epochs.ts'
import { fromEntry, memberRow } from './rows.ts'
import type { ChatMembersTable, ChatsTable } from './schema.ts'
import { insertRows } from './statements.ts'
import type { Storage, StoredEntry } from './types.ts'

/** Who makes a group may do everything in it. */
export const founder = (at: number): Pick<ChatMembersTable, 'may_invite' | 'may_remove' | 'invite_at' | 'remove_at'> => ({
  may_invite: 1,
  may_remove: 1,
  invite_at: at,
  remove_at: at,
})

/** The rows of a chat that does not exist yet: its first epoch, its members, and its `create` entry at rev 1. */
export async function insertChat(
  session: Session,
  { database, ports }: Context,
  chat: Parameters<Storage['createChat']>[0] & { blocked?: boolean },
): Promise<ChatsTable> {
  const { engine } = database
  const now = ports.now()
  const people = [...new Set(chat.members)].sort()
  const genesis = genesisHead(chat.id, ports.sha256)
  const name = epochNameOf(1, ports.randomBytes(8))
  const operation: ServerOperation = {
    type: 'create',
    id: uuidOf(ports.randomBytes(16), 4),
    at: new Date(now).toISOString(),
    kind: chat.kind,
    title: chat.title,
    members: people,
    ...(chat.fromJoining ? { history: 'joined' as const } : {}),
  }
  const salt = base64url(ports.randomBytes(16))
  const entry: StoredEntry = {
    rev: 1,
    seq: 0,
    kind: 'create',
    code: null,
    at: now,
    authorId: chat.by,
    id: operation.id,
    salt,
    tag: null,
    operation,
    hash: null,
    carried: true,
  }
  const head = nextHead(genesis, entry, ports.sha256)
  entry.tag = ports.tag(tagBytes(chat.id, 1, head))
  const row: ChatsTable = {
    id: chat.id,
    kind: chat.kind,
    title: chat.title,
    epoch: name,
    base_rev: 0,
    base_seq: 0,
    rev: 1,
    seq: 0,
    pos: 0,
    mark_pos: 0,
    head,
    created_at: now,
    last_at: now,
    entry_at: now,
    changed_at: now,
    picture_url: null,
    title_at: now,
    picture_at: 0,
    blocked: chat.blocked ? 1 : 0,
    from_joining: chat.fromJoining ? 1 : 0,
    pins: null,
  }
  await session.write([
    ...insertRows(engine, 'chats', [row]),
    ...insertRows(engine, 'epochs', [epochRow(ports, { chatId: chat.id, name, baseRev: 0, baseSeq: 0, baseHead: genesis, members: people, now })]),
    ...insertRows(
      engine,
      'chat_members',
      people.map((user_id) => ({ ...memberRow(chat.id, user_id, 1), ...(user_id === chat.by && chat.kind === 'group' ? founder(now) : {}) })),
    ),
    ...insertRows(engine, 'operations', [fromEntry(chat.id, entry, canonicalJson(operation), head)]),
  ])
  return row
}
