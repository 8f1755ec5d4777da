// Chooses the chats that messages are forwarded to. Loaded when first asked for.
import { msg } from '@lit/localize'
import type { ChatItem, MessageItem } from '@skein/engine'
import { html, LitElement, type TemplateResult } from 'lit'
import { filterChats } from '../model/lists.ts'
import { failureText } from '../model/reasons.ts'
import { selectedText } from '../model/selection.ts'
import { EngineController } from '../state/engine-context.ts'
import { sheet } from '../styles/sheet.ts'
import { dialogHead } from './message-dialog.ts'

/** Chats offered at once; whoever looks for another types its name. */
const OFFERED = 50

export class ChatForward extends LitElement {
  static override styles = sheet
  static override properties = { items: { state: true }, typed: { state: true }, failure: { state: true }, sent: { state: true } }
  declare items: readonly MessageItem[]
  declare typed: string
  declare failure: string
  /** Chats they were forwarded to. */
  declare sent: readonly string[]
  #engine = new EngineController(this)
  /** How many went to a chat already: another try goes on there. */
  #done = new Map<string, number>()

  constructor() {
    super()
    this.items = []
    this.typed = ''
    this.failure = ''
    this.sent = []
  }

  async open(items: readonly MessageItem[]): Promise<void> {
    Object.assign(this, { items, typed: '', failure: '', sent: [] })
    this.#done.clear()
    await this.updateComplete
    this.#dialog?.showModal()
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog')
  }

  override render(): TemplateResult {
    const { items } = this
    return html`<dialog
      aria-label=${msg('Forward to')}
      class="m-auto h-130 max-h-[calc(100dvh-32px)] w-100 max-w-[calc(100vw-32px)] flex-col overflow-hidden rounded-2xl bg-raised p-0 text-ink shadow-menu backdrop:bg-veil open:flex"
      @close=${() => (this.items = [])}
    >
      ${items[0] ? this.#content(items[0], items.length) : ''}
    </dialog>`
  }

  #content(first: MessageItem, count: number): TemplateResult {
    const open = (this.#engine.engine?.chats ?? []).filter((chat) => !chat.removed)
    const chats = filterChats(open, this.typed).slice(0, OFFERED)
    return html`${dialogHead(msg('Forward to'), () => this.#dialog?.close())}
      <div class="px-4 pb-2">
        <p class="mb-3 line-clamp-2 border-s-3 border-accent ps-2.5 text-small text-muted" dir="auto">
          ${count === 1 ? first.text : selectedText(count)}
        </p>
        <input
          class="field h-10 px-3 text-[16px] fine:text-small coarse:h-11"
          type="search"
          aria-label=${msg('Find a chat')}
          placeholder=${msg('Find a chat')}
          .value=${this.typed}
          @input=${(event: InputEvent) => (this.typed = (event.target as HTMLInputElement).value)}
        />
        ${this.failure ? html`<p role="alert" class="pt-2 text-small text-danger">${this.failure}</p>` : ''}
      </div>
      <ul class="min-h-0 grow overflow-y-auto px-2 pb-2" aria-label=${msg('Chats')}>
        ${chats.length ? chats.map((chat) => this.#chat(chat)) : html`<li class="px-3 py-6 text-center text-small text-muted">${msg('No chat has this name.')}</li>`}
      </ul>`
  }

  #chat(chat: ChatItem): TemplateResult {
    const done = this.sent.includes(chat.id)
    return html`<li>
      <button
        type="button"
        class="flex h-13 w-full items-center gap-3 rounded-lg px-2 text-start hover:bg-hover disabled:cursor-default"
        ?disabled=${done}
        @click=${() => this.#forward(chat)}
      >
        <chat-avatar .name=${chat.title} .person=${chat.peer ?? chat.id}></chat-avatar>
        <span class="min-w-0 grow truncate text-body" dir="auto">${chat.title}</span>
        <span class="text-small font-medium ${done ? 'text-muted' : 'text-accent-ink'}">${done ? msg('Forwarded') : msg('Send')}</span>
      </button>
    </li>`
  }

  async #forward(chat: ChatItem): Promise<void> {
    this.failure = ''
    this.sent = [...this.sent, chat.id]
    try {
      for (const { text, authorId } of this.items.slice(this.#done.get(chat.id))) {
        await this.#engine.required.send(chat.id, text, { forwardedFrom: { author: authorId } })
        this.#done.set(chat.id, (this.#done.get(chat.id) ?? 0) + 1)
      }
    } catch (error) {
      this.sent = this.sent.filter((id) => id !== chat.id)
      this.failure = failureText(error)
    }
  }
}
