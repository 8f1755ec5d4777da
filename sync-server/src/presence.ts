// What the server tells over a person's own document: who of their contacts is online, and which chats have moved. Both are hints; the API is the truth.
import { userDocument, type ChatId, type UserId } from '@skein/protocol'
import type { Hocuspocus } from '@hocuspocus/server'
import type { Mine, User } from '@skein/storage'
import { Contacts } from './contacts.ts'
import type { SyncPorts } from './ports.ts'
import type { Session } from './session.ts'

export const NUDGE_MS = 1_000
/** Who is back within this time, by a reload or a blip of the network, was never gone; in milliseconds. */
const LINGER_MS = 1_000

interface Nudges {
  chats: Map<ChatId, [rev: number, markPos: number]>
  timer: NodeJS.Timeout | null
}

/** Somebody who is online, or was a moment ago. */
interface Present {
  sessions: Set<Session>
  /** Runs while nobody is there. */
  leaving: NodeJS.Timeout | null
}

export class Presence {
  readonly #ports: SyncPorts
  readonly #hocuspocus: () => Hocuspocus
  readonly #contacts: Contacts
  readonly #present = new Map<UserId, Present>()
  readonly #nudges = new Map<UserId, Nudges>()
  /** Notices of one person go out one after another, so that the last one is what is. */
  readonly #telling = new Map<UserId, Promise<void>>()
  readonly #storing = new Set<Promise<void>>()
  #ending = false

  constructor(ports: SyncPorts, hocuspocus: () => Hocuspocus) {
    this.#ports = ports
    this.#hocuspocus = hocuspocus
    this.#contacts = new Contacts(ports)
  }

  isOnline(user: UserId): boolean {
    return this.#present.has(user)
  }

