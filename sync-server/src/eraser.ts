// The work that is due by itself: words of what was deleted go, people are erased, closed epochs lose their logs, expired sessions and links go. Any number of servers may do it at once.
import { chatDocument, type UserId } from '@skein/protocol'
import type { Erased } from '@skein/storage'
import type { LiveChats } from './live-chats.ts'
import type { SyncPorts } from './ports.ts'

/** Between two passes at most, in milliseconds; with jitter, so that servers that started together do not look together. */
const EVERY_MS = 60_000
/** How often what accounts leave behind is looked through: all sessions are. */
const SWEEP_ACCOUNTS_MS = 60 * 60_000

export class Eraser {
  readonly #ports: SyncPorts
  readonly #chats: LiveChats
  readonly #leaveGroups: (user: UserId) => Promise<void>
  readonly #told: (erased: Erased) => void
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | null = null
  #stopped = false
  #accountsSweptAt = -Infinity

  /** `told` is called for each chat in which words were erased, when its documents are closed. */
  constructor(ports: SyncPorts, chats: LiveChats, leaveGroups: (user: UserId) => Promise<void>, told: (erased: Erased) => void) {
    this.#ports = ports
    this.#chats = chats
    this.#leaveGroups = leaveGroups
    this.#told = told
    this.#later()
  }

  #later(): void {
    if (this.#stopped) return
    const [random = 0] = this.#ports.randomBytes(1)
    this.#timer = setTimeout(() => void this.run().then(() => this.#later()), EVERY_MS * (0.5 + random / 512)).unref()
  }

  /** One pass; who asks while one is under way waits for that one. Never rejects: what failed is tried with the next. */
  run(): Promise<void> {
    this.#running ??= this.#run()
      .catch((error: unknown) => this.#ports.logger.warn({ err: error }, 'a pass of the eraser failed'))
      .finally(() => (this.#running = null))
    return this.#running
  }

  async #run(): Promise<void> {
    const { storage } = this.#ports
    await this.#each(await storage.dueErasures(), async (chat) => {
      const erased = await storage.eraseDeleted(chat)
      if (erased) this.#erased(erased)
    })
    await this.#each(await storage.erasedUsers(), (user) => this.eraseWords(user))
    if (this.#stopped) return
    await this.#sweep()
    await this.#sweepAccounts()
    // Epochs that another server ended: nobody may hold their words open here.
    await this.#chats.closeEnded()
  }

  /** Whatever fails is tried with the next pass, and keeps none of the others waiting. */
  async #each<T>(due: readonly T[], erase: (one: T) => Promise<void>): Promise<void> {
    for (const one of due) {
      if (this.#stopped) return
      await erase(one).catch((error: unknown) =>
        this.#ports.logger.warn({ err: error, of: one }, 'the words of a chat, or of a person, were not erased'),
      )
    }
  }

  /** All words of a person whose account is gone already, once they are in no group any more. */
  async eraseWords(user: UserId): Promise<void> {
    await this.#leaveGroups(user)
    await this.#ports.storage.eraseUserWords(user, (erased) => this.#erased(erased))
    await this.#sweep()
  }

  #erased(erased: Erased): void {
    if (erased.closed) this.#chats.ended(chatDocument(erased.chatId, erased.closed))
    this.#told(erased)
  }

  async #sweep(): Promise<void> {
    for (let more = true; more && !this.#stopped;) {
      const swept = await this.#ports.storage.sweepEpochs()
      for (const epoch of swept.damaged)
        this.#ports.logger.error(epoch, 'the rows of a closed epoch do not continue its chain: its update log is kept; compare it with a backup')
      more = swept.more
    }
  }

  async #sweepAccounts(): Promise<void> {
    const now = this.#ports.now()
    if (now - this.#accountsSweptAt < SWEEP_ACCOUNTS_MS) return
    for (let more = true; more && !this.#stopped;) ({ more } = await this.#ports.storage.sweepAccounts())
    this.#accountsSweptAt = now
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#running
  }
}
