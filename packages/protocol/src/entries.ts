// A chain entry in its three shapes: the object everybody works with, the array that stands in the ledger, and the bytes of a Yjs update.
import * as encoding from 'lib0/encoding'
import { canonicalJson, type Json } from './json.ts'
import { isOperationId, isUserId, type ChatId, type EpochName, type Head, type OperationId, type UserId } from './ids.ts'
import { INFO_CLIENT, INFO_ROOT, LEDGER_CLIENT, LEDGER_ROOT } from './names.ts'
import { anyOperation, type AnyOperation, type OperationKind } from './operations.ts'
import { isRefusalCode, type RefusalCode } from './reasons.ts'

/** "Stored, and this is its place": one link of a chat's chain. */
export interface Entry {
  /** Its place among all operations of the chat, from 1. */
  rev: number
  /** Its place among the messages of the chat, from 1; 0 when it is no accepted message. */
  seq: number
  kind: OperationKind
  /** Why everybody ignores it; null when it counts. */
  code: RefusalCode | null
  /** The server's time, in milliseconds; never goes back within a chat. */
  at: number
  authorId: UserId
  /** The operation's id; unique for chat and author. */
  id: OperationId
  /** 128 random bits, base64url; null once erased. */
  salt: string | null
  /** `<key number>.<16 bytes base64url>` on the last entry of a commit, else null. */
  tag: string | null
  /** null once erased. */
  operation: AnyOperation | null
  /** Hash of salt and operation, base64url; only where the operation was erased. */
  hash: string | null
}

/** An entry without what is kept beside it where it stands. */
export const entryOf = ({ rev, seq, kind, code, at, authorId, id, salt, tag, operation, hash }: Entry): Entry => ({
  rev,
  seq,
  kind,
  code,
  at,
  authorId,
  id,
  salt,
  tag,
  operation,
  hash,
})

/** An entry as it stands in the ledger: `[id, author, seq or 0, time, code or null, salt, tag or null, operation?]`. */
export type LedgerValue = Json[]

/** `withOperation`: the operation stands in no log, since it came from the server's side. */
export function toLedgerValue(entry: Entry, withOperation: boolean): LedgerValue {
  const value: LedgerValue = [entry.id, entry.authorId, entry.seq, entry.at, entry.code, entry.salt, entry.tag]
  // Through the canonical text, so that the key order, and with it the bytes, is the same on every server.
  if (withOperation && entry.operation) value.push(JSON.parse(canonicalJson(entry.operation)) as Json)
  return value
}

/** What a ledger value says by itself; the operation is looked up in its author's log where it is not carried along. */
export type LedgerEntry = Omit<Entry, 'kind' | 'operation' | 'hash' | 'rev'> & { operation: AnyOperation | null }

/** Reads one value of the ledger; null when it is none, which only a broken or hostile server writes. */
export function parseLedgerValue(value: unknown): LedgerEntry | null {
  if (!Array.isArray(value) || value.length < 7 || value.length > 8) return null
  const fields: unknown[] = value
  const [id, authorId, seq, at, code, salt, tag, carried] = fields
  if (!isOperationId(id) || !isUserId(authorId) || !Number.isSafeInteger(seq) || !Number.isSafeInteger(at)) return null
  if (typeof seq !== 'number' || typeof at !== 'number' || seq < 0) return null
  if (code !== null && !isRefusalCode(code)) return null
  if (!(salt === null || typeof salt === 'string') || !(tag === null || typeof tag === 'string')) return null
  let operation: AnyOperation | null = null
  if (carried !== undefined) {
    const result = anyOperation.safeParse(carried)
    if (!result.success) return null
    operation = result.data
  }
  return { id, authorId, seq, at, code, salt, tag, operation }
}

/** Values appended to a root as one Item: a pure function of its arguments, so that every server makes the same bytes (rule LED-2). */
export function encodeAppend(client: number, root: string, clock: number, values: readonly unknown[]): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, 1) // clients
    encoding.writeVarUint(encoder, 1) // structs
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
    if (clock > 0) {
      encoding.writeUint8(encoder, 0x88) // ContentAny with an origin, the value before
      encoding.writeVarUint(encoder, client)
      encoding.writeVarUint(encoder, clock - 1)
    } else {
      encoding.writeUint8(encoder, 0x08) // ContentAny, parent by name
      encoding.writeVarUint(encoder, 1)
      encoding.writeVarString(encoder, root)
    }
    encoding.writeVarUint(encoder, values.length)
    for (const value of values) encoding.writeAny(encoder, value as Json)
    encoding.writeVarUint(encoder, 0) // delete set
  })
}

/** The Yjs update that appends ledger values; `clock` is the first one's rev − baseRev − 1. */
export const encodeLedger = (clock: number, values: LedgerValue[]): Uint8Array => encodeAppend(LEDGER_CLIENT, LEDGER_ROOT, clock, values)

/** Version of the document's schema, written into each epoch's `info`. A client does not append to a document of a later one. */
export const DOCUMENT_SCHEMA = 1

/** What an epoch starts from; written once, with the epoch. */
export interface EpochInfo {
  chat: ChatId
  epoch: EpochName
  /** The last rev and seq before this epoch. */
  baseRev: number
  baseSeq: number
  /** The chain's head at `baseRev`, with the server's tag for it. */
  baseHead: Head
  baseTag: string
  schema: number
  /** SHA-256 over the members' ids, sorted, joined by line feeds; base64url. */
  members: string
}

export const encodeInfo = (info: EpochInfo): Uint8Array => encodeAppend(INFO_CLIENT, INFO_ROOT, 0, [JSON.parse(canonicalJson(info)) as Json])
