// An operation that comes over HTTP, exactly once for each idempotency key (promise 4), by the same commit as everybody's.
import { canonicalJson, checkOperation, judge, uuidOf, type ChatId, type MessageState, type OperationId, type UserId } from '@skein/protocol'
import type { StoredEntry } from '@skein/storage'
import type { ApiDependencies } from './ports.ts'
import { HttpError, refusalOf } from './problem.ts'

const encoder = new TextEncoder()

export interface Offer {
  chat: ChatId
  user: UserId
  key: string | null
  /** The operation without its id and time, which this gives it. */
  operation: object
  /** The message that it aims at, as it stands. */
  target?: MessageState | null
}

/** `created` is false for a repetition. */
export type OfferOperation = (offer: Offer) => Promise<{ entry: StoredEntry; created: boolean }>

/** What is not allowed is refused before it is stored; where it became so just now it is stored as refused, and the answer is the same. */
export function createOffer({ storage, sync, now, randomBytes, sha256 }: ApiDependencies): OfferOperation {
  /** The operation's id follows from the key, so that the database itself knows a repetition. */
  const idOf = (user: UserId, chat: ChatId, key: string | null): OperationId =>
    key === null ? uuidOf(randomBytes(16), 4) : uuidOf(sha256(encoder.encode(`${user}\n${chat}\n${key}`)), 8)

  function allowed(entry: StoredEntry): StoredEntry {
    if (entry.code) throw new HttpError(entry.code)
    return entry
  }

  return async ({ chat, user, key, operation, target }) => {
    const id = idOf(user, chat, key)
    const earlier = (): Promise<StoredEntry | null> => (key === null ? Promise.resolve(null) : storage.operation(chat, user, id))
    /** A repetition is what was stored, its time apart. What was erased is compared with nothing. */
    const repeated = (stored: StoredEntry) => {
      const at = stored.operation?.at
      if (at === undefined || canonicalJson({ ...operation, id, at }) !== canonicalJson(stored.operation ?? {})) throw new HttpError('key-reused')
      return { entry: allowed(stored), created: false }
    }

    const stored = await earlier()
    if (stored) return repeated(stored)
    const checked = checkOperation({ ...operation, id, at: new Date(now()).toISOString() })
    if (checked === 'too-large') throw new HttpError('too-large')
    if (typeof checked === 'string') throw new HttpError('bad-request', `The operation is refused: ${checked}.`)
    const code = judge(checked.operation, user, target ?? undefined)
    if (code) throw new HttpError(code)
    const outcome = await sync.commitOperation(chat, user, checked.operation, checked.text)
    if (!outcome.ok) {
      // The same key at the same moment: the other request was first.
      const first = outcome.reason === 'id-taken' ? await earlier() : null
      if (!first) throw refusalOf(outcome.reason)
      return repeated(first)
    }
    const [entry] = [...outcome.entries, ...outcome.repeated]
    if (!entry) throw new Error('A commit without an entry')
    return { entry: allowed(entry), created: outcome.entries.length > 0 }
  }
}
