// The list of messages: a virtual list around the reader that nothing moves. Older pages come when the top is near; what was seen is reported.
import { virtualize } from '@lit-labs/virtualizer/virtualize.js'
import type { ChatWindow, MessageItem } from '@skein/engine'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { MinuteController } from '../state/minute-controller.ts'
import { rowsOf, type Row } from '../model/rows.ts'
import { countText } from '../model/lists.ts'
import { startOfDay } from '../model/times.ts'
import { sheet } from '../styles/sheet.ts'
import { ChatMessage } from './chat-message.ts'
import { dayRow, edgeRow, emptyChat, unreadRow } from './message-rows.ts'
import { icons } from './icons.ts'
import { MessageLayout, type ListView } from './message-layout.ts'

/** Where the line above the first unread message stands when a chat opens. */
const UNREAD_OFFSET = 72
/** Pages that are loaded to reach the first unread message when a chat opens. */
const OPENING_PAGES = 8
const FLASH_MS = 1_400

export class ChatMessages extends LitElement {
  static override styles = sheet
  static override properties = {
    window: { attribute: false },
    version: { type: Number },
    me: {},
    view: { state: true },
    opening: { state: true },
    current: { state: true },
    flashing: { state: true },
  }
  declare window: ChatWindow
  /** Counts the window's changes; the window itself stays the same object. */
  declare version: number
  declare me: string
  declare view: ListView | undefined
  /** Pages back to the first unread message are still being loaded. */
  declare opening: boolean
  /** Key of the message that Tab stops at; the last one until the person moves. */
  declare current: string | null
  declare flashing: string | null

  #layout: MessageLayout | undefined
  #rows: Row[] = []
  /** Stays for the visit once the first messages are there. */
  #unreadAfter: number | null | undefined
  #opened = false
  /** The first unread message is loaded, and shown as soon as it is among the rows. */
  #arriving = false
  /** What the rows were made of. */
  #shown: readonly MessageItem[] = []
  #seenUpTo = 0
  /** The day that "Today" means in the rows. */
  #day = 0

  constructor() {
    super()
    this.opening = false
    this.current = null
    this.flashing = null
    this.addController(new MinuteController(this))
  }

  /** Shows the newest message and stays with what comes. */
  async toLatest(): Promise<void> {
    if (this.window.hasNewer) await this.window.jumpToLatest()
    await this.updateComplete
    this.#layout?.toEnd()
  }

  /** Shows a message that is in the window, and marks it for a moment. */
  flash(id: string): void {
    const row = this.#rows.find((other) => other.kind === 'message' && other.item.id === id)
    if (!row) return
    this.#layout?.toKey(row.key, Math.round(this.clientHeight / 3))
    this.flashing = row.key
    setTimeout(() => (this.flashing = null), FLASH_MS)
  }

