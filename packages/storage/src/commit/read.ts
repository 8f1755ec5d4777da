// Locks the chats of a group, then reads all that decides about it, in one view and few statements (RT12).
import type { ChatId, EpochName, GroupOperation, Operation, UserId } from '@skein/protocol'
import type { Session } from '../database.ts'
import { toEntry, toMessages } from '../rows.ts'
import { columns, type ChatsTable, type Engine } from '../schema.ts'
import { selectByKeys } from '../statements.ts'
import type { CommitItem } from '../types.ts'
import { keyOf, Messages, ownerKey, type Known } from './known.ts'

/** Locks the chats' rows in the order of their ids, which keeps two groups from waiting for each other. */
export async function lockChats(session: Session, ids: Iterable<ChatId>): Promise<Map<ChatId, ChatsTable>> {
  const [rows] = await session.lists(locking(session.engine, ids))
  return new Map(rows.map((row) => [row.id, row]))
}

function locking(engine: Engine, ids: Iterable<ChatId>) {
  const keys = [...new Set(ids)].sort().map((id) => [id] as const)
  // SQLite's transaction holds the only write lock already.
  return selectByKeys(engine, 'chats', columns.chats, ['id'], keys, engine === 'mysql' ? ' order by id for update' : '')
}

export const operationsOf = (item: CommitItem): { operation: Operation | GroupOperation; text: string }[] =>
  item.kind === 'update' ? item.operations : [{ operation: item.operation, text: item.text }]

const distinct = <Key extends readonly (string | number)[]>(keys: Key[]): Key[] => [...new Map(keys.map((key) => [keyOf(...key), key])).values()]

/** `locked` is called once the locks are held. */
export async function readKnown(session: Session, items: CommitItem[], locked: () => Promise<void> | void): Promise<Known> {
  const { engine } = session
  const known: Known = {
    chats: new Map(),
    members: new Map(),
    owners: new Map(),
    clientCounts: new Map(),
    operations: new Map(),
    messages: new Messages(),
  }

  const people = distinct(items.map((item) => [item.chatId, item.userId] as const))
  // Who may change a group depends on all who are in it.
  const groups = distinct(items.flatMap((item) => (item.kind === 'member' ? [[item.chatId] as const] : [])))
  const ids = distinct(items.flatMap((item) => operationsOf(item).map(({ operation }) => [item.chatId, operation.id, item.userId] as const)))
  const targets = distinct(
    items.flatMap((item) => operationsOf(item).flatMap(({ operation }) => ('target' in operation ? [[item.chatId, operation.target] as const] : []))),
  )
  const clients = distinct(
    items.flatMap((item) => (item.kind === 'update' ? item.clients.map((client) => [item.chatId, item.epoch, client] as const) : [])),
  )

  const lock = locking(
    engine,
    items.map((item) => item.chatId),
  )
  const reads = [
    selectByKeys(engine, 'chat_members', columns.chat_members, ['chat_id', 'user_id'], people),
    selectByKeys(engine, 'operations', columns.operations, ['chat_id', 'operation_id', 'author_id'], ids),
    selectByKeys(engine, 'client_ids', columns.client_ids, ['chat_id', 'epoch', 'client'], clients),
    selectByKeys(engine, 'operations', ['chat_id', 'seq'], ['chat_id', 'operation_id'], targets),
    selectByKeys(engine, 'chat_members', columns.chat_members, ['chat_id'], groups),
  ] as const
  const lockThenRead = async () => {
    const [chats] = await session.lists(lock)
    await locked()
    return [chats, ...(await session.lists(...reads))] as const
  }
  const readLocked = async () => {
    const rows = await session.lists(lock, ...reads)
    await locked()
    return rows
  }
  // Where the lock is a statement, what is read after it decides; SQLite's transaction holds the only lock there is, so that all is one message.
  const [chats, members, operations, owners, places, groupMembers] = await (engine === 'mysql' ? lockThenRead() : readLocked())
  // No accepted message has the seq 0.
  const made = places.filter(({ seq }) => seq > 0).map(({ chat_id, seq }) => [chat_id, seq] as const)
  const [messages, reactions] = await session.lists(
    selectByKeys(engine, 'messages', columns.messages, ['chat_id', 'seq'], made),
    selectByKeys(engine, 'reactions', columns.reactions, ['chat_id', 'seq'], made),
  )

  for (const row of chats) known.chats.set(row.id, row)
  for (const row of [...members, ...groupMembers]) known.members.set(keyOf(row.chat_id, row.user_id), row)
  for (const row of operations)
    known.operations.set(keyOf(row.chat_id, row.author_id, row.operation_id), { entry: toEntry(row), text: row.operation })
  for (const row of owners) known.owners.set(ownerKey(row.chat_id, row.epoch, row.client), row.user_id)
  // The lowest rev first, see Messages; a message's place by rev is its place by seq.
  messages.sort((a, b) => a.seq - b.seq)
  for (const row of messages) {
    const own = reactions.filter((reaction) => reaction.chat_id === row.chat_id && reaction.seq === row.seq)
    for (const message of toMessages([row], own)) known.messages.put(row.chat_id, message)
  }
  await countClients(session, engine, items, known)
  return known
}

/** Counts people's client ids where new ones come: rarely, since a client keeps its id while its page lives. */
async function countClients(session: Session, engine: Engine, items: CommitItem[], known: Known): Promise<void> {
  const keys: (readonly [ChatId, EpochName, UserId])[] = []
  for (const item of items) {
    if (item.kind !== 'update') continue
    if (item.clients.some((client) => !known.owners.has(ownerKey(item.chatId, item.epoch, client)))) keys.push([item.chatId, item.epoch, item.userId])
  }
  const [rows] = await session.lists(
    selectByKeys(engine, 'client_ids', ['chat_id', 'epoch', 'user_id'], ['chat_id', 'epoch', 'user_id'], distinct(keys)),
  )
  for (const row of rows) {
    const key = keyOf(row.chat_id, row.epoch, row.user_id)
    known.clientCounts.set(key, (known.clientCounts.get(key) ?? 0) + 1)
  }
}
