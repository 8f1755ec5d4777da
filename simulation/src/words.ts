// Promise 1 from outside: what a device has said to be kept is stored on the server or on that device's disk, until the person takes it back.
import type { ChatId, Operation, OperationId, UserId } from '@skein/protocol'
import type { Record } from './record.ts'

/** An operation by what it says: the same before and after it got a new id. */
export function meaningOf(operation: Operation): string {
  if (operation.type === 'message' || operation.type === 'edit') return operation.text
  if (operation.type === 'delete') return `delete ${operation.target}`
  if (operation.type === 'pin') return `pin ${operation.target} ${operation.on}`
  return `react ${operation.target} ${operation.emoji} ${operation.on}`
}

interface Word {
  user: UserId
  chat: ChatId
  device: string
  meaning: string
  /** The operation's id, or the message's that it is about. */
  about: OperationId | null
  discarded: boolean
}

export class Words {
  readonly #words = new Set<Word>()
  /** By chat and author: the meanings of all that was ever committed. */
  readonly #stored = new Map<string, Set<string>>()
  readonly #seen = new Map<ChatId, number>()
  /** By device and id: the number of its last excuse. */
  readonly #excused = new Map<string, number>()
  #excuses = 0
  readonly #forgets = new Map<string, number>()
  readonly #forgetting = new Set<string>()
  kept = 0

  /** For what is asked of a device now: called when it has said that it is kept, unless it was let forget everything, or the words were taken back, meanwhile. */
  keeper(device: string): (user: UserId, chat: ChatId, meaning: string, about: OperationId | null) => void {
    const before = this.#forgets.get(device)
    const excuses = this.#excuses
    return (user, chat, meaning, about) => {
      if ((this.#excused.get(`${device} ${about}`) ?? 0) > excuses) return
      if (this.#forgets.get(device) !== before || this.#forgetting.has(device)) return
      this.kept++
      this.#words.add({ user, chat, device, meaning, about, discarded: false })
    }
  }

  /** The person took it back, or said it anew: whatever was about this id need not be kept. */
  excuse(device: string, id: OperationId): void {
    this.#excused.set(`${device} ${id}`, ++this.#excuses)
    for (const word of this.#words) if (word.device === device && word.about === id) this.#words.delete(word)
  }

  excuseMeaning(device: string, meaning: string): void {
    for (const word of this.#words) if (word.device === device && word.meaning === meaning) this.#words.delete(word)
  }

  /** The person has this device forget everything: also what is said before it has done so. */
  forgetting(device: string): void {
    this.#forgetting.add(device)
    this.#forget(device)
  }
  forgotten(device: string): void {
    this.#forgetting.delete(device)
    this.#forget(device)
  }
  #forget(device: string): void {
    this.#forgets.set(device, (this.#forgets.get(device) ?? 0) + 1)
    for (const word of this.#words) if (word.device === device) this.#words.delete(word)
  }

  /** It left the outbox by the person's wish: it must not be sent any more. */
  discard(user: UserId, chat: ChatId, meaning: string, record: Record): void {
    this.#follow(record)
    if (this.#stored.get(`${chat} ${user}`)?.has(meaning)) return
    for (const word of this.#words) if (word.user === user && word.meaning === meaning) this.#words.delete(word)
    this.#words.add({ user, chat, device: '', meaning, about: null, discarded: true })
  }

  /** A page that could not store, and said so, has died: what is not on the disk is gone. */
  lost(device: string, onDisk: ReadonlySet<string>): void {
    for (const word of this.#words) if (word.device === device && !onDisk.has(word.meaning)) this.#words.delete(word)
  }

  /** Older entries are gone with the database that was replaced. */
  rewound(): void {
    this.#stored.clear()
    this.#seen.clear()
  }

  /** `onDisk`: meanings in a device's outbox; `hasUnsaved`: it says that something is not saved. */
  /** Of chats that are `apart` nothing is asked. */
  check(
    record: Record,
    apart: (chat: ChatId) => boolean,
    onDisk: (device: string) => ReadonlySet<string>,
    hasUnsaved: (device: string) => boolean,
    broken: (what: string) => void,
  ): void {
    this.#follow(record)
    for (const word of this.#words) {
      if (apart(word.chat)) continue
      const stored = this.#stored.get(`${word.chat} ${word.user}`)?.has(word.meaning) ?? false
      if (word.discarded) {
        if (stored) broken(`"${word.meaning}" was taken back and is stored all the same`)
        if (stored) this.#words.delete(word)
        continue
      }
      if (stored) {
        this.#words.delete(word)
        continue
      }
      if (onDisk(word.device).has(word.meaning)) continue
      if (hasUnsaved(word.device)) continue
      broken(`"${word.meaning}" was kept by ${word.device}, and is neither stored nor in its outbox`)
      this.#words.delete(word)
    }
  }

  #follow(record: Record): void {
    for (const chat of record.chats.values()) {
      for (let rev = this.#seen.get(chat.id) ?? 0; rev < chat.rev; rev++) {
        const entry = chat.entries[rev]
        const operation = entry?.operation
        if (!entry || !operation || !('id' in operation) || !['message', 'edit', 'delete', 'react', 'pin'].includes(operation.type)) continue
        const key = `${chat.id} ${entry.authorId}`
        const meanings = this.#stored.get(key) ?? new Set()
        this.#stored.set(key, meanings)
        meanings.add(meaningOf(operation as Operation))
      }
      this.#seen.set(chat.id, chat.rev)
    }
  }
}
