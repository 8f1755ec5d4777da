// What the local store holds, table by table. Plain JSON; one store for each person.
import {
  type ChatId,
  type Entry,
  type Head,
  type MessageState,
  type Operation,
  type OperationId,
  type Pin,
  type Run,
  type UserId,
} from '@skein/protocol'
import type { OutboxState } from '../outbox/outbox.ts'

/** Of the tables, and of what tabs say to each other: raised when an older program could not go on beside a newer one. */
export const STORE_VERSION = 2

export type Marks = [delivered: number, seen: number]

/** A place in a chat's chain. */
export interface Position {
  rev: number
  seq: number
  head: Head
}

export interface Member {
  id: UserId
  name: string
  mayInvite?: boolean
  mayRemove?: boolean
}

export interface Mine {
  mutedUntil: number | null
  pinned: boolean
  archived: boolean
  /** Typed and not sent. */
  draft: string
  /** The seq above which the person wants to have it unread, though they have seen it; null: they do not. */
  unreadAfter: number | null
  /** The seqs that the person has hidden from themselves, ascending. */
  hidden: readonly number[]
  /** By the server's clock, in milliseconds; 0: never. */
  changedAt: number
}

/** What a person can want of a chat. */
export type Arranged = Omit<Mine, 'changedAt'>

/** Of one thing: what the person wants, and what the server held when they did; `sent`: what may be on its way to it. */
export interface Wish<T = number | boolean | string | null> {
  is: T
  was: T
  /** By this device's clock, in milliseconds. */
  at: number
  sent?: T
}
export interface Wishes {
  mutedUntil?: Wish<number | null>
  pinned?: Wish<boolean>
  archived?: Wish<boolean>
  draft?: Wish<string>
  unreadAfter?: Wish<number | null>
  /** By seq, each by itself: true: hide it, false: show it again. What other devices decided of other messages stands beside it. */
  hidden?: Record<string, boolean>
}

export const NOT_ARRANGED: Mine = { mutedUntil: null, pinned: false, archived: false, draft: '', unreadAfter: null, hidden: [], changedAt: 0 }
/** The later of the two: an answer may be older than what was told meanwhile. */
export const laterMine = (held: Mine, told: Mine): Mine => (held.changedAt > told.changedAt ? held : told)
/** Rows of older programs have neither draft nor `unreadAfter` nor `hidden`. */
export const mineOfRow = ({ mine }: Pick<ChatRow, 'mine'>): Mine => ({ ...NOT_ARRANGED, ...mine })

/** A pinned message. `state` null: this person does not see it; absent: its words are to be asked for. */
export interface PinRow extends Pin {
  state?: MessageState | null
}
export interface Pins {
  /** Up to here the chain is counted in. */
  rev: number
  /** The first pinned first. */
  list: readonly PinRow[]
}

export interface ChatRow {
  id: ChatId
  /** Raised by each write, so that two tabs cannot overwrite each other's changes. */
  version: number
  kind: 'direct' | 'group'
  title: string | null
  members: Member[]
  /** When title and picture were decided, in milliseconds, as far as this device has read it. */
  titleAt?: number
  pictureUrl?: string | null
  pictureAt?: number
  /** What the person wants of the chat, as the server knows it; nothing when absent. */
  mine?: Mine
  /** What they want since, and the server was not told yet. */
  wishes?: Wishes
  /** Name of the current document; null while the server does not know the chat. */
  document: string | null
  /** Which local copy of the document: raised by each rebase. */
  n: number
  /** Up to here the chain's entries are in the rows; null before the first word from the server. */
  position: Position | null
  /** Where the run of entries begins that ends at `position`: everything between the two is held. Absent: at the chat's beginning. */
  runStart?: Position
  /** What this person sees lies above this seq; 0 when absent. */
  historyFrom?: number
  /** What a group shows to whoever joins; everything when absent. */
  history?: 'all' | 'joined'
  /** Ranges of seq that are held as message rows, ascending, apart from each other. */
  ranges: [from: number, to: number][]
  markPos: number
  /** How much of the server's list of erased entries was taken out of the rows; nothing when absent. */
  erasedPos?: number
  marks: Record<UserId, Marks>
  lastMessage: MessageState | null
  /** Absent: not known yet, as of rows of older programs. */
  pins?: Pins
  /** Milliseconds; of the last message, else of when the chat was first seen. */
  lastAt: number
  /** Messages of others above one's own seen mark, counted up to seq `countedTo`. */
  unread: number
  countedTo: number
  /** false: not all rows that it takes are held; `unread` is no more than there can be, until the server has counted. */
  exact: boolean
  /** The greatest seq of a message of somebody else that this device holds: what it owes a receipt for. */
  othersSeq: number
  /** The greatest seq of a message of somebody else that mentions the person. */
  mentionSeq?: number
  /** About how much of it is held, message rows and entries, in bytes. */
  bytes: number
  /** When the person last opened it, in milliseconds; 0: never. */
  openedAt: number
  /** Whether all of it stays on this device; 'over-budget': it should, and there is no room. */
  kept: 'no' | 'yes' | 'over-budget'
  removed: boolean
  /** Moves with each word of the server's that this person is out of the chat, and with each that they came in again; 0 when absent. What was asked for at another count is told from before. */
  turns?: number
  /** The server showed another past than the one held here, or knows nothing of the chat: nothing of it is synced until it is healed. */
  forked: boolean
  /** Raised whenever rows of a lost branch were taken away: what shows them begins anew. */
  cuts?: number
  /** What happened to the chat beside its messages, as far as this device was there: the last of it, in order. */
  events?: EventRow[]
  /** Words that this device can prove and that the server has lacked for a day. */
  missing?: number
}

