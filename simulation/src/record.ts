// What the database has committed, followed from outside: after each COMMIT the chain is checked link by link, and nothing that was there may change.
import {
  genesisHead,
  nextHead,
  tagBytes,
  targetAuthor,
  type AnyOperation,
  type ChatId,
  type Entry,
  type Head,
  type OperationId,
  type OperationKind,
  type RefusalCode,
  type UserId,
} from '@skein/protocol'
import type { DatabaseMachine } from './database.ts'
import { EpochLogs, type ChatNow } from './epoch-logs.ts'
import { chainKey, sha256 } from './server-node.ts'

/** What no check lets through. */
export const FORGED = 'forged'

/** A message as it was after one of its revs. */
export interface MessageAt {
  rev: number
  text: string
  deleted: boolean
  /** `emoji user`, sorted. */
  reactions: string[]
}

export interface ChatRecord {
  id: ChatId
  rev: number
  seq: number
  at: number
  /** By rev, from 0. */
  heads: Head[]
  entries: (Entry & { text: string | null })[]
  /** By `author/id`. */
  places: Map<string, number>
  /** By `author/id`: each state, by rising rev. */
  messages: Map<string, MessageAt[]>
  /** `author/id` of the accepted messages, by seq from 1. */
  order: string[]
  /** `author/id` of what is pinned, the first pinned first. */
  pins: string[]
  marks: Map<UserId, [number, number]>
  epoch: string
  epochs: number
  /** Who is in it where the chain ends. */
  members: Set<UserId>
  /** A direct chat whose two are apart. */
  blocked: boolean
}

interface ChatRowNow extends ChatNow {
  blocked: number
  rev: number
  seq: number
  head: Head
}
interface OperationRow {
  rev: number
  seq: number
  kind: OperationKind
  code: RefusalCode | null
  at: number
  author_id: UserId
  operation_id: OperationId
  salt: string | null
  tag: string | null
  operation: string | null
  hash: string | null
  head: Head
}

export class Record {
  readonly chats = new Map<ChatId, ChatRecord>()
  /** Every id that is stored, by chat: for acknowledgements. */
  readonly stored = new Set<string>()
  readonly #machine: DatabaseMachine
  readonly #broken: (promise: string, what: string) => void
  readonly #members = new Set<string>()
  /** When somebody was seen to be a member no more, by `chat user`; a member's is null. */
  readonly #leftAt = new Map<string, number | null>()
  /** When somebody who had left was seen to be back. */
  readonly #backAt = new Map<string, number>()
  /** A chat whose past a restore lost: what comes back to it keeps its old time and verdict. */
  isApart: (chat: ChatId) => boolean = () => false
  /** The deletion journal knows it. */
  isJournaled: (chat: ChatId, author: UserId, id: OperationId) => boolean = () => false
  /** A device's disk may have forgotten that a word was stored: it offers it again. */
  mayForget: () => boolean = () => false
  /** Called when a chat has another epoch than before. */
  epochMoved: () => void = () => {}
  commits = 0
  operations = 0

  readonly #now: () => number
  readonly #logs: EpochLogs
  /** What a restored database has is read. */
  #isRereading = false

  constructor(machine: DatabaseMachine, now: () => number, broken: (promise: string, what: string) => void) {
    this.#machine = machine
    this.#now = now
    this.#broken = broken
    this.#logs = new EpochLogs(machine, broken)
  }

  /** Reads what the last COMMIT added. */
  follow(): void {
    this.commits++
    const { database } = this.#machine
    const rows = database.prepare('select id, epoch, base_rev, pos, rev, seq, head, blocked from chats order by id').all() as unknown as ChatRowNow[]
    for (const row of rows) {
      this.#chat(row)
      const chat = this.chats.get(row.id)
      if (chat) chat.blocked = row.blocked === 1
      const places = this.isApart(row.id) || this.mayForget() ? null : chat?.places
      this.#logs.follow(row, places ? (key) => places.get(key) : null)
    }
    this.#marks()
  }

