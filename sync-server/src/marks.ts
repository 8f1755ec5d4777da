// The marks of open chats, shown by the server in an awareness entry of its own, whole, at most once a second (RT8). The table is the truth.
import { MAX_NAMED_MARKS, type ChatId, type UserId } from '@skein/protocol'
import type { Marks } from '@skein/storage'
import type { LiveChat } from './live-chat.ts'
import type { SyncPorts } from './ports.ts'

const INTERVAL_MS = 1_000

interface Shown {
  marks: Map<UserId, Marks>
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
    try {
      const marks = Object.entries(await this.#ports.storage.marks(live.chat)) as [UserId, Marks][]
      const shown: Shown = { marks: new Map(marks), timer: null }
      const documents = this.#shown.get(live.chat) ?? new Map<LiveChat, Shown>()
      this.#shown.set(live.chat, documents.set(live, shown))
      this.#show(live, shown)
    } catch (error) {
      this.#ports.logger.warn({ err: error, document: live.name }, 'marks could not be read')
    }
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
      shown.marks.set(user, marks)
      shown.timer ??= setTimeout(() => {
        shown.timer = null
        this.#show(live, shown)
      }, INTERVAL_MS)
    }
  }

  #show(live: LiveChat, { marks }: Shown): void {
    if (live.document.isDestroyed) return
    const named = marks.size <= MAX_NAMED_MARKS ? { marks: Object.fromEntries(marks) } : { counts: counts(marks) }
    live.document.awareness.setLocalState({ server: true, ...named })
  }
}

/** How many members have delivered and seen up to which seq: `[seq, delivered, seen]`, by seq. */
function counts(marks: Map<UserId, Marks>): [number, number, number][] {
  const all = [...marks.values()]
  return [...new Set(all.flat())]
    .sort((a, b) => a - b)
    .map((seq) => [seq, all.filter(([delivered]) => delivered >= seq).length, all.filter(([, seen]) => seen >= seq).length])
}
