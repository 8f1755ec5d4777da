// The one door through which the chain's entries become rows: from the ledger of a live document and from pages of `changes` alike. Pure but for the rows it asks for.
import {
  anyOperation,
  fold,
  messageOf,
  messageOfErased,
  nextHead,
  operationHash,
  targetAuthor,
  type AnyOperation,
  type ChatId,
  type Entry,
  type Json,
  type MessageState,
  type OperationId,
  type Sha256,
  type UserId,
} from '@skein/protocol'
import type { ChangesAnswer } from '@skein/http/answers'
import { type ChatRow, type EntryRow, type EventRow, type MessageRow } from '../store/rows.ts'
import { startOf } from '../store/start-of.ts'
import { pinsAfter } from './pins.ts'
import { withSeq } from './ranges.ts'

/** Of what happened to a chat no more than this is kept. */
const MAX_EVENTS = 100

/** What happened to the chat, where it is to be shown. */
function eventOf({ rev, at, authorId }: Entry, operation: AnyOperation, afterSeq: number): EventRow | null {
  const event = { rev, afterSeq, at, by: authorId, user: null, title: null }
  switch (operation.type) {
    case 'create':
      return operation.kind === 'group' ? { ...event, kind: 'create' } : null
    case 'join':
    case 'leave':
      return { ...event, kind: operation.type, user: operation.user }
    case 'rename':
      return { ...event, kind: 'rename', title: operation.title }
    case 'picture':
    case 'restored':
    case 'pin':
      return operation.type === 'pin' && !operation.on ? null : { ...event, kind: operation.type }
    default:
      return null
  }
}

export interface HeldRows {
  message(author: UserId, id: OperationId): Promise<MessageRow | undefined>
  entry(rev: number): Promise<EntryRow | undefined>
}

export interface Ingested {
  chat: ChatRow
  messages: MessageRow[]
  entries: EntryRow[]
  /** One's own entries that are stored now. */
  named: Entry[]
}

/** An operation that this version does not know continues the chain as an erased one does, and changes nothing else (LED-5). */
export function understood(entry: ChangesAnswer['entries'][number], sha256: Sha256): Entry {
  const known = anyOperation.safeParse(entry.operation)
  if (known.success || entry.operation === null) return { ...entry, operation: known.data ?? null, hash: entry.hash ?? null }
  return { ...entry, operation: null, salt: null, hash: operationHash(entry.salt ?? '', entry.operation as { [key: string]: Json }, sha256) }
}

/** It calls the person by name. */
export const mentions = (message: Pick<MessageState, 'authorId' | 'mentions'>, self: UserId): boolean =>
  message.authorId !== self && message.mentions.includes(self)

const withChat = (chat: ChatId, state: MessageState): MessageRow => ({ ...state, chat })
export function withoutChat(row: MessageState & { chat?: ChatId }): MessageState {
  const { chat: _, ...state } = row
  return state
}

/**
 * Folds entries that continue the chain from the chat's position. 'gap': entries before these are missing; 'fork': the server shows another past than the one that is held.
 * What is known already is compared and skipped.
 */