  override connectedCallback(): void {
    super.connectedCallback()
    for (const type of ['focus', 'blur'] as const) globalThis.addEventListener(type, this.#seen)
    document.addEventListener('visibilitychange', this.#seen)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const type of ['focus', 'blur'] as const) globalThis.removeEventListener(type, this.#seen)
    document.removeEventListener('visibilitychange', this.#seen)
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (this.#unreadAfter === undefined && this.window.items.length) this.#unreadAfter = this.#findUnread()
    const day = startOfDay(Date.now())
    if (!changed.has('version') && this.#day === day) return
    this.#day = day
    this.#shown = this.window.items
    this.#rows = rowsOf({ window: this.window, unreadAfter: this.#unreadAfter ?? null, now: Date.now() })
  }

  override render(): TemplateResult {
    return html`<div class="relative h-full">
      <div
        role="log"
        aria-label="Messages"
        aria-live="off"
        tabindex="-1"
        class="h-full overflow-x-hidden overflow-y-auto overscroll-contain outline-none [overflow-anchor:none] ${this.opening ? 'opacity-0' : ''}"
        @keydown=${this.#keydown}
        @focusin=${this.#focused}
      >
        <div class="relative h-full" @rangeChanged=${this.#keepFocus}>
          ${virtualize<Row>({
            items: this.#rows,
            keyFunction: (row) => row.key,
            renderItem: (row) => this.#row(row),
            layout: {
              type: MessageLayout,
              connect: (layout: MessageLayout) => (this.#layout = layout),
              changed: this.#viewChanged,
              scrollTo: this.#scrollTo,
              sticks: !this.window.hasNewer,
            } as { type: typeof MessageLayout },
          })}
        </div>
      </div>
      ${this.#rows[0]?.kind === 'edge' && this.#rows[0].state === 'empty' ? emptyChat(this.window.chat) : this.#jump()}
    </div>`
  }

  #row(row: Row): TemplateResult {
    if (row.kind === 'edge') return edgeRow(row, this.window.chat.title, () => void this.window.loadOlder())
    if (row.kind === 'day') return dayRow(row.key, row.label)
    if (row.kind === 'unread') return unreadRow(row.key)
    const { chat } = this.window
    return html`<chat-message
      class="w-full"
      data-key=${row.key}
      .row=${row}
      .members=${chat.members}
      .me=${this.me}
      .group=${chat.kind === 'group'}
      .reachable=${row.key === (this.current ?? this.#lastKey)}
      .frozen=${chat.removed}
      .flashing=${row.key === this.flashing}
    ></chat-message>`
  }

  #jump(): TemplateResult | typeof nothing {
    if (!this.view || (this.view.atEnd && !this.window.hasNewer)) return nothing
    const { unread } = this.window.chat
    return html`<div class="pointer-events-none absolute inset-x-0 bottom-3 mx-auto flex max-w-200 justify-end px-4 @pane:px-6">
      <button
        type="button"
        class="pointer-events-auto relative flex size-10 animate-rise items-center justify-center rounded-full bg-raised text-muted shadow-menu transition-colors hover:text-ink coarse:size-11"
        aria-label=${unread ? `Jump to latest, ${unread} new` : 'Jump to latest'}
        @click=${() => void this.toLatest()}
      >
        ${icons.down}
        ${
          unread
            ? html`<span class="absolute -top-1.5 min-w-5 rounded-full bg-accent px-1.5 text-center text-tiny/5 font-semibold text-on-accent"
                >${countText(unread)}</span
              >`
            : nothing
        }
      </button>
    </div>`
  }

  override updated(): void {
    if (!this.#opened && this.#unreadAfter !== undefined) {
      this.#opened = true
      if (this.#unreadAfter !== null) void this.#loadUnread(this.#unreadAfter)
    }
    if (this.#arriving && this.#shown === this.window.items) this.#showUnread()
    this.#fetchWhatIsNear()
    this.#seen()
  }

  /** Loads back to the first unread message, within reason. Until it is shown, nothing counts as seen. */
  async #loadUnread(after: number): Promise<void> {
    const { window: open } = this
    const missing = (): boolean => open.hasOlder && (open.items[0]?.seq ?? 0) > after + 1 && open.error === null
    this.opening = true
    for (let page = 0; page < OPENING_PAGES && missing(); page++) await open.loadOlder()
    this.#arriving = true
    this.requestUpdate()
  }

  #showUnread(): void {
    this.#arriving = false
    const there = this.#rows.some((row) => row.kind === 'unread')
    if (there) this.#layout?.toKey('unread', UNREAD_OFFSET, () => (this.opening = false))
    else this.opening = false
  }

  #viewChanged = (view: ListView): void => {
    const { view: before } = this
    const same = before && (Object.keys(view) as (keyof ListView)[]).every((key) => before[key] === view[key])
    if (!same) this.view = view
  }

  /** What one wrote oneself, one has read up to. */
  #findUnread(): number | null {
    const { chat, items, firstUnreadAfter } = this.window
    if (chat.unread === 0) return null
    return Math.max(firstUnreadAfter, items.findLast((item) => item.own)?.seq ?? 0)
  }

  #scrollTo = (top: number): void => {
    const log = this.renderRoot.querySelector('[role=log]')
    if (log && log.scrollTop !== top) log.scrollTop = top
  }

  #fetchWhatIsNear(): void {
    const { window: open, view } = this
    if (!view || open.loading !== null || open.error !== null) return
    if (view.nearStart && open.hasOlder) void open.loadOlder()
    else if (view.nearEnd && open.hasNewer) void open.loadNewer()
  }

  /** Seen is what was on screen while the tab was in front and had the focus. */
  #seen = (): void => {
    if (!this.view || this.opening || document.visibilityState !== 'visible' || !document.hasFocus()) return
    for (let index = this.view.last; index >= this.view.first; index--) {
      const row = this.#rows[index]
      if (row?.kind !== 'message' || row.item.seq === 0) continue
      if (row.item.seq > this.#seenUpTo) this.window.markSeen(row.item.seq)
      this.#seenUpTo = Math.max(this.#seenUpTo, row.item.seq)
      return
    }
  }

  get #lastKey(): string | undefined {
    return this.#rows.findLast((row) => row.kind === 'message')?.key
  }

  #focused(event: FocusEvent): void {
    const message = event.target
    if (message instanceof ChatMessage) this.current = message.row.key
  }

  /** V3: when the message with the focus is taken out of the list, the list has it, and the arrows go on from there. */
  #keepFocus(): void {
    const root = this.shadowRoot
    if (!(root?.activeElement instanceof ChatMessage)) return
    queueMicrotask(() => {
      if (!root.activeElement) root.querySelector<HTMLElement>('[role=log]')?.focus({ preventScroll: true })
    })
  }

  /** Arrows move from message to message, Home and End to the first and last one on screen. */
  #keydown(event: KeyboardEvent): void {
    if (!(event.target instanceof ChatMessage) || event.target.article === null) return
    const next = this.#keyFrom(event.target.row.key, event.key)
    if (next === undefined) return
    event.preventDefault()
    const messages = [...this.renderRoot.querySelectorAll<ChatMessage>('chat-message')]
    messages.find((message) => message.row.key === next)?.article?.focus()
  }

  #keyFrom(current: string, pressed: string): string | undefined {
    const keysOf = (rows: Row[]): string[] => rows.filter((row) => row.kind === 'message').map((row) => row.key)
    const onScreen = this.view ? keysOf(this.#rows.slice(this.view.first, this.view.last + 1)) : []
    if (pressed === 'Home') return onScreen[0]
    if (pressed === 'End') return onScreen.at(-1)
    const step = { ArrowDown: 1, ArrowUp: -1 }[pressed]
    const keys = keysOf(this.#rows)
    return step ? keys[keys.indexOf(current) + step] : undefined
  }
}
