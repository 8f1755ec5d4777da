// Chats, their members, and the epochs that follow each other.
import { base64url, canonicalJson, epochNameOf, genesisHead, nextHead, tagBytes, uuidOf, type ChatId, type ServerOperation } from '@skein/protocol'
import { lockChats } from './commit/read.ts'
import type { Context } from './context.ts'
import type { Session } from './database.ts'
import { epochRow, startNextEpoch } from './epochs.ts'
import { fromEntry, toChat } from './rows.ts'
import { columns, type ChatsTable } from './schema.ts'
import { insertRows, selectByKeys } from './statements.ts'
import type { Storage, StoredEntry } from './types.ts'

export function chats(
  context: Context,
): Pick<Storage, 'createChat' | 'chat' | 'currentEpochs' | 'membership' | 'members' | 'contacts' | 'nextEpoch'> {
  const { database, ports } = context
  const { build, engine } = database

  const members = (chat: ChatId) =>
    build
      .selectFrom('chat_members')
      .innerJoin('users', 'users.id', 'chat_members.user_id')
      .select(['users.id', 'users.name'])
      .where('chat_id', '=', chat)
      .where('left_rev', 'is', null)
      .orderBy('users.id')

  /** The rows of a chat that does not exist yet: its first epoch, its members, and its `create` entry at rev 1. */
  async function insertChat(session: Session, chat: Parameters<Storage['createChat']>[0]): Promise<ChatsTable> {
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
    }
    await session.write([
      ...insertRows(engine, 'chats', [row]),
      ...insertRows(engine, 'epochs', [epochRow(ports, { chatId: chat.id, name, baseRev: 0, baseSeq: 0, baseHead: genesis, members: people, now })]),
      ...insertRows(
        engine,
        'chat_members',
        people.map((user_id) => ({ chat_id: chat.id, user_id, joined_rev: 1, left_rev: null, left_at: null, delivered_seq: 0, seen_seq: 0 })),
      ),
      ...insertRows(engine, 'operations', [fromEntry(chat.id, entry, canonicalJson(operation), head)]),
    ])
    return row
  }

  async function find(id: ChatId) {
    const row = await database.read((session) => session.row(build.selectFrom('chats').select(columns.chats).where('id', '=', id)))
    return row ? toChat(row) : null
  }

  return {
    async createChat(chat) {
      try {
        return await database.transaction(async (session) => {
          const stored = (await lockChats(session, [chat.id])).get(chat.id)
          return { chat: toChat(stored ?? (await insertChat(session, chat))), created: !stored }
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
        .select('joined_rev')
        .where('chat_id', '=', chat)
        .where('user_id', '=', user)
        .where('left_rev', 'is', null)
      const row = await database.read((session) => session.row(query))
      return row ? { joinedRev: row.joined_rev } : null
    },

    async members(chat) {
      const [rows] = await database.read((session) => session.rows(members(chat)))
      return rows
    },

    async contacts(user) {
      const query = build
        .selectFrom('chat_members as mine')
        .innerJoin('chat_members as other', 'other.chat_id', 'mine.chat_id')
        .select('other.user_id')
        .distinct()
        .where('mine.user_id', '=', user)
        .where('mine.left_rev', 'is', null)
        .where('other.left_rev', 'is', null)
        .where('other.user_id', '<>', user)
      const [rows] = await database.read((session) => session.rows(query))
      return rows.map((row) => row.user_id)
    },

    nextEpoch: (id, epoch) =>
      database.transaction(async (session) => {
        const chat = (await lockChats(session, [id])).get(id)
        if (!chat) throw new Error(`No chat ${id}`)
        return toChat(chat.epoch === epoch ? await startNextEpoch(session, context, chat) : chat)
      }),
  }
}