export async function ingest(
  chat: ChatRow,
  self: UserId,
  entries: readonly Entry[],
  held: HeldRows,
  sha256: Sha256,
): Promise<Ingested | 'gap' | 'fork'> {
  let { rev, seq, head } = chat.position ?? startOf(chat.id, sha256)
  const known = rev
  const seen = chat.marks[self]?.[1] ?? 0
  const next: ChatRow = { ...chat }
  // From the chain's beginning nothing has been pinned before.
  if (known === 0) next.pins ??= { rev: 0, list: [] }
  if ((next.pins?.rev ?? 0) < known) delete next.pins
  const changed = new Map<string, MessageRow>()
  const result: Ingested = { chat: next, messages: [], entries: [], named: [] }

  async function rowOf(author: UserId, id: OperationId): Promise<MessageRow | undefined> {
    return changed.get(`${author}/${id}`) ?? (await held.message(author, id))
  }
  /** An operation that names no author means the message with the lowest rev. */
  async function targetOf(author: UserId | null, id: OperationId): Promise<MessageRow | undefined> {
    if (author) return rowOf(author, id)
    const rows = await Promise.all(next.members.map((member) => rowOf(member.id, id)))
    return rows.filter((row) => row !== undefined).sort((a, b) => a.seq - b.seq)[0]
  }
  function show(row: MessageRow): void {
    changed.set(`${row.authorId}/${row.id}`, row)
    if (!next.lastMessage || row.seq >= next.lastMessage.seq) next.lastMessage = withoutChat(row)
  }

  for (const entry of entries) {
    const { operation } = entry
    if (entry.rev <= known) {
      const before = await held.entry(entry.rev)
      if (before && (before.id !== entry.id || before.authorId !== entry.authorId || before.at !== entry.at || before.seq !== entry.seq))
        return 'fork'
      continue
    }
    if (entry.rev !== rev + 1) return 'gap'
    if (entry.seq !== 0 && entry.seq !== seq + 1) return 'fork'
    rev = entry.rev
    head = nextHead(head, entry, sha256)
    result.entries.push({ ...entry, chat: chat.id })
    if (entry.authorId === self) result.named.push(entry)
    if (entry.seq !== 0) {
      seq = entry.seq
      next.ranges = withSeq(next.ranges, seq)
      next.lastAt = Math.max(next.lastAt, entry.at)
      if (entry.authorId !== self) next.othersSeq = Math.max(next.othersSeq, seq)
      if (seq > next.countedTo) {
        next.countedTo = seq
        if (entry.authorId !== self && seq > seen) next.unread++
      }
    }
    if (entry.code) continue
    // A 'leave' says no more than what tells that they are out.
    if (operation?.type === 'join' && operation.user === self) next.turns = (next.turns ?? 0) + 1
    const event = operation && eventOf(entry, operation, seq)
    if (event) next.events = [...(next.events ?? []), event].slice(-MAX_EVENTS)
    if (!operation) {
      // Its words are erased; so are those of its edits, which name no message any more.
      if (entry.seq !== 0) show(withChat(chat.id, messageOfErased(entry)))
    } else if (operation.type === 'message') {
      const row = await rowOf(entry.authorId, entry.id)
      if (mentions({ authorId: entry.authorId, mentions: operation.mentions ?? [] }, self)) next.mentionSeq = entry.seq
      if (!row || row.rev < entry.rev) show(withChat(chat.id, messageOf(entry, operation)))
    } else if (operation.type === 'create') {
      if (next.title === null) next.title = operation.title
    } else if (operation.type === 'join') {
      const there = next.members.some(({ id }) => id === operation.user)
      if (there) continue
      next.members = [...next.members, { id: operation.user, name: '', mayInvite: false, mayRemove: false }].sort((a, b) => (a.id < b.id ? -1 : 1))
      // What came before is not unread for them. One's own mark comes with the server's count.
      const [delivered, seenByThem] = next.marks[operation.user] ?? [0, 0]
      if (operation.user !== self) next.marks = { ...next.marks, [operation.user]: [Math.max(delivered, seq), Math.max(seenByThem, seq)] }
    } else if (operation.type === 'leave') {
      next.members = next.members.filter(({ id }) => id !== operation.user)
    } else if (operation.type === 'may') {
      next.members = next.members.map((member) =>
        member.id === operation.user
          ? { ...member, mayInvite: operation.invite ?? member.mayInvite ?? false, mayRemove: operation.remove ?? member.mayRemove ?? false }
          : member,
      )
    } else if (operation.type === 'rename') {
      // What came back after a restore must not undo what was decided since.
      if (Date.parse(operation.at) < (next.titleAt ?? 0)) continue
      next.title = operation.title
      next.titleAt = Date.parse(operation.at)
    } else if (operation.type === 'picture') {
      if (Date.parse(operation.at) < (next.pictureAt ?? 0)) continue
      next.pictureUrl = operation.url
      next.pictureAt = Date.parse(operation.at)
    } else if ('target' in operation) {
      const row = await targetOf(targetAuthor(operation, entry.authorId), operation.target)
      const folded = row && fold(row, entry, operation)
      if (folded && folded !== row) show(withChat(chat.id, folded))
      if (next.pins) next.pins = pinsAfter(next.pins, entry, operation, folded && withoutChat(folded))
    }
  }
  if (next.pins) next.pins = { ...next.pins, rev: Math.max(next.pins.rev, rev) }
  next.position = { rev, seq, head }
  result.messages = [...changed.values()]
  return result
}
