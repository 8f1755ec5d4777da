// The chain that the server can prove: each head covers the one before and one entry (SPEC, rules CHAIN-…).
import { canonicalJson, type Json } from './json.ts'
import { base64url, parseHead, uuidOf, type ChatId, type Head, type OperationId, type Sha256, type UserId } from './ids.ts'
import type { Entry } from './entries.ts'
import type { AnyOperation } from './operations.ts'

const encoder = new TextEncoder()
/** UTF-16 units up to which a text is copied one by one. */
const MAX_COPIED = 512

let scratch = new Uint8Array(4096)
let view = new DataView(scratch.buffer)

/** Fields as UTF-8, each behind its length in 4 bytes, so that no two lists of fields give the same bytes. A view that lasts until the next call. */
function lengthPrefixed(fields: string[]): Uint8Array {
  // Three bytes for each UTF-16 unit are enough for any text.
  const most = fields.reduce((sum, field) => sum + 4 + 3 * field.length, 0)
  if (most > scratch.length) {
    scratch = new Uint8Array(2 * most)
    view = new DataView(scratch.buffer)
  }
  let offset = 0
  for (const field of fields) {
    const length = writeText(field, scratch, offset + 4)
    view.setUint32(offset, length)
    offset += 4 + length
  }
  return scratch.subarray(0, offset)
}

/** Writes a text as UTF-8; how many bytes. Nearly all fields are short ASCII, for which calling the encoder costs more than the copying. */
function writeText(text: string, bytes: Uint8Array, offset: number): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f || i > MAX_COPIED) {
      const encoded = encoder.encode(text)
      bytes.set(encoded, offset)
      return encoded.length
    }
    bytes[offset + i] = unit
  }
  return text.length
}

/** The head before a chat's first entry. */
export const genesisHead = (chat: ChatId, sha256: Sha256): Head => parseHead(base64url(sha256(lengthPrefixed(['skein/1', 'genesis', chat]))))

/** The hash of a salted operation (`text`: its canonical JSON, where that is at hand); stays when the words and the salt are erased. */
export const operationHash = (
  salt: string,
  operation: AnyOperation | { [key: string]: Json },
  sha256: Sha256,
  text = canonicalJson(operation),
): string => base64url(sha256(lengthPrefixed(['skein/1', 'operation', salt, text])))

/** The head after `entry` (`text`: its operation's canonical JSON, where that is at hand). An erased entry brings its hash, any other its salt and operation. */
export function nextHead(head: Head, entry: Entry, sha256: Sha256, text?: string): Head {
  const hash = entry.operation && entry.salt !== null ? operationHash(entry.salt, entry.operation, sha256, text) : (entry.hash ?? '')
  const { rev, seq, kind, code, at, authorId, id } = entry
  const fields = ['skein/1', 'entry', head, String(rev), String(seq), kind, code ?? '', String(at), authorId, id, hash]
  return parseHead(base64url(sha256(lengthPrefixed(fields))))
}

/** The bytes under a tag: chat, rev and head. The server makes a 16-byte HMAC of them. */
export const tagBytes = (chat: ChatId, rev: number, head: Head): Uint8Array => lengthPrefixed(['skein/1', 'tag', chat, String(rev), head]).slice()

/** The key under which a deleted or erased operation stands in the deletion journal: a hash of chat, author and operation id, which tells nothing by itself. */
export const journalKey = (chat: ChatId, author: UserId, id: OperationId, sha256: Sha256): string =>
  base64url(sha256(lengthPrefixed(['skein/1', 'journal', chat, author, id])))

/** The id of the entry that tells of a restore: one for each chat and place where the pasts part, however many devices come back. */
export const restoredId = (chat: ChatId, rev: number, sha256: Sha256): OperationId =>
  uuidOf(sha256(lengthPrefixed(['skein/1', 'restored', chat, String(rev)])), 8)
