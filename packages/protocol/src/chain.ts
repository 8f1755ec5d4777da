// The chain that the server can prove: each head covers the one before and one entry (SPEC, rules CHAIN-…).
import { canonicalJson } from './json.ts'
import { base64url, parseHead, uuidOf, type ChatId, type Head, type OperationId, type Sha256, type UserId } from './ids.ts'
import type { Entry } from './entries.ts'
import type { AnyOperation } from './operations.ts'

const encoder = new TextEncoder()

/** Fields as UTF-8, each behind its length in 4 bytes, so that no two lists of fields give the same bytes. */
function lengthPrefixed(fields: string[]): Uint8Array {
  const parts = fields.map((field) => encoder.encode(field))
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0))
  const view = new DataView(bytes.buffer)
  let offset = 0
  for (const part of parts) {
    view.setUint32(offset, part.length)
    bytes.set(part, offset + 4)
    offset += 4 + part.length
  }
  return bytes
}

/** The head before a chat's first entry. */
export const genesisHead = (chat: ChatId, sha256: Sha256): Head => parseHead(base64url(sha256(lengthPrefixed(['skein/1', 'genesis', chat]))))

/** The hash of a salted operation; stays when the words and the salt are erased. */
export const operationHash = (salt: string, operation: AnyOperation, sha256: Sha256): string =>
  base64url(sha256(lengthPrefixed(['skein/1', 'operation', salt, canonicalJson(operation)])))

/** The head after `entry`. An erased entry brings its hash, any other its salt and operation. */
export function nextHead(head: Head, entry: Entry, sha256: Sha256): Head {
  const hash = entry.operation && entry.salt !== null ? operationHash(entry.salt, entry.operation, sha256) : (entry.hash ?? '')
  const { rev, seq, kind, code, at, authorId, id } = entry
  const fields = ['skein/1', 'entry', head, String(rev), String(seq), kind, code ?? '', String(at), authorId, id, hash]
  return parseHead(base64url(sha256(lengthPrefixed(fields))))
}

/** The bytes under a tag: chat, rev and head. The server makes a 16-byte HMAC of them. */
export const tagBytes = (chat: ChatId, rev: number, head: Head): Uint8Array => lengthPrefixed(['skein/1', 'tag', chat, String(rev), head])

/** The key under which a deleted or erased operation stands in the deletion journal: a hash of chat, author and operation id, which tells nothing by itself. */
export const journalKey = (chat: ChatId, author: UserId, id: OperationId, sha256: Sha256): string =>
  base64url(sha256(lengthPrefixed(['skein/1', 'journal', chat, author, id])))

/** The id of the entry that tells of a restore: one for each chat and place where the pasts part, however many devices come back. */
export const restoredId = (chat: ChatId, rev: number, sha256: Sha256): OperationId =>
  uuidOf(sha256(lengthPrefixed(['skein/1', 'restored', chat, String(rev)])), 8)