  /** A socket has authenticated. */
  arrived(user: UserId, session: Session): void {
    if (this.#ending) return
    const present = this.#present.get(user)
    if (present) {
      if (present.leaving) clearTimeout(present.leaving)
      present.leaving = null
      present.sessions.add(session)
      return
    }
    this.#present.set(user, { sessions: new Set([session]), leaving: null })
    this.#tellContacts(user)
  }

  /** A socket has closed, or its token has ended. */
  left(user: UserId, session: Session): void {
    const present = this.#present.get(user)
    if (!present?.sessions.delete(session) || present.sessions.size > 0) return
    const at = this.#ports.now()
    present.leaving = setTimeout(() => this.#gone(user, at), LINGER_MS).unref()
  }

  /** Tells a person which of their contacts are there. Never rejects. */
  async list(user: UserId): Promise<void> {
    const contacts = await this.#contactsOf(user)
    this.#send(user, { type: 'presence', online: [...contacts].filter((id) => this.isOnline(id)) })
  }

  /** These people share a chat from now on. Never rejects. */
  async allMet(people: readonly UserId[]): Promise<void> {
    for (const user of people) this.#contacts.forget(user)
    for (const user of people) if (this.isOnline(user)) await this.list(user)
  }

  /** Somebody shares a chat with the others from now on. Never rejects. */
  async met(user: UserId, others: readonly UserId[]): Promise<void> {
    for (const id of [user, ...others]) this.#contacts.forget(id)
    if (!this.isOnline(user)) return
    for (const other of others) if (other !== user) this.#send(other, this.#stateOf(user))
    await this.list(user)
  }

  /** Somebody has left a chat in which the others still are: who shares no other with them hears no more of them. Never rejects. */
  async parted(user: UserId, others: readonly UserId[]): Promise<void> {
    for (const id of [user, ...others]) this.#contacts.forget(id)
    if (!this.isOnline(user)) return
    const contacts = await this.#contactsOf(user)
    const gone = { type: 'presence', user, online: false, at: this.#ports.now() }
    for (const other of others) if (other !== user && !contacts.has(other)) this.#send(other, gone)
    await this.list(user)
  }

  /** There is somebody new, whom everybody may find in the list of people, where there is one of all. */
  introduce({ id, name, avatarUrl }: Pick<User, 'id' | 'name' | 'avatarUrl'>): void {
    if (this.#ports.contacts === 'shared') return
    for (const other of this.#present.keys()) if (other !== id) this.#send(other, { type: 'newcomer', user: id, name, avatarUrl })
  }

  /** Somebody has another name or picture. Their own devices hear of it, too. Never rejects. */
  async renamed({ id, name, avatarUrl }: Pick<User, 'id' | 'name' | 'avatarUrl'>): Promise<void> {
    const others = this.#ports.contacts === 'shared' ? [id, ...(await this.#contactsOf(id))] : this.#present.keys()
    for (const other of others) this.#send(other, { type: 'renamed', user: id, name, avatarUrl })
    if (!this.isOnline(id)) this.#contacts.forget(id)
  }

  /** What a person wants of a chat, to all their devices. */
  tellMine(user: UserId, chat: ChatId, mine: Mine): void {
    this.#send(user, { type: 'mine', chat, mine })
  }

  /** Tells a person that a chat has moved: at once, then at most once a second. */
  nudge(user: UserId, chat: ChatId, rev: number, markPos: number): void {
    if (!this.isOnline(user)) return
    const nudges: Nudges = this.#nudges.get(user) ?? { chats: new Map(), timer: null }
    this.#nudges.set(user, nudges)
    const before = nudges.chats.get(chat) ?? [0, 0]
    nudges.chats.set(chat, [Math.max(before[0], rev), Math.max(before[1], markPos)])
    if (nudges.timer) return
    const flush = (): void => {
      const chats = [...nudges.chats].map(([id, [r, m]]) => [id, r, m])
      nudges.chats.clear()
      nudges.timer = chats.length > 0 ? setTimeout(flush, NUDGE_MS) : null
      if (chats.length > 0) this.#send(user, { type: 'nudge', chats })
    }
    flush()
  }

  /** Everybody is gone: no timer runs any more, and when they were last seen is stored. */
  async end(): Promise<void> {
    this.#ending = true
    for (const user of this.#present.keys()) this.#gone(user, this.#ports.now())
    await Promise.all(this.#storing)
  }

  #gone(user: UserId, at: number): void {
    const leaving = this.#present.get(user)?.leaving
    if (leaving) clearTimeout(leaving)
    this.#present.delete(user)
    const nudges = this.#nudges.get(user)
    if (nudges?.timer) clearTimeout(nudges.timer)
    this.#nudges.delete(user)
    this.#tellContacts(user)
    const { storage, logger } = this.#ports
    const storing: Promise<void> = storage
      .touchLastSeen(user, at)
      .catch((error: unknown) => logger.warn({ err: error }, 'last seen was not stored'))
      .finally(() => this.#storing.delete(storing))
    this.#storing.add(storing)
  }

  #tellContacts(user: UserId): void {
    if (this.#ending) return
    const telling = (this.#telling.get(user) ?? Promise.resolve()).then(async () => {
      const contacts = await this.#contactsOf(user)
      const message = this.#stateOf(user)
      for (const other of contacts) this.#send(other, message)
      if (this.#telling.get(user) === telling) this.#telling.delete(user)
      if (!this.isOnline(user)) this.#contacts.forget(user)
    })
    this.#telling.set(user, telling)
  }

  async #contactsOf(user: UserId): Promise<ReadonlySet<UserId>> {
    try {
      return await this.#contacts.of(user)
    } catch (error) {
      this.#ports.logger.warn({ err: error }, 'contacts could not be read')
      return new Set()
    }
  }

  #stateOf(user: UserId): object {
    return { type: 'presence', user, online: this.isOnline(user), at: this.#ports.now() }
  }

  #send(user: UserId, message: object): void {
    this.#hocuspocus().documents.get(userDocument(user))?.broadcastStateless(JSON.stringify(message))
  }
}
