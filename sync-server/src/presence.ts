// What the server tells over a person's own document: who is online, and which chats have moved. Both are hints; the API is the truth.
import { userDocument, type ChatId, type UserId } from '@skein/protocol'
import type { Hocuspocus } from '@hocuspocus/server'
import type { SyncPorts } from './ports.ts'
import type { Session } from './session.ts'

const NUDGE_MS = 1_000

interface Nudges {
  chats: Map<ChatId, [rev: number, markPos: number]>
  timer: NodeJS.Timeout | null
}

export class Presence {
  readonly #ports: SyncPorts
  readonly #hocuspocus: () => Hocuspocus
  readonly #sessions = new Map<UserId, Set<Session>>()
  readonly #nudges = new Map<UserId, Nudges>()

  constructor(ports: SyncPorts, hocuspocus: () => Hocuspocus) {
    this.#ports = ports
    this.#hocuspocus = hocuspocus
  }

  isOnline(user: UserId): boolean {
    return this.#sessions.has(user)
  }

  get online(): UserId[] {
    return [...this.#sessions.keys()]
  }

  /** A socket has authenticated. */
  arrived(user: UserId, session: Session): void {
    const sessions = this.#sessions.get(user)
    if (sessions) return void sessions.add(session)
    this.#sessions.set(user, new Set([session]))
    this.#tell(user, true)
  }

  /** A socket has closed. */
  left(user: UserId, session: Session): void {
    const sessions = this.#sessions.get(user)
    if (!sessions?.delete(session) || sessions.size > 0) return
    this.#sessions.delete(user)
    const nudges = this.#nudges.get(user)
    if (nudges?.timer) clearTimeout(nudges.timer)
    this.#nudges.delete(user)
    this.#tell(user, false)
    const { storage, logger, now } = this.#ports
    storage.touchLastSeen(user, now()).catch((error: unknown) => logger.warn({ err: error }, 'last seen was not stored'))
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

  #tell(user: UserId, online: boolean): void {
    for (const other of this.#sessions.keys()) if (other !== user) this.#send(other, { type: 'presence', user, online, at: this.#ports.now() })
  }

  #send(user: UserId, message: object): void {
    this.#hocuspocus().documents.get(userDocument(user))?.broadcastStateless(JSON.stringify(message))
  }
}