  /** The database is an older one now: what it does not have is forgotten here too. Gives back the entries that went. */
  rewind(): Map<ChatId, ChatRecord> {
    const before = new Map(this.chats)
    this.chats.clear()
    this.stored.clear()
    this.#logs.forget()
    this.#isRereading = true
    this.follow()
    this.#isRereading = false
    // Whoever still knows of a deletion brings it back; till then, and where nobody does, the journal knows (HEAL-9).
    for (const { id: chat, messages } of this.chats.values()) {
      for (const [key, states] of messages) {
        const [author, id] = key.split('/') as [UserId, OperationId]
        const last = states.at(-1)
        if (last?.deleted === false && this.isJournaled(chat, author, id)) states.push({ rev: last.rev, text: '', deleted: true, reactions: [] })
      }
    }
    return before
  }

  isMember(chat: ChatId, user: UserId): boolean {
    return this.#members.has(`${chat} ${user}`)
  }

  /** How long ago they were taken out of the chat, in milliseconds; null for members, Infinity for who never was one. */
  sinceLeft(chat: ChatId, user: UserId): number | null {
    const at = this.#leftAt.get(`${chat} ${user}`)
    return at === undefined ? Infinity : at === null ? null : this.#now() - at
  }

  /** Were they ever taken out of the chat? */
  hasLeft(chat: ChatId, user: UserId): boolean {
    const key = `${chat} ${user}`
    return this.#backAt.has(key) || typeof this.#leftAt.get(key) === 'number'
  }

  /** Up to which rev a member sees nothing (CHAT-9). */
  unseenBy(chat: ChatId, user: UserId): number {
    const row = this.#machine.database.prepare('select from_rev from chat_members where chat_id = ? and user_id = ?').get(chat, user)
    return Number(row?.['from_rev'] ?? 0)
  }

  /** For how long they have been a member without a break, in milliseconds; 0 for who is none. */
  memberFor(chat: ChatId, user: UserId): number {
    if (this.sinceLeft(chat, user) !== null) return 0
    return this.#now() - (this.#backAt.get(`${chat} ${user}`) ?? -Infinity)
  }

  /** Compares every row with what was read when it was committed. */
  audit(): void {
    const { database } = this.#machine
    for (const chat of this.chats.values()) {
      const rows = database.prepare('select rev, head, operation_id, author_id from operations where chat_id = ? order by rev').all(chat.id)
      if (rows.length !== chat.rev) this.#broken('promise 2', `${chat.id} has ${rows.length} entries of ${chat.rev}`)
      rows.forEach((row, i) => {
        const entry = chat.entries[i]
        if (row['rev'] !== i + 1 || row['head'] !== chat.heads[i + 1] || row['operation_id'] !== entry?.id || row['author_id'] !== entry?.authorId)
          this.#broken('promise 2', `${chat.id}: entry ${i + 1} is another than was committed`)
      })
      const kept = String(database.prepare('select pins from chats where id = ?').get(chat.id)?.['pins'] ?? '[]')
      const pins = (JSON.parse(kept) as { authorId: string; id: string }[]).map(({ authorId, id }) => `${authorId}/${id}`)
      if (pins.join() !== chat.pins.join()) this.#broken('PIN-1', `${chat.id} has pinned ${pins.join()}, and should have ${chat.pins.join()}`)
      const messages = database
        .prepare('select seq, operation_id, author_id, rev, text, deleted_at from messages where chat_id = ? order by seq')
        .all(chat.id)
      if (messages.length !== chat.seq) this.#broken('promise 4', `${chat.id} has ${messages.length} messages of ${chat.seq}`)
      messages.forEach((row, i) => {
        const key = `${String(row['author_id'])}/${String(row['operation_id'])}`
        if (row['seq'] !== i + 1 || key !== chat.order[i])
          this.#broken('promise 4', `${chat.id}: message ${i + 1} is ${key}, and should be ${chat.order[i]}`)
        const state = chat.messages.get(key)?.at(-1)
        const deleted = row['deleted_at'] !== null
        if (state && (state.deleted !== deleted || (state.text !== row['text'] && !deleted)))
          this.#broken('promise 4', `${chat.id}: message ${i + 1} reads "${String(row['text'])}", and should read "${state.text}"`)
      })
    }
  }

