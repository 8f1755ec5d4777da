// A chat's chain for tests: operations in, entries out, as a server would write them.
import { createHash } from 'node:crypto'
import {
  judge,
  messageOf,
  fold,
  parseChatId,
  parseOperationId,
  parseUserId,
  type Entry,
  type MessageState,
  type Operation,
  type OperationId,
  type UserId,
} from '@skein/protocol'
import { newChatRow, type ChatRow, type EntryRow, type MessageRow } from '../store/rows.ts'
import { startOf } from '../store/start-of.ts'
import { ingest, type HeldRows, type Ingested } from './ingest.ts'

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())
export const chat = parseChatId('c'.repeat(26))
export const alice = parseUserId('a'.repeat(26))
export const bob = parseUserId('b'.repeat(26))
export const idOf = (n: number): OperationId => parseOperationId(`00000000-0000-4000-8000-${String(n).padStart(12, '0')}`)
const at = '2026-01-02T03:04:05.678Z'

export const say = (n: number, text = `m${n}`): Operation => ({ type: 'message', id: idOf(n), at, text })
export const edit = (n: number, target: number, author: UserId, text: string): Operation => ({
  type: 'edit',
  id: idOf(n),
  at,
  target: idOf(target),
  targetAuthor: author,
  text,
})
export const erase = (n: number, target: number, author: UserId): Operation => ({
  type: 'delete',
  id: idOf(n),
  at,
  target: idOf(target),
  targetAuthor: author,
})
export const react = (n: number, target: number, author: UserId, emoji: string, on = true): Operation => ({
  type: 'react',
  id: idOf(n),
  at,
  target: idOf(target),
  targetAuthor: author,
  emoji,
  on,
})

export const pin = (n: number, target: number, author: UserId, on = true): Operation => ({
  type: 'pin',
  id: idOf(n),
  at,
  target: idOf(target),
  targetAuthor: author,
  on,
})

/** The entries of operations in order, judged as the server judges. */
export function entriesOf(said: readonly (readonly [UserId, Operation])[], salt = 'salt'): Entry[] {
  const messages = new Map<string, MessageState>()
  let seq = 0
  return said.map(([authorId, operation], index) => {
    const key = operation.type === 'message' ? '' : `${operation.targetAuthor ?? authorId}/${operation.target}`
    const target = messages.get(key)
    const code = judge(operation, authorId, target)
    const isMessage = operation.type === 'message'
    const entry: Entry = {
      rev: index + 1,
      seq: isMessage ? ++seq : 0,
      kind: operation.type,
      code,
      at: 1_000 + index,
      authorId,
      id: operation.id,
      salt,
      tag: null,
      operation,
      hash: null,
    }
    if (isMessage) messages.set(`${authorId}/${operation.id}`, messageOf(entry, operation))
    else if (target && !code) messages.set(key, fold(target, entry, operation))
    return entry
  })
}

/** Rows in maps, and the door that fills them. */
export class Replica {
  row: ChatRow = {
    ...newChatRow(
      chat,
      [
        { id: alice, name: 'Alice' },
        { id: bob, name: 'Bob' },
      ],
      0,
    ),
    document: 'x',
    position: startOf(chat, sha256),
  }
  readonly self: UserId
  readonly messages = new Map<string, MessageRow>()
  readonly entries = new Map<number, EntryRow>()
  readonly held: HeldRows = {
    message: async (author, id) => this.messages.get(`${author}/${id}`),
    entry: async (rev) => this.entries.get(rev),
  }
  constructor(self: UserId) {
    this.self = self
  }
  async take(entries: readonly Entry[]): Promise<Ingested | 'gap' | 'fork'> {
    const result = await ingest(this.row, this.self, entries, this.held, sha256)
    if (typeof result === 'string') return result
    this.row = result.chat
    for (const message of result.messages) this.messages.set(`${message.authorId}/${message.id}`, message)
    for (const entry of result.entries) this.entries.set(entry.rev, entry)
    return result
  }
  get shown(): MessageRow[] {
    return [...this.messages.values()].sort((a, b) => a.seq - b.seq)
  }
}
