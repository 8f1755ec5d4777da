// What is known of one message: when it was written, arrived and changed, and of one's own who has it and who has seen it. Loaded when first asked for.
import { msg } from '@lit/localize'
import type { ChatWindow, MessageItem } from '@skein/engine'
import { html, LitElement, type TemplateResult } from 'lit'
import { detailsOf, type Detail } from '../model/details.ts'
import { sheet } from '../styles/sheet.ts'
import { dialogHead } from './message-dialog.ts'

export class ChatDetails extends LitElement {
  static override styles = sheet
  static override properties = { details: { state: true } }
  declare details: readonly Detail[]
  #unsubscribe: (() => void) | undefined

  constructor() {
    super()
    this.details = []
  }

  /** Follows the chat while it is shown: who reads meanwhile is named. */
  async open(item: MessageItem, chat: ChatWindow): Promise<void> {
    const look = (): void => {
      this.details = detailsOf(chat.items.find(({ key }) => key === item.key) ?? item, chat)
    }
    look()
    this.#unsubscribe = chat.subscribe(look)
    await this.updateComplete
    this.#dialog?.showModal()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unsubscribe?.()
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog')
  }

  override render(): TemplateResult {
    return html`<dialog
      aria-label=${msg('Details')}
      class="m-auto w-90 max-w-[calc(100vw-32px)] overflow-hidden rounded-2xl bg-raised p-0 text-ink shadow-menu backdrop:bg-veil"
      @close=${() => this.#unsubscribe?.()}
    >
      ${dialogHead(msg('Details'), () => this.#dialog?.close())}
      <dl class="px-4 pb-5">
        ${this.details.map(
          ({ what, lines }) =>
            html`<div class="py-1.5">
              <dt class="text-small text-muted">${what}</dt>
              ${lines.map((line) => html`<dd class="text-body" dir="auto">${line}</dd>`)}
            </div>`,
        )}
      </dl>
    </dialog>`
  }
}