  #chat(row: ChatRowNow): void {
    let chat = this.chats.get(row.id)
    if (!chat) {
      chat = {
        id: row.id,
        rev: 0,
        seq: 0,
        at: 0,
        heads: [genesisHead(row.id, sha256)],
        entries: [],
        places: new Map(),
        messages: new Map(),
        order: [],
        pins: [],
        marks: new Map(),
        epoch: row.epoch,
        epochs: 1,
        members: new Set(),
        blocked: false,
      }
      this.chats.set(row.id, chat)
    }
    if (row.epoch !== chat.epoch) {
      chat.epoch = row.epoch
      chat.epochs++
      this.epochMoved()
    }
    if (row.rev === chat.rev) {
      if (row.head !== chat.heads[chat.rev]) this.#broken('promise 2', `the head of ${row.id} at rev ${row.rev} changed`)
      return
    }
    if (row.rev < chat.rev) return this.#broken('promise 2', `${row.id} went back from rev ${chat.rev} to ${row.rev}`)
    const rows = this.#machine.database
      .prepare(
        'select rev, seq, kind, code, at, author_id, operation_id, salt, tag, operation, hash, head from operations where chat_id = ? and rev > ? order by rev',
      )
      .all(row.id, chat.rev) as unknown as OperationRow[]
    for (const operation of rows) this.#link(chat, operation)
    if (chat.rev !== row.rev) this.#broken('promise 4', `${row.id} claims rev ${row.rev} and has entries up to ${chat.rev}`)
    if (chat.seq !== row.seq) this.#broken('promise 4', `${row.id} claims seq ${row.seq} and has messages up to ${chat.seq}`)
    if (chat.heads[chat.rev] !== row.head) this.#broken('CHAIN-2', `${row.id}: the chat's head is not that of its last entry`)
    const last = rows.at(-1)
    if (!last?.tag || !chainKey.verifyTag(tagBytes(row.id, last.rev, last.head), last.tag))
      this.#broken('CHAIN-3', `${row.id}: the last entry of the commit, rev ${last?.rev}, has no good tag`)
  }

  #link(chat: ChatRecord, row: OperationRow): void {
    this.operations++
    if (row.operation?.includes(`"text":"${FORGED}"`)) this.#broken('promise 3', `${chat.id}: a forged operation is stored at rev ${row.rev}`)
    const { rev, seq, kind, code, at, salt, tag, hash } = row
    if (rev !== chat.rev + 1) this.#broken('promise 4', `${chat.id}: rev ${rev} follows ${chat.rev}`)
    if (seq !== 0 && seq !== chat.seq + 1) this.#broken('promise 4', `${chat.id}: seq ${seq} follows ${chat.seq}`)
    if (at < chat.at && !this.isApart(chat.id)) this.#broken('LED-4', `${chat.id}: the time went back at rev ${rev}`)
    const operation = row.operation === null ? null : (JSON.parse(row.operation) as AnyOperation)
    const entry: Entry = { rev, seq, kind, code, at, authorId: row.author_id, id: row.operation_id, salt, tag, operation, hash }
    const head = nextHead(chat.heads[chat.rev] ?? row.head, entry, sha256)
    if (head !== row.head) this.#broken('CHAIN-2', `${chat.id}: the head at rev ${rev} does not continue the chain`)
    const key = `${entry.authorId}/${entry.id}`
    if (chat.places.has(key)) this.#broken('promise 4', `${chat.id}: ${key} is stored twice, at ${chat.places.get(key)} and ${rev}`)
    chat.places.set(key, rev)
    chat.heads[rev] = row.head
    chat.entries.push({ ...entry, text: row.operation })
    chat.rev = rev
    chat.at = at
    this.stored.add(`${chat.id}/${entry.id}`)
    this.#mayStand(chat, entry)
    if (operation) this.#fold(chat, entry, operation, key)
    // It came back without its words, which the journal knows to be deleted.
    else if (kind === 'message' && code === null) this.#place(chat, seq, key, { rev, text: '', deleted: true, reactions: [] })
  }

  /** Only members write, in the order of the chain; and what the journal knows has no words any more. */
  #mayStand(chat: ChatRecord, { rev, kind, code, authorId, id, operation }: Entry): void {
    const { members } = chat
    if (operation?.type === 'create') operation.members.forEach((member) => members.add(member))
    else if (kind !== 'restored' && !members.has(authorId) && !this.isApart(chat.id))
      this.#broken('promise 8', `${chat.id}: ${authorId} is no member where their ${kind} stands, at rev ${rev}`)
    if (chat.blocked && code === null && kind !== 'delete' && !this.isApart(chat.id))
      this.#broken('BLOCK-1', `${chat.id}: a ${kind} of ${authorId} was let through at rev ${rev}, and the two are apart`)
    if (operation?.type === 'join') members.add(operation.user)
    if (operation?.type === 'leave') members.delete(operation.user)
    if (kind === 'message' && operation && !this.#isRereading && this.isJournaled(chat.id, authorId, id))
      this.#broken('HEAL-5', `${chat.id}: a message that the journal knows to be deleted came back with its words, at rev ${rev}`)
  }

  #place(chat: ChatRecord, seq: number, key: string, state: MessageAt): void {
    chat.seq = seq
    chat.order.push(key)
    chat.messages.set(key, [state])
  }

  /** The reduction written once more, in the simplest way. */
  #fold(chat: ChatRecord, entry: Entry, operation: AnyOperation, key: string): void {
    const { rev, code } = entry
    if (operation.type === 'message') {
      if (code !== null) return
      this.#place(chat, entry.seq, key, { rev, text: operation.text, deleted: false, reactions: [] })
      return
    }
    if (!('target' in operation)) return
    const author = targetAuthor(operation, entry.authorId)
    const target = author ? `${author}/${operation.target}` : chat.order.find((other) => other.endsWith(`/${operation.target}`))
    const states = target ? chat.messages.get(target) : undefined
    const state = states?.at(-1)
    const mayNot = (operation.type === 'edit' || operation.type === 'delete') && author !== entry.authorId
    const isTakenOut = operation.type === 'delete' || (operation.type === 'pin' && !operation.on)
    const isDone = state?.deleted === true && !isTakenOut
    // Read again from a database that was restored, what is erased by now was whole once.
    const wasErased = target !== undefined && chat.entries[(chat.places.get(target) ?? 0) - 1]?.operation === null
    if (code === null && (mayNot || (isDone && !wasErased) || !state) && !this.isApart(chat.id))
      this.#broken('CHAT-2', `${chat.id}: ${operation.type} at rev ${rev} was let through`)
    if (code === null && target && state) {
      if (isTakenOut) chat.pins = chat.pins.filter((pin) => pin !== target)
      else if (operation.type === 'pin' && !chat.pins.includes(target)) chat.pins = [...chat.pins, target].slice(-3)
    }
    // Healed with its old verdict, it changes nothing deleted any more.
    if (code !== null || !state || !states || isDone) return
    if (operation.type === 'edit') states.push({ ...state, rev, text: operation.text })
    else if (operation.type === 'delete') {
      if (!state.deleted) states.push({ rev, text: '', deleted: true, reactions: [] })
    } else if (operation.type === 'react') {
      const one = `${operation.emoji} ${entry.authorId}`
      const others = state.reactions.filter((reaction) => reaction !== one)
      if (operation.on === others.length < state.reactions.length) return
      states.push({ ...state, rev, reactions: operation.on ? [...others, one].sort() : others })
    }
  }

  #marks(): void {
    const rows = this.#machine.database.prepare('select chat_id, user_id, left_rev, delivered_seq, seen_seq from chat_members').all() as unknown as {
      chat_id: ChatId
      user_id: UserId
      left_rev: number | null
      delivered_seq: number
      seen_seq: number
    }[]
    this.#members.clear()
    for (const row of rows) {
      const chat = this.chats.get(row.chat_id)
      const key = `${row.chat_id} ${row.user_id}`
      if (row.left_rev === null) this.#members.add(key)
      const leftAt = this.#leftAt.get(key) ?? null
      if (row.left_rev === null && leftAt !== null) this.#backAt.set(key, this.#now())
      this.#leftAt.set(key, row.left_rev === null ? null : (leftAt ?? this.#now()))
      if (!chat) continue
      const [delivered, seen] = chat.marks.get(row.user_id) ?? [0, 0]
      if (row.delivered_seq < delivered || row.seen_seq < seen)
        this.#broken('CHAT-4', `${row.chat_id}: the marks of ${row.user_id} fell from ${delivered}, ${seen} to ${row.delivered_seq}, ${row.seen_seq}`)
      if (Math.max(row.delivered_seq, row.seen_seq) > chat.seq)
        this.#broken('CHAT-4', `${row.chat_id}: a mark of ${row.user_id} is above the last seq`)
      chat.marks.set(row.user_id, [row.delivered_seq, row.seen_seq])
    }
  }
}
