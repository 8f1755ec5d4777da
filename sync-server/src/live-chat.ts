// One chat document in memory: its Yjs document, up to which position of the database it goes, and whose client ids are in it.
import type { Document } from '@hocuspocus/server'
import {
  encodeLedger,
  MAX_BYTES_PER_EPOCH,
  MAX_CLIENT_IDS_PER_EPOCH,
  MAX_ENTRIES_PER_EPOCH,
  toLedgerValue,
  type ChatId,
  type EpochName,
  type UserId,
} from '@skein/protocol'
import type { CommitOutcome, EpochTail, StoredEntry } from '@skein/storage'
import * as Y from 'yjs'

/** What was committed cannot be applied: the epoch ends, and the next one starts from the rows. */
export class BrokenDocument extends Error {}

/** From so many readers on, the broadcasts of a busy chat wait for each other this long, in milliseconds. */
const BUSY_READERS = 8
const BROADCAST_WINDOW_MS = 10

/** Updates of the server's own doing; Hocuspocus broadcasts them to everybody. */
const origin = { source: 'local' as const }

export class LiveChat {
  readonly name: string
  readonly chat: ChatId
  readonly epoch: EpochName
  readonly document: Document
  baseRev = 0
  pos = 0
  rev = 0
  /** Commits of this document that somebody waits for; it is not unloaded before. */
  waiting = 0
  loaded = false
  /** Its epoch is being ended. */
  ending = false
  /** It is being found out whether the database has more than this. */
  unsure = false
  /** Of updates and entries, those in the snapshot included. */
  bytes = 0
  readonly owners = new Map<number, UserId>()
  /** One update at a time for each person: two contradicting ones must not both pass the check. */
  readonly #turns = new Map<UserId, Promise<unknown>>()

  constructor(name: string, chat: ChatId, epoch: EpochName, document: Document) {
    this.name = name
    this.chat = chat
    this.epoch = epoch
    this.document = document
  }

  /** Applies what the database has and this document not yet. Applying something twice changes nothing. */
  applyTail(tail: EpochTail): void {
    this.baseRev = tail.baseRev
    for (const [client, user] of tail.clients) this.owners.set(client, user)
    this.#apply([tail.info, ...tail.updates, ...this.#ledger(tail.entries)])
    this.pos = Math.max(this.pos, tail.pos)
    this.rev = Math.max(this.rev, tail.rev)
  }

  /** Applies one committed item; false when something before it is missing here and the database must be read. */
  applyCommitted(user: UserId, clients: number[], update: Uint8Array | null, outcome: CommitOutcome & { ok: true }): boolean {
    const first = outcome.entries[0]
    const next = this.pos + (update ? 1 : 0)
    if (outcome.pos > next || (first && first.rev > this.rev + 1)) return false
    for (const client of clients) this.owners.set(client, user)
    this.#apply([...(update ? [update] : []), ...this.#ledger(outcome.entries)])
    this.pos = Math.max(this.pos, outcome.pos)
    this.rev = Math.max(this.rev, outcome.entries.at(-1)?.rev ?? 0)
    return true
  }

  /** The document has outgrown its epoch: each further transaction would cost more than the last (promise 6, A12). */
  get full(): boolean {
    return this.owners.size >= MAX_CLIENT_IDS_PER_EPOCH || this.rev - this.baseRev >= MAX_ENTRIES_PER_EPOCH || this.bytes >= MAX_BYTES_PER_EPOCH
  }

  /** Runs after everything that was started for this person before. */
  async inTurn<T>(user: UserId, run: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(user)
    const turn = before ? before.then(run, run) : run()
    const settled = turn.catch(() => undefined)
    this.#turns.set(user, settled)
    try {
      return await turn
    } finally {
      if (this.#turns.get(user) === settled) this.#turns.delete(user)
    }
  }

  #ledger(entries: StoredEntry[]): Uint8Array[] {
    const [first] = entries
    if (!first) return []
    const clock = first.rev - this.baseRev - 1
    return [
      encodeLedger(
        clock,
        entries.map((entry) => toLedgerValue(entry, entry.carried)),
      ),
    ]
  }

  #apply(updates: Uint8Array[]): void {
    const { document } = this
    // Where many read and more is on its way already, what comes within some milliseconds goes out as one frame to each: half the cost of a delivery.
    document.flushDelay = this.waiting > 1 && document.connections.size >= BUSY_READERS ? BROADCAST_WINDOW_MS : 0
    for (const { length } of updates) this.bytes += length
    try {
      Y.transact(document, () => updates.forEach((update) => Y.applyUpdate(document, update, origin)), origin)
    } catch (error) {
      throw new BrokenDocument('a stored update cannot be applied', { cause: error })
    }
    if (document.store.pendingStructs || document.store.pendingDs) throw new BrokenDocument('a stored update leaves something pending')
  }
}
