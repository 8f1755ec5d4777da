// The marks of open chats, shown by the server in an awareness entry of its own, whole, at most once a second (RT8). The table is the truth.
// While one of two people blocks the other, their chat shows neither marks nor who types (BLOCK-3).
import { MAX_NAMED_MARKS, type ChatId, type UserId } from '@skein/protocol'
import type { Marks } from '@skein/storage'
import { removeAwarenessStates } from 'y-protocols/awareness'
import type { LiveChat } from './live-chat.ts'
import type { SyncPorts } from './ports.ts'

const INTERVAL_MS = 1_000

interface Shown {
  marks: Map<UserId, Marks>
  /** Nobody sees anything of anybody: there is a block, or the database has not said yet that there is none. */
  quiet: boolean
  /** One question after another, so that the last answer is the newest. */
  asking: Promise<void>
  askedAt: number
  timer: NodeJS.Timeout | null
}

export class MarksBoard {
  readonly #ports: SyncPorts
  /** By chat, since there may be thousands: its documents, of which an epoch that ends is one. */
  readonly #shown = new Map<ChatId, Map<LiveChat, Shown>>()

  constructor(ports: SyncPorts) {
    this.#ports = ports
  }

  /** Shows the marks of a document that was loaded. Never throws: marks also come by the feed. */
  async open(live: LiveChat): Promise<void> {
    const shown: Shown = { marks: new Map(), quiet: true, asking: Promise.resolve(), askedAt: 0, timer: null }
    const documents = this.#shown.get(live.chat) ?? new Map<LiveChat, Shown>()
    this.#shown.set(live.chat, documents.set(live, shown))
    await this.#ask(live, shown)
  }

  close(live: LiveChat): void {
    const documents = this.#shown.get(live.chat)
    const timer = documents?.get(live)?.timer
    if (timer) clearTimeout(timer)
    documents?.delete(live)
    if (documents?.size === 0) this.#shown.delete(live.chat)
  }

  raised(chat: ChatId, user: UserId, marks: Marks): void {
    for (const [live, shown] of this.#shown.get(chat) ?? []) {
      raise(shown, user, marks)
      this.#askAgain(live, shown)
      shown.timer ??= setTimeout(() => {
        shown.timer = null
        this.#show(live, shown)
      }, INTERVAL_MS)
    }
  }

  /** A block between the two of this chat began or ended: nothing is shown until the database has said which. */
  blockChanged(chat: ChatId): void {
    for (const [live, shown] of this.#shown.get(chat) ?? []) {
      shown.quiet = true
      this.#show(live, shown)
      void this.#ask(live, shown)
    }
  }

  /** Whether others may see who types. Where they may not, it is asked again from time to time: a block may have ended through another server. */
  mayType(live: LiveChat): boolean {
    const shown = this.#shown.get(live.chat)?.get(live)
    // Hocuspocus kept a document that it was about to unload.
    if (!shown) void this.open(live)
    else this.#askAgain(live, shown)
    return shown?.quiet === false
  }

  #askAgain(live: LiveChat, shown: Shown): void {
    if (shown.quiet && this.#ports.now() - shown.askedAt >= INTERVAL_MS) void this.#ask(live, shown)
  }

  #ask(live: LiveChat, shown: Shown): Promise<void> {
    shown.askedAt = this.#ports.now()
    shown.asking = shown.asking.then(async () => {
      try {
        const { marks, blocked } = await this.#ports.storage.marks(live.chat)
        for (const [user, mark] of Object.entries(marks)) raise(shown, user as UserId, mark)
        shown.quiet = blocked
        this.#show(live, shown)
      } catch (error) {
        this.#ports.logger.warn({ err: error, document: live.name }, 'marks could not be read')
      }
    })
    return shown.asking
  }

  #show(live: LiveChat, { marks, quiet }: Shown): void {
    if (live.document.isDestroyed) return
    const { awareness } = live.document
    const named = marks.size <= MAX_NAMED_MARKS ? { marks: Object.fromEntries(marks) } : { counts: counts(marks) }
    awareness.setLocalState({ server: true, ...(quiet ? {} : named) })
    const others = [...awareness.getStates().keys()].filter((client) => client !== awareness.clientID)
    if (quiet) removeAwarenessStates(awareness, others, null)
  }
}

/** Marks never fall, whichever answer comes first (CHAT-4). */
function raise({ marks }: Shown, user: UserId, [delivered, seen]: Marks): void {
  const before = marks.get(user) ?? [0, 0]
  marks.set(user, [Math.max(before[0], delivered), Math.max(before[1], seen)])
}

/** How many members have delivered and seen up to which seq: `[seq, delivered, seen]`, by seq. */
function counts(marks: Map<UserId, Marks>): [number, number, number][] {
  const all = [...marks.values()]
  return [...new Set(all.flat())]
    .sort((a, b) => a - b)
    .map((seq) => [seq, all.filter(([delivered]) => delivered >= seq).length, all.filter(([, seen]) => seen >= seq).length])
}
