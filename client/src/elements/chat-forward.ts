// Chooses the chats that messages are forwarded to. Loaded when first asked for.
import { msg } from '@lit/localize'
import type { ChatItem, MessageItem } from '@skein/engine'
import { html, LitElement, type TemplateResult } from 'lit'
import { failureText } from '../model/failures.ts'
import { selectedText } from '../model/selected.ts'
import { EngineController } from '../state/engine-context.ts'
import { sheet } from '../styles/sheet.ts'
import { chatChoice, choiceDialog } from './chat-choice.ts'

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
    const [first] = this.items
    return html`<dialog aria-label=${msg('Forward to')} class=${choiceDialog} @close=${() => (this.items = [])}>
      ${first ? this.#content(first, this.items.length) : ''}
    </dialog>`
  }

  #content(first: MessageItem, count: number): TemplateResult {
    return chatChoice(this.#engine.engine, {
      title: msg('Forward to'),
      words: count === 1 ? first.text : selectedText(count),
      typed: this.typed,
      failure: this.failure,
      type: (text) => (this.typed = text),
      choose: (chat) => void this.#forward(chat),
      close: () => this.#dialog?.close(),
      state: ({ id }) => (this.sent.includes(id) ? { text: msg('Forwarded'), done: true } : { text: msg('Send'), done: false }),
    })
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
