// Decides a group, item by item, in order: what each one's outcome is, and what is to be written. No I/O: all it needs was read under the locks.
import {
  base64url,
  canonicalJson,
  fold,
  isGroupOperation,
  judge,
  MAX_CLIENT_IDS_PER_USER,
  MAX_RUN_BYTES,
  MAX_RUN_ENTRIES,
  messageOf,
  nextHead,
  tagBytes,
  targetAuthor,
  uuidOf,
  type ChatId,
  type GroupOperation,
  type CloseReason,
  type MessageState,
  type Operation,
  type UserId,
} from '@skein/protocol'
import { fromEntry } from '../rows.ts'
import type { ChatMembersTable, ChatsTable, ClientIdsTable, DeparturesTable, OperationsTable, UpdatesTable } from '../schema.ts'
import type { CommitItem, CommitOutcome, StoredEntry, StoragePorts } from '../types.ts'
import { inheritance, isIdle, memberAfter, present, refuse, withLooks } from './group.ts'
import { isMember, keyOf, ownerKey, type Known } from './known.ts'
import { addOwed, type Owed } from './owed.ts'
import { changePins } from './pins.ts'
import { operationsOf } from './read.ts'

export interface TouchedMessage {
  chatId: ChatId
  /** As it stood in the database; undefined when this group makes it. */
  before: MessageState | undefined
  after: MessageState
}

/** What stands around an entry's words when it is offered to a server that has lost it. */
const ENTRY_BYTES = 512
/** As much as a piece of a run may hold, and room for what stands around it. */
const MAX_UNTAGGED_BYTES = MAX_RUN_BYTES - 64 * 1024

export interface Decision {
  outcomes: CommitOutcome[]
  /** Chats whose counters moved. */
  chats: ChatsTable[]
  /** Who joined or left. */
  members: ChatMembersTable[]
  /** Chats with another title or picture, or other pinned messages. */
  looks: ChatsTable[]
  departures: DeparturesTable[]
  clients: ClientIdsTable[]
  operations: OperationsTable[]
  messages: TouchedMessage[]
  updates: UpdatesTable[]
  owed: Owed
  /** Chats that go on in a new epoch: somebody joined who must not see what this one holds (CHAT-9). */
  ends: ReadonlySet<ChatId>
}

