// The bar under the header: what is pinned. A press leads to the message, the next press to the one that was pinned before it; its menu is the message's. Loaded where something is.
import { msg, str } from '@lit/localize'
import type { ChatItem, MessageItem } from '@skein/engine'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { numberText } from '../languages/language.ts'
import { authorName } from '../model/rows.ts'
import { lineOf } from '../model/text-parts.ts'
import { emit } from '../state/events.ts'
import { LongPressController } from '../state/long-press-controller.ts'
import { sheet } from '../styles/sheet.ts'
import { icons } from './late-icons.ts'

export class ChatPinned extends LitElement {
  static override styles = sheet
  static override properties = { items: { attribute: false }, members: { attribute: false }, at: { state: true } }
  /** The last pinned first; never empty. */
  declare items: readonly MessageItem[]
  declare members: ChatItem['members']
  /** Which of them is shown. */
  declare at: number

  constructor() {
    super()
    this.addController(new LongPressController(this, ({ x, y }) => this.#menu(x, y)))
    this.items = []
    this.members = []
    this.at = 0
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    const before = changed.get('items') as readonly MessageItem[] | undefined
    // What is pinned now is what people speak about; else the one that is shown stays.
    if (before && before[0]?.key !== this.items[0]?.key) this.at = 0
    if (this.at >= this.items.length) this.at = 0
  }

  override render(): TemplateResult {
    const { items, at } = this
    const item = items[at]
    const count = items.length
    const title = count > 1 ? msg(str`Pinned message, ${numberText(at + 1)} of ${numberText(count)}`) : msg('Pinned message')
    return html`<button
      type="button"
      class="flex h-13 w-full items-center gap-3 border-b border-line bg-canvas px-3 text-start transition-colors hover:bg-hover @pane:px-6"
      @click=${this.#press}
      @contextmenu=${this.#contextMenu}
    >
      <span class="text-accent-ink">${icons.pin}</span>
      ${
        count > 1
          ? html`<span class="flex h-8 w-0.5 shrink-0 flex-col gap-0.5" aria-hidden="true">
              ${items.map((_, index) => html`<span class="grow rounded-full ${index === at ? 'bg-accent' : 'bg-line'}"></span>`)}
            </span>`
          : nothing
      }
      <span class="min-w-0 grow">
        <span class="block truncate text-tiny font-semibold text-accent-ink">${title}</span>
        <span class="sr-only">${item && authorName(item, this.members)}: </span>
        <span class="block truncate text-small" dir="auto">${item && lineOf(item.text)}</span>
      </span>
    </button>`
  }

  #contextMenu(event: MouseEvent): void {
    event.preventDefault()
    this.#menu(event.clientX, event.clientY)
  }

  #menu(x: number, y: number): boolean {
    const item = this.items[this.at]
    if (item) emit(this, 'message-menu', { item, x, y })
    return item !== undefined
  }

  #press(): void {
    const item = this.items[this.at]
    this.at = (this.at + 1) % this.items.length
    if (item) emit(this, 'message-jump', { id: item.id })
  }
}
