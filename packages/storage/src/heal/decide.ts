// Decides where the entries of a proven run go: to their old places where the chain stands just before them, else behind what is there (SPEC, rules HEAL-…). No I/O.
import {
  type AnyOperation,
  base64url,
  canonicalJson,
  eraseEntry,
  fold,
  journalKey,
  messageOf,
  messageOfErased,
  nextHead,
  restoredId,
  tagBytes,
  targetAuthor,
  type Entry,
  type Proof,
  type ServerOperation,
  type UserId,
} from '@skein/protocol'
import { memberAfter, present, withAbilities, withLooks } from '../commit/group.ts'
import { keyOf } from '../commit/known.ts'
import { addOwed, type Owed } from '../commit/owed.ts'
import { changePins } from '../commit/pins.ts'
import type { TouchedMessage } from '../commit/decide.ts'
import { founder } from '../new-chat.ts'
import { fromEntry } from '../rows.ts'
import type { ChatMembersTable, ChatsTable, OperationsTable } from '../schema.ts'
import type { StoragePorts, StoredEntry } from '../types.ts'
import { withHeirs } from './heirs.ts'
import { peopleOf, type HealKnown, type Place } from './read.ts'

export interface Healing {
  /** What the run and the chain have in common now. */
  common: Place | null
  placed: StoredEntry[]
  entered: StoredEntry[]
  operations: OperationsTable[]
  messages: TouchedMessage[]
  owed: Owed
  /** Entries that came back, or were taken, without their words. */
  erased: StoredEntry[]
  members: ChatMembersTable[]
  /** Keys, for the journal, of what is proved to have been deleted: it stays so, also where the message itself comes back later. */
  gone: string[]
}