/** An entry of the chain that is shown as a line between messages. */
export interface EventRow {
  rev: number
  /** Behind which message it stands. */
  afterSeq: number
  /** Milliseconds. */
  at: number
  kind: 'create' | 'join' | 'leave' | 'rename' | 'picture' | 'restored' | 'pin'
  by: UserId
  /** Who joined or left. */
  user: UserId | null
  /** Of `rename`: the group's name since then; null: none. */
  title: string | null
}

/** What rows of older programs lack. */
export const NEW_IN_CHATS = { exact: false, bytes: 0, openedAt: 0, kept: 'no' } as const

/** A row for a chat that only this device knows of. */
export function newChatRow(id: ChatId, members: { id: UserId; name: string }[], lastAt: number): ChatRow {
  return {
    id,
    version: 0,
    kind: 'direct',
    title: null,
    members,
    document: null,
    n: 0,
    position: null,
    ranges: [],
    markPos: 0,
    marks: {},
    lastMessage: null,
    lastAt,
    unread: 0,
    countedTo: 0,
    exact: true,
    othersSeq: 0,
    bytes: 0,
    openedAt: 0,
    kept: 'no',
    removed: false,
    forked: false,
  }
}

/** Of a chat whose story is not on this disk, enough for words to wait in it: the server tells the rest, or that this person is no longer in it. */
export function bareChatRow(row: ChatRow): ChatRow {
  const { id, kind, title, members, document, n, position, lastAt, removed, turns = 0 } = row
  if (document === null) return row
  // A local copy of the document that nobody has used: another may hold what was taken back.
  const bare: ChatRow = { ...newChatRow(id, members, lastAt), kind, title, document, n: n + 1, removed, turns }
  return position ? { ...bare, position, runStart: position, exact: false } : bare
}

export interface PersonRow {
  id: UserId
  name: string
  avatarUrl: string | null
  lastSeenAt: number | null
}

export type MessageRow = MessageState & { chat: ChatId }

/** A link of the chain, kept for healing and for comparing. */
export type EntryRow = Entry & { chat: ChatId }

export interface OutboxRow {
  id: OperationId
  chat: ChatId
  /** The order in which the person wrote. */
  order: number
  operation: Operation
  state: OutboxState
  createdAt: number
  /** For so many milliseconds after `createdAt` it stays on this device, so that it can be taken back. */
  heldMs?: number
  /** Random, and never sent: with it the id under which this is sent again tells nothing of its words, also once they are erased. Rows of earlier versions have none. */
  secret?: string
}

/** One's own marks on the way to the server. */
export interface MarkRow {
  chat: ChatId
  marks: Marks
}

/** A piece of a lost branch that the server has not taken whole: it is offered again. */
export interface ProofRow {
  chat: ChatId
  run: Run
  /** When the server was first seen without it, in milliseconds. */
  since: number
  /** Revs, in the run, of what is not stored. */
  missing: number[]
}

/** A live document's database, so that it can be deleted when done with (I5). */
export interface DocumentRow {
  name: string
  chat: ChatId
}

export interface MetaRow {
  key: string
  value: string
}

export interface Tables {
  meta: MetaRow
  people: PersonRow
  chats: ChatRow
  messages: MessageRow
  entries: EntryRow
  outbox: OutboxRow
  marks: MarkRow
  documents: DocumentRow
  proofs: ProofRow
}
export type TableName = keyof Tables
export const TABLES = ['meta', 'people', 'chats', 'messages', 'entries', 'outbox', 'marks', 'documents', 'proofs'] as const satisfies TableName[]

/** What a row takes beside its JSON: keys and index. */
const ROW_BYTES = 200
/** About what rows take on the disk. */
export const sizeOf = (rows: readonly object[]): number => rows.reduce((sum, row) => sum + JSON.stringify(row).length + ROW_BYTES, 0)

export const messageKey = (chat: ChatId, author: UserId, id: OperationId): string => `${chat}/${author}/${id}`

export const proofKey = ({ chat, run }: ProofRow): string => `${chat}/${run.start.rev}/${run.start.head}`

/** Where a row stands in its table: its key, and for tables that are read in order, the group and place. */
export function placeOf<T extends TableName>(table: T, row: Tables[T]): { key: string; group: string; order: number }
export function placeOf(table: TableName, row: Tables[TableName]): { key: string; group: string; order: number } {
  if (table === 'messages') {
    const { chat, authorId, id, seq } = row as MessageRow
    return { key: messageKey(chat, authorId, id), group: chat, order: seq }
  }
  if (table === 'entries') {
    const { chat, rev } = row as EntryRow
    return { key: `${chat}/${rev}`, group: chat, order: rev }
  }
  if (table === 'outbox') {
    const { id, chat, order } = row as OutboxRow
    return { key: id, group: chat, order }
  }
  if (table === 'proofs') {
    const { chat, run } = row as ProofRow
    return { key: proofKey(row as ProofRow), group: chat, order: run.start.rev }
  }
  const { id, key, name, chat } = row as Partial<ChatRow & MetaRow & DocumentRow & MarkRow>
  return { key: (table === 'meta' ? key : table === 'documents' ? name : table === 'marks' ? chat : id) ?? '', group: '', order: 0 }
}

/** About what is held of all chats, in bytes. */
export const usedBytes = (chats: ReadonlyMap<ChatId, ChatRow>): number => {
  let sum = 0
  for (const { bytes } of chats.values()) sum += bytes
  return sum
}