export function decide(items: CommitItem[], known: Known, ports: StoragePorts): Decision {
  const now = ports.now()
  const changed = new Map<ChatId, ChatsTable>()
  const members = new Map<string, ChatMembersTable>()
  const looks = new Map<ChatId, ChatsTable>()
  const departures: DeparturesTable[] = []
  const ends = new Set<ChatId>()
  const clients: ClientIdsTable[] = []
  const operations: OperationsTable[] = []
  const touched = new Map<string, TouchedMessage>()
  const updates: UpdatesTable[] = []
  const owed: Owed = { edits: [], earlyEdits: [], deletions: [] }
  // One draw for all: on most platforms a draw costs more than its bytes.
  const salts = ports.randomBytes(16 * items.reduce((sum, item) => sum + operationsOf(item).length, 0))
  let salted = 0
  /** The newest entry of each chat that has no tag yet, with its row. */
  const newest = new Map<ChatId, { entry: StoredEntry; row: OperationsTable }>()
  function tagNewest(chatId: ChatId): void {
    const last = newest.get(chatId)
    if (!last) return
    last.entry.tag = last.row.tag = ports.tag(tagBytes(chatId, last.row.rev, last.row.head))
    newest.delete(chatId)
  }
  /** How much was stored of each chat since its last tag. */
  const untagged = new Map<ChatId, { entries: number; bytes: number }>()
  /** A device proves what it holds piece by piece, and each needs a tag (CHAIN-3). */
  function tagInTime(item: CommitItem): void {
    const added = operationsOf(item)
    const bytes = added.reduce((sum, { text }) => sum + ENTRY_BYTES + Buffer.byteLength(text), 0)
    const before = untagged.get(item.chatId) ?? { entries: 0, bytes: 0 }
    const isFull = before.entries + added.length >= MAX_RUN_ENTRIES || before.bytes + bytes > MAX_UNTAGGED_BYTES
    if (isFull) tagNewest(item.chatId)
    untagged.set(item.chatId, isFull ? { entries: added.length, bytes } : { entries: before.entries + added.length, bytes: before.bytes + bytes })
  }

  /** Of each chat by itself: a commit may hold changes of many groups, and each is read twice. */
  const inChats = new Map<ChatId, Map<UserId, ChatMembersTable>>()
  for (const member of known.members.values()) keepIn(member)
  function keepIn(member: ChatMembersTable): void {
    const inChat = inChats.get(member.chat_id) ?? new Map<UserId, ChatMembersTable>()
    inChats.set(member.chat_id, inChat.set(member.user_id, member))
  }
  const membersOf = (chat: ChatsTable): ChatMembersTable[] => present(inChats.get(chat.id)?.values() ?? [], chat)

  function touch(chatId: ChatId, after: MessageState): void {
    const key = keyOf(chatId, after.authorId, after.id)
    const before = touched.has(key) ? touched.get(key)?.before : known.messages.get(chatId, after.authorId, after.id)
    touched.set(key, { chatId, before, after })
    known.messages.put(chatId, after)
  }

  function change(chat: ChatsTable, operation: GroupOperation): void {
    if (operation.type === 'rename' || operation.type === 'picture') {
      looks.set(chat.id, withLooks(chat, operation))
      return
    }
    const key = keyOf(chat.id, operation.user)
    const after = memberAfter(operation, chat, known.members.get(key), chat.entry_at)
    if (!after) return
    known.members.set(key, after)
    keepIn(after)
    members.set(key, after)
    if (operation.type === 'join' && chat.from_joining === 1) ends.add(chat.id)
    if (operation.type === 'leave') departures.push({ at: now, chat_id: chat.id, user_id: operation.user })
  }

  /** A change of a group is decided now: of two decisions the later entry is the later one, whatever the clocks of those who asked. */
  function decided(chat: ChatsTable, operation: GroupOperation): { operation: GroupOperation; text: string } {
    const timed = { ...operation, at: new Date(Math.max(now, chat.entry_at)).toISOString() }
    return { operation: timed, text: canonicalJson(timed) }
  }

  function store(
    chat: ChatsTable,
    item: CommitItem,
    { operation, text }: { operation: Operation | GroupOperation; text: string },
    ownSalt?: Uint8Array,
  ): StoredEntry {
    const author = item.userId
    const target = 'target' in operation ? known.messages.get(chat.id, targetAuthor(operation, author), operation.target) : undefined
    const judged = isGroupOperation(operation) ? null : judge(operation, author, target)
    // An import brings what was taken once, before a reaction had to be one emoji (OP-5).
    const isImported = item.kind === 'operation' && item.at !== undefined
    const code = judged === 'no-emoji' && isImported ? null : judged
    const counts = operation.type === 'message' && code === null
    chat.rev += 1
    if (counts) chat.seq += 1
    chat.entry_at = Math.max((item.kind === 'operation' ? item.at : undefined) ?? now, chat.entry_at)
    const entry: StoredEntry = {
      rev: chat.rev,
      seq: counts ? chat.seq : 0,
      kind: operation.type,
      code,
      at: chat.entry_at,
      authorId: author,
      id: operation.id,
      salt: base64url(ownSalt ?? salts.subarray(16 * salted, 16 * ++salted)),
      tag: null,
      operation,
      hash: null,
      carried: item.kind !== 'update',
    }
    chat.head = nextHead(chat.head, entry, ports.sha256, text)
    if (operation.type === 'message' && counts) {
      chat.last_at = entry.at
      touch(chat.id, messageOf(entry, operation))
    } else if (isGroupOperation(operation)) {
      change(chat, operation)
    } else if (target && code === null) {
      touch(chat.id, fold(target, entry, operation))
      if (changePins(chat, operation, target)) looks.set(chat.id, chat)
    }
    addOwed(owed, chat.id, entry, target, now)
    const row = fromEntry(chat.id, entry, text, chat.head)
    operations.push(row)
    newest.set(chat.id, { entry, row })
    known.operations.set(keyOf(chat.id, author, operation.id), { entry, text })
    return entry
  }

  function accept(chat: ChatsTable, item: CommitItem): CommitOutcome {
    changed.set(chat.id, chat)
    chat.changed_at = Math.max(now, chat.changed_at)
    if (item.kind === 'update') {
      chat.pos += 1
      updates.push({ chat_id: chat.id, epoch: chat.epoch, pos: chat.pos, bytes: item.update })
      for (const client of new Set(item.clients)) {
        const key = ownerKey(chat.id, chat.epoch, client)
        if (known.owners.has(key)) continue
        known.owners.set(key, item.userId)
        clients.push({ chat_id: chat.id, epoch: chat.epoch, client, user_id: item.userId })
        const counter = keyOf(chat.id, chat.epoch, item.userId)
        known.clientCounts.set(counter, (known.clientCounts.get(counter) ?? 0) + 1)
      }
    }
    const entries: StoredEntry[] = []
    const repeated: StoredEntry[] = []
    for (const checked of operationsOf(item)) {
      const stored = known.operations.get(keyOf(chat.id, item.userId, checked.operation.id))
      const { operation } = checked
      if (stored) {
        repeated.push(stored.entry)
        continue
      }
      if (isGroupOperation(operation)) {
        const inIt = membersOf(chat)
        if (isIdle(operation, chat, inIt)) continue
        const heir = inheritance(operation, inIt, () => uuidOf(ports.randomBytes(16), 4))
        if (heir) entries.push(store(chat, item, decided(chat, heir), ports.randomBytes(16)))
        entries.push(store(chat, item, decided(chat, operation)))
      } else entries.push(store(chat, item, checked))
    }
    const { epoch, base_rev: baseRev, pos, rev, head } = chat
    return { ok: true, epoch, baseRev, pos, entries, repeated, rev, head }
  }

  const outcomes = items.map((item): CommitOutcome => {
    const chat = known.chats.get(item.chatId)
    if (!chat || !isMember(known, chat.id, item.userId)) return { ok: false, reason: 'no-access' }
    const reason = refusal(chat, item, known, membersOf)
    if (reason) return { ok: false, reason }
    tagInTime(item)
    return accept(chat, item)
  })
  for (const chatId of newest.keys()) tagNewest(chatId)
  return {
    outcomes,
    chats: [...changed.values()],
    members: [...members.values()],
    looks: [...looks.values()],
    departures,
    clients,
    operations,
    messages: [...touched.values()],
    updates,
    owed,
    ends,
  }
}

