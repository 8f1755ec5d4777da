// What other servers on the same database decided about people: nobody tells this one whom they let leave (promise 8) and who blocks whom, so it asks.
import type { ChatId, UserId } from '@skein/protocol'
import type { SyncPorts } from './ports.ts'

/** Between two questions, in milliseconds: who was taken out reads on for no longer than a second. */
const EVERY_MS = 400
/** What was committed late, or by a server whose clock is behind, is found all the same. */
const OVERLAP_MS = 120_000

interface Told {
  left(chat: ChatId, user: UserId): void
  blockChanged(user: UserId, other: UserId, chat: ChatId, apart: boolean): void
}

export class Elsewhere {
  readonly #ports: SyncPorts
  readonly #told: Told
  /** What was told, by what it was. */
  #known = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  /** `told` is called once for each departure, and each change of a block, of the last two minutes. */
  constructor(ports: SyncPorts, told: Told) {
    this.#ports = ports
    this.#told = told
    this.#later()
  }

  #later(): void {
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#ask().then(() => this.#later()), EVERY_MS).unref()
  }

  /** Never rejects: a database that does not answer lets nobody read anything either. */
  async #ask(): Promise<void> {
    const { storage, now, logger } = this.#ports
    try {
      const since = now() - OVERLAP_MS
      const [departures, blocks] = await Promise.all([storage.departures(since), storage.blockChanges(since)])
      const known = new Set<string>()
      const tell = (key: string, how: () => void): void => {
        if (!this.#known.has(key)) how()
        known.add(key)
      }
      for (const { chat, user, rev } of departures) tell(`${chat} ${user} ${rev}`, () => this.#told.left(chat, user))
      for (const { chat, user, other, at, apart } of blocks) tell(`${chat} ${at} ${apart}`, () => this.#told.blockChanged(user, other, chat, apart))
      this.#known = known
    } catch (error) {
      logger.debug({ err: error }, 'it could not be asked what other servers decided')
    }
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }
}
