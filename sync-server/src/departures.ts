// Members whom another server on the same database let leave: nobody tells this one, so it asks (promise 8).
import type { ChatId, UserId } from '@skein/protocol'
import type { SyncPorts } from './ports.ts'

/** Between two questions, in milliseconds: who was taken out reads on for no longer than a second. */
const EVERY_MS = 400
/** What was committed late, or by a server whose clock is behind, is found all the same. */
const OVERLAP_MS = 120_000

export class Departures {
  readonly #ports: SyncPorts
  readonly #left: (chat: ChatId, user: UserId) => void
  /** Those that were told, by chat, person and rev. */
  #told = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  /** `left` is called once for each departure of the last two minutes. */
  constructor(ports: SyncPorts, left: (chat: ChatId, user: UserId) => void) {
    this.#ports = ports
    this.#left = left
    this.#later()
  }

  #later(): void {
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#ask().then(() => this.#later()), EVERY_MS).unref()
  }

  /** Never rejects: a database that does not answer lets nobody read anything either. */
  async #ask(): Promise<void> {
    try {
      const found = await this.#ports.storage.departures(this.#ports.now() - OVERLAP_MS)
      const told = new Set<string>()
      for (const { chat, user, rev } of found) {
        const key = `${chat} ${user} ${rev}`
        if (!this.#told.has(key)) this.#left(chat, user)
        told.add(key)
      }
      this.#told = told
    } catch (error) {
      this.#ports.logger.debug({ err: error }, 'it could not be asked who left through other servers')
    }
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }
}
