// Who shares a chat with whom, as far as somebody who is online is concerned: only they are told of each other (promise 8).
import type { UserId } from '@skein/protocol'
import type { SyncPorts } from './ports.ts'

/** Ids that are kept at once, over all people; above it they are asked for anew. */
const MAX_KEPT = 500_000

export class Contacts {
  readonly #ports: SyncPorts
  readonly #known = new Map<UserId, { ids: Promise<ReadonlySet<UserId>>; size: number }>()
  #kept = 0

  constructor(ports: SyncPorts) {
    this.#ports = ports
  }

  /** Rejects when the database does not answer. */
  async of(user: UserId): Promise<ReadonlySet<UserId>> {
    const before = this.#known.get(user)
    if (before) return before.ids
    const asked = { ids: this.#ask(user), size: 0 }
    this.#known.set(user, asked)
    try {
      const ids = await asked.ids
      if (this.#known.get(user) !== asked) return ids
      asked.size = ids.size
      this.#kept += ids.size
      if (this.#kept > MAX_KEPT) this.#forgetAll()
      return ids
    } catch (error) {
      if (this.#known.get(user) === asked) this.#known.delete(user)
      throw error
    }
  }

  /** Something about this person's chats has changed, or nobody asks any more. */
  forget(user: UserId): void {
    this.#kept -= this.#known.get(user)?.size ?? 0
    this.#known.delete(user)
  }

  #forgetAll(): void {
    this.#known.clear()
    this.#kept = 0
  }

  async #ask(user: UserId): Promise<ReadonlySet<UserId>> {
    const contacts = new Set(await this.#ports.storage.contacts(user))
    contacts.delete(user)
    return contacts
  }
}
