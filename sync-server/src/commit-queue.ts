// Group commit: all that waits, from all chats, goes into one transaction; what comes meanwhile waits for the next one.
import type { CommitItem, CommitOutcome, Storage } from '@skein/storage'
import type { Logger } from './ports.ts'

/** Items in one transaction, so that one commit stays short. */
const MAX_GROUP = 500

interface Waiting {
  item: CommitItem
  resolve: (outcome: CommitOutcome) => void
}

export class CommitQueue {
  readonly #storage: Storage
  readonly #logger: Logger
  readonly #committed: (item: CommitItem, outcome: CommitOutcome) => void
  #waiting: Waiting[] = []
  #running: Promise<void> | null = null

  /** `committed` is called for each outcome in the order of the commit, before anybody who waits for it hears of it. It must not throw. */
  constructor(storage: Storage, logger: Logger, committed: (item: CommitItem, outcome: CommitOutcome) => void) {
    this.#storage = storage
    this.#logger = logger
    this.#committed = committed
  }

  /** Resolves once the item is stored, or known not to be; `try-again` when the database cannot be reached. */
  add(item: CommitItem): Promise<CommitOutcome> {
    return new Promise((resolve) => {
      this.#waiting.push({ item, resolve })
      this.#running ??= this.#run()
    })
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #run(): Promise<void> {
    // One turn of the event loop, so that what arrived together is committed together.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, MAX_GROUP)
      const outcomes = await this.#commit(group.map(({ item }) => item))
      group.forEach(({ item, resolve }, i) => {
        const outcome = outcomes[i] ?? { ok: false, reason: 'try-again' }
        this.#committed(item, outcome)
        resolve(outcome)
      })
    }
    this.#running = null
  }

  async #commit(items: CommitItem[]): Promise<CommitOutcome[]> {
    try {
      return await this.#storage.commit(items)
    } catch (error) {
      this.#logger.error({ err: error, items: items.length }, 'the database refused a commit')
      return []
    }
  }
}
