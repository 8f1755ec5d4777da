// What stays of an entry when its words are erased.
import { operationHash } from './chain.ts'
import type { Entry } from './entries.ts'
import type { Sha256 } from './ids.ts'

/** The entry without its words and salt; the hash that the chain covers stays. */
export function eraseEntry<E extends Entry>(entry: E, sha256: Sha256): E {
  const { salt, operation } = entry
  return operation && salt !== null ? { ...entry, salt: null, operation: null, hash: operationHash(salt, operation, sha256) } : entry
}
