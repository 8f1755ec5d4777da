// What is typed into the open chat: for this tab at once, and for the person's other devices by the engine, a little later.
import type { ChatItem, Engine } from '@skein/engine'
import { MAX_TEXT_LENGTH, type UserId } from '@skein/protocol'
import { readDraft, writeDraft } from './drafts.ts'

/** Words reach other devices at most this often, in milliseconds. */
const EVERY_MS = 2_000

type Chat = Pick<ChatItem, 'id' | 'draft'>

/** What stands in the list. */
export const draftOf = (user: UserId, chat: Chat): string => readDraft(user, chat.id) || chat.draft

interface Typed {
  engine: Engine
  user: UserId
  chat: Chat['id']
  text: string
}

export class DraftKeeper {
  #due: (Typed & { timer: ReturnType<typeof setTimeout> }) | null = null
  /** The engine's draft as it was last looked at. */
  #seen = ''

  /** A chat was opened: what its composer begins with. Words that a reload has left in this tab are handed over, too. */
  begin(engine: Engine, user: UserId, chat: Chat): string {
    this.flush()
    this.#seen = chat.draft
    const left = readDraft(user, chat.id)
    if (left) this.typed(engine, user, chat.id, left)
    return left || chat.draft
  }

  typed(engine: Engine, user: UserId, chat: Chat['id'], text: string): void {
    writeDraft(user, chat, text)
    if (this.#due) this.#due.text = text
    else this.#due = { engine, user, chat, text, timer: setTimeout(() => this.flush(), EVERY_MS) }
    if (text === '') this.flush()
  }

  /** Hands over at once what waits. */
  flush(): void {
    const due = this.#due
    if (!due) return
    this.#due = null
    clearTimeout(due.timer)
    void this.#keep(due)
  }

  async #keep({ engine, user, chat, text }: Typed): Promise<void> {
    const { session } = engine
    // Somebody else's rows are not the place for it, and what is too long would be cut there: it stays in this tab.
    if (session.status !== 'logged-in' || session.user.id !== user || text.length > MAX_TEXT_LENGTH) return
    await engine.arrange(chat, { draft: text })
    if (readDraft(user, chat) === text) writeDraft(user, chat, '')
  }

  /** What the composer should show instead of `shown`, since another device went on; null: nothing else. */
  news(chat: Chat, shown: string): string | null {
    const before = this.#seen
    this.#seen = chat.draft
    return this.#due === null && before !== chat.draft && shown === before ? chat.draft : null
  }
}