/** Moves `chat` on as the entries are stored. */
export function decideHealing(chat: ChatsTable, user: UserId, proof: Proof, known: HealKnown, ports: StoragePorts): Healing {
  const { journal, sha256 } = ports
  const now = ports.now()
  const { common, stored } = known
  const deleted = deletions(proof.entries)
  const healing: Healing = {
    common,
    placed: [],
    entered: [],
    operations: [],
    messages: [],
    owed: { edits: [], earlyEdits: [], deletions: [] },
    erased: [],
    members: [],
    gone: [],
  }
  const touched = new Map<string, TouchedMessage>()
  const members = new Map<UserId, ChatMembersTable>()
  const keyInJournal = ({ authorId, id }: Pick<Entry, 'authorId' | 'id'>): string => journalKey(chat.id, authorId, id, sha256)
  const isJournaled = (entry: Pick<Entry, 'authorId' | 'id'>): boolean => journal?.has(keyInJournal(entry)) ?? false
  const isDeleted = new Set(deleted.map(({ authorId, id }) => keyOf(authorId, id)))
  healing.gone.push(...deleted.map(keyInJournal))
  const telling = restoredId(chat.id, known.fork, sha256)
  const tells = ({ kind, id }: Entry): boolean => kind === 'restored' && id === telling
  let { isTold } = known
  /** The chain stands just before the next entry, as far as nothing was in its way. */
  let isInPlace = common !== null && common.rev === chat.rev && common.head === chat.head

  const targetOf = ({ operation, authorId }: Entry) =>
    operation && 'target' in operation ? known.messages.get(chat.id, targetAuthor(operation, authorId), operation.target) : undefined

  const isEditOfDeleted = (entry: Entry, operation: Extract<AnyOperation, { type: 'edit' }>): boolean =>
    targetAuthor(operation, entry.authorId) === entry.authorId &&
    (entry.code === 'deleted' || (targetOf(entry)?.deletedAt ?? null) !== null || isJournaled({ authorId: entry.authorId, id: operation.target }))
  /** Without its words, where these were deleted since. */
  function forgotten(entry: Entry): Entry {
    const { operation } = entry
    if (operation === null) return entry
    const isGone = isJournaled(entry) || (operation.type === 'edit' && isEditOfDeleted(entry, operation))
    if (!isGone) return entry
    healing.gone.push(keyInJournal(entry))
    return eraseEntry(entry, sha256)
  }
  /** Whoever takes the words off somebody else's entry must not silence them so. */
  const isErasedForAReason = (entry: Entry): boolean => journal === null || isJournaled(entry) || isDeleted.has(keyOf(entry.authorId, entry.id))

  function touch(after: TouchedMessage['after']): void {
    const key = keyOf(after.authorId, after.id)
    const before = touched.has(key) ? touched.get(key)?.before : known.messages.get(chat.id, after.authorId, after.id)
    touched.set(key, { chatId: chat.id, before, after })
    known.messages.put(chat.id, after)
  }

  /** The later decision holds, by the server's time then: what came back must not undo what was decided since. */
  function decideMembers(entry: StoredEntry): void {
    const { operation, authorId } = entry
    if (!operation || entry.code !== null) return
    const at = Date.parse(operation.at)
    if (operation.type === 'rename' || operation.type === 'picture') {
      if (at >= (operation.type === 'rename' ? chat.title_at : chat.picture_at)) withLooks(chat, operation)
      return
    }
    const set = (member: ChatMembersTable): void => {
      known.members.set(member.user_id, member)
      members.set(member.user_id, member)
    }
    if (operation.type === 'may') {
      const before = known.members.get(operation.user)
      if (before?.left_rev === null) set(withAbilities(before, operation, at))
      return
    }
    for (const person of peopleOf(entry)) {
      if ((known.decidedAt.get(person) ?? 0) > at) continue
      known.decidedAt.set(person, at)
      const before = known.members.get(person)
      const change = { type: operation.type === 'leave' ? 'leave' : 'join', user: person, id: operation.id, at: operation.at } as const
      if ((before?.left_rev === null) === (change.type === 'join')) continue
      const after = memberAfter(change, chat, before, now)
      if (after) set(operation.type === 'create' && person === authorId && chat.kind === 'group' ? { ...after, ...founder(at) } : after)
    }
  }

  function store(entry: StoredEntry): void {
    chat.rev = entry.rev
    if (entry.seq > 0) chat.seq = entry.seq
    chat.entry_at = entry.at
    chat.head = nextHead(chat.head, entry, sha256)
    const { operation } = entry
    healing.operations.push(fromEntry(chat.id, entry, operation && canonicalJson(operation), chat.head))
    stored.add(keyOf(entry.authorId, entry.id))
    isTold ||= tells(entry)
    const target = targetOf(entry)
    if (entry.kind === 'message' && entry.code === null) {
      chat.last_at = Math.max(chat.last_at, entry.at)
      touch(operation?.type === 'message' ? messageOf(entry, operation) : messageOfErased(entry))
    } else if (target && operation && 'target' in operation && entry.code === null) {
      touch(fold(target, entry, operation))
      changePins(chat, operation, target)
    }
    if (operation === null) healing.erased.push(entry)
    // What was refused before it came, since it was not there, may still hold words of it.
    if (operation === null && entry.seq > 0) healing.owed.deletions.push({ chat_id: chat.id, seq: entry.seq, at: now })
    addOwed(healing.owed, chat.id, entry, target, now)
    decideMembers(entry)
  }

  function tagNewest(): void {
    const newest = healing.operations.at(-1)
    if (newest) newest.tag = ports.tag(tagBytes(chat.id, newest.rev, newest.head))
  }

  /** As a new entry, with the id, author, words and verdict that it had. */
  function enter(entry: Entry): void {
    // A run from after an earlier healing of this fork tells of it by itself.
    if (!isTold && !tells(entry)) {
      store(restored())
      tagNewest()
    }
    const at = Math.max(chat.entry_at, entry.at)
    const next: StoredEntry = { ...entry, rev: chat.rev + 1, seq: entry.seq > 0 ? chat.seq + 1 : 0, at, tag: null, carried: true }
    store(next)
    healing.entered.push(next)
  }
  /** The entry that tells of the fork. */
  function restored(): StoredEntry {
    const operation: ServerOperation = {
      type: 'restored',
      id: telling,
      at: new Date(now).toISOString(),
      rev: known.fork,
    }
    return {
      rev: chat.rev + 1,
      seq: 0,
      kind: 'restored',
      code: null,
      at: Math.max(now, chat.entry_at),
      authorId: user,
      id: operation.id,
      salt: base64url(ports.randomBytes(16)),
      tag: null,
      operation,
      hash: null,
      carried: true,
    }
  }

  for (const offered of proof.entries) {
    if ((common && offered.rev <= common.rev) || (!isInPlace && stored.has(keyOf(offered.authorId, offered.id)))) continue
    if (!isInPlace && isTold && tells(offered)) {
      stored.add(keyOf(offered.authorId, offered.id))
      continue
    }
    const entry = forgotten(offered)
    if (offered.operation === null && !isErasedForAReason(offered)) isInPlace = false
    else if (isInPlace) {
      const placed: StoredEntry = { ...entry, carried: true }
      store(placed)
      healing.placed.push(placed)
      healing.common = { rev: chat.rev, head: chat.head }
    } else if (entry.operation === null || !('target' in entry.operation) || entry.code !== null || targetOf(entry)) enter(entry)
  }
  tagNewest()
  healing.messages = [...touched.values()]
  if (chat.kind === 'group' && healing.operations.length > 0)
    for (const member of withHeirs(present(known.members.values(), chat))) members.set(member.user_id, member)
  healing.members = [...members.values()]
  return healing
}

/** The messages that accepted entries delete, by author and id. */
function deletions(entries: readonly Entry[]): Pick<Entry, 'authorId' | 'id'>[] {
  return entries.flatMap(({ operation, code, authorId }) => {
    const author = operation?.type === 'delete' && code === null ? targetAuthor(operation, authorId) : null
    return author && operation?.type === 'delete' ? [{ authorId: author, id: operation.target }] : []
  })
}