/** Why nothing of an item is stored; null when it is. */
function refusal(chat: ChatsTable, item: CommitItem, known: Known, membersOf: (chat: ChatsTable) => ChatMembersTable[]): CloseReason | null {
  if (item.kind === 'update') {
    if (item.epoch !== chat.epoch) return 'closed-epoch'
    const owners = [...new Set(item.clients)].map((client) => known.owners.get(ownerKey(chat.id, chat.epoch, client)))
    if (owners.some((owner) => owner !== undefined && owner !== item.userId)) return 'client-id-taken'
    const fresh = owners.filter((owner) => owner === undefined).length
    const owned = known.clientCounts.get(keyOf(chat.id, chat.epoch, item.userId)) ?? 0
    if (fresh > 0 && owned + fresh > MAX_CLIENT_IDS_PER_USER) return 'rebase'
  }
  if (item.kind === 'member') {
    // A direct chat is its two people's for ever.
    const reason = chat.kind === 'group' ? refuse(item.operation, item.userId, membersOf(chat)) : 'bad-operation'
    return reason
  }
  const texts = new Map<string, string>()
  for (const { operation, text } of operationsOf(item)) {
    const before = known.operations.get(keyOf(chat.id, item.userId, operation.id))
    const stored = before?.text ?? texts.get(operation.id)
    // An erased operation has no text any more: the id alone says that it was stored.
    if (stored !== undefined && stored !== text) return 'id-taken'
    texts.set(operation.id, text)
    // Said again in a later document, it would be shown to who joined in between (CHAT-9). In the next one its device asks first.
    if (item.kind === 'update' && chat.from_joining === 1 && before && before.entry.rev <= chat.base_rev) return 'rebase'
    // Nothing new is said between two of whom one has blocked the other; what was said may still be taken back.
    if (chat.blocked === 1 && stored === undefined && operation.type !== 'delete') return 'blocked'
  }
  return null
}
