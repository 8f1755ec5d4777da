// The list of messages: a virtual list around the reader that nothing moves. Older pages come when the top is near; what was seen is reported.
import { msg } from '@lit/localize'
import { virtualize } from '@lit-labs/virtualizer/virtualize.js'
import { EngineError, type ChatWindow, type MessageItem, type Person } from '@skein/engine'
import type { OperationId } from '@skein/protocol'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { language, plural } from '../languages/language.ts'
import { MinuteController } from '../state/minute-controller.ts'
import { rowsOf, type Row } from '../model/rows.ts'
import { countText } from '../model/lists.ts'
import { dateOfValue, dateValue, startOfDay } from '../model/times.ts'
import { emit } from '../state/events.ts'
import { sheet } from '../styles/sheet.ts'
import { ChatMessage } from './chat-message.ts'
import { guarded } from './error-boundary.ts'
import { dayRow, edgeRow, emptyChat, eventRow, floating, skeletons, stickyDay, unreadRow } from './message-rows.ts'
import { icons } from './icons.ts'
import { MessageLayout, type ListView } from './message-layout.ts'

/** Where the line above the first unread message stands when a chat opens. */
const UNREAD_OFFSET = 72
/** Pages that are loaded to reach the first unread message when a chat opens. */
const OPENING_PAGES = 8
const FLASH_MS = 1_400
/** The day at the top of the screen goes when nobody has scrolled for this long. */
const STICKY_MS = 1_000

export class ChatMessages extends LitElement {
  static override styles = sheet
  static override properties = {
    window: { attribute: false },
    version: { type: Number },
    me: {},
    people: { attribute: false },
    selected: { attribute: false },
    hiding: { attribute: false },
    view: { state: true },
    opening: { state: true },
    current: { state: true },
    flashing: { state: true },
    scrolling: { state: true },
    returns: { state: true },
  }
  declare window: ChatWindow
  /** Counts the window's changes; the window itself stays the same object. */
  declare version: number
  declare me: string
  /** By whom those are named who left. */
  declare people: readonly Person[]
  /** Keys of the messages that are selected; null: none can be. */
  declare selected: ReadonlySet<string> | null
  /** Keys of those that were hidden just now. */
  declare hiding: ReadonlySet<string>
  declare view: ListView | undefined
  /** Pages back to the first unread message are still being loaded. */
  declare opening: boolean
  /** Key of the message that Tab stops at; the last one until the person moves. */
  declare current: string | null
  declare flashing: string | null
  declare scrolling: boolean
  /** Messages from which a quote led away, the last one last: the way back. */
  declare returns: readonly OperationId[]

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
  /** In which they are written. */
  #language = ''
  /** The first message that was new; null once somebody went back to it. */
  #firstUnread: OperationId | null = null
  #still: ReturnType<typeof setTimeout> | undefined
  #flash: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super()
    this.people = []
    this.selected = null
    this.hiding = new Set()
    this.opening = false
    this.current = null
    this.flashing = null
    this.scrolling = false
    this.returns = []
    this.addController(new MinuteController(this))
  }

  /** Shows the newest message and stays with what comes. */
  async toLatest(): Promise<void> {
    this.returns = []
    if (this.window.hasNewer) await this.window.jumpToLatest()
    await this.updateComplete
    this.#layout?.toEnd()
  }

  /**
   * Shows a message, however old, and marks it for a moment. `from`: where one comes from, and can go back to.
   * @returns false: the chat has none of that id. @throws EngineError where neither this device nor the server could be asked
   */
  async show(id: OperationId, from?: OperationId): Promise<boolean> {
    if (!(await this.window.jumpTo(id))) return false
    const item = this.window.items.find((each) => each.id === id)
    if (!item || item.hidden) return false
    const { key } = item
    if (from !== undefined) this.returns = [...this.returns, from]
    const hadFocus = this.shadowRoot?.activeElement != null
    this.current = key
    this.#layout?.toKey(key, Math.round(this.clientHeight / 3), () => {
      this.flashing = key
      // The end of an earlier one must not cut this one short.
      clearTimeout(this.#flash)
      this.#flash = setTimeout(() => (this.flashing = null), FLASH_MS)
      if (hadFocus) requestAnimationFrame(() => this.#messageOf(key)?.article?.focus({ preventScroll: true }))
    })
    return true
  }

  /** From this message on it is unread again, by the person's wish: the line stands above it. */
  unreadFrom({ id, seq }: MessageItem): void {
    this.#unreadAfter = seq - 1
    this.#firstUnread = id
    this.#makeRows()
    this.requestUpdate()
  }

  async #goBack(): Promise<void> {
    const to = this.returns.at(-1)
    this.returns = this.returns.slice(0, -1)
    if (to !== undefined) await this.#jump(() => this.show(to))
  }

  /** What cannot be had now is said above the composer, and what is shown stays. */
  async #jump(where: () => Promise<boolean>): Promise<boolean> {
    try {
      return await where()
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      emit(this, 'jump-failed', { error })
      return false
    }
  }

  async #toUnread(): Promise<void> {
    const id = this.#firstUnread
    this.#firstUnread = null
    if (id !== null && (await this.#jump(() => this.window.jumpTo(id)))) this.#layout?.toKey('unread', UNREAD_OFFSET)
    this.requestUpdate()
  }

  #messageOf(key: string): ChatMessage | undefined {
    return [...this.renderRoot.querySelectorAll<ChatMessage>('chat-message')].find((message) => message.row.key === key)
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
    clearTimeout(this.#still)
    clearTimeout(this.#flash)
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (this.#unreadAfter === undefined && this.window.items.length) this.#unreadAfter = this.#findUnread()
    const day = startOfDay(Date.now())
    if (!changed.has('version') && !changed.has('hiding') && this.#day === day && this.#language === language()) return
    this.#day = day
    this.#language = language()
    this.#makeRows()
  }

  #makeRows(): void {
    this.#shown = this.window.items
    const { window, me, people, hiding } = this
    this.#rows = rowsOf({ window, me, unreadAfter: this.#unreadAfter ?? null, now: Date.now(), people, hiding })
  }

  override render(): TemplateResult {
    return html`<div class="relative h-full">
      <div
        role="log"
        aria-label=${msg('Messages')}
        aria-live="off"
        tabindex="-1"
        class="h-full overflow-x-hidden overflow-y-auto overscroll-contain outline-none [overflow-anchor:none] ${this.opening ? 'opacity-0' : ''}"
        @keydown=${this.#keydown}
        @scroll=${this.#scrolled}
        @focusin=${this.#focused}
      >
        <div class="relative h-full" @rangeChanged=${this.#keepFocus}>
          ${virtualize<Row>({
            items: this.#rows,
            keyFunction: (row) => row.key,
            renderItem: (row) => guarded(this.#row(row)),
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
      ${this.#over()}
    </div>`
  }

  #row(row: Row): TemplateResult {
    if (row.kind === 'edge') return edgeRow(row, this.window.chat, () => void this.window.loadOlder())
    if (row.kind === 'day') return dayRow(row.key, row.label, () => this.#pickDay(row.start))
    if (row.kind === 'unread') return unreadRow(row.key)
    if (row.kind === 'event') return eventRow(row.key, row.text)
    const { chat } = this.window
    return html`<chat-message
      class="w-full touch-pan-y"
      data-key=${row.key}
      .row=${row}
      .members=${chat.members}
      .me=${this.me}
      .group=${chat.kind === 'group'}
      .reachable=${row.key === this.#stop}
      .frozen=${chat.removed}
      .flashing=${row.key === this.flashing}
      .selecting=${this.selected !== null}
      .selected=${this.selected?.has(row.key) ?? false}
    ></chat-message>`
  }

  /** What stands over the list: its day, the ways through it, or what there is to say while it is empty. */
  #over(): TemplateResult {
    const [edge] = this.#rows
    if (edge?.kind === 'edge' && edge.state === 'empty') return emptyChat(this.window.chat)
    if (this.opening || (this.#rows.length <= 1 && this.window.error === null)) return skeletons()
    const day = this.#rows.slice(0, (this.view?.first ?? 0) + 1).findLast((row) => row.kind === 'day')
    const covered = this.#rows[this.view?.first ?? 0]?.kind !== 'message'
    return html`${day ? stickyDay(day.label, this.scrolling && !covered, () => this.#pickDay(day.start)) : nothing}
      <input
        type="date"
        tabindex="-1"
        class="pointer-events-none absolute inset-x-0 top-2 mx-auto h-8 w-40 opacity-0"
        aria-label=${msg('Go to a date')}
        max=${dateValue(Date.now())}
        @change=${this.#dayPicked}
      />
      <div class="pointer-events-none absolute inset-x-0 bottom-3 mx-auto flex max-w-200 flex-col items-end gap-2 px-4 @pane:px-6">
        ${this.#ways()}
      </div>`
  }

  /** The browser's own calendar, as the person knows it. */
  #pickDay(start: number): void {
    const field = this.renderRoot.querySelector('input')
    if (!field) return
    field.value = dateValue(start)
    field.showPicker()
  }

  #dayPicked({ currentTarget }: Event): void {
    const start = dateOfValue((currentTarget as HTMLInputElement).value)
    if (Number.isNaN(start)) return
    void this.#jump(async () => {
      const first = await this.window.jumpToTime(start)
      const { items } = this.window
      const at = items.findIndex(({ id }) => id === first)
      const shown = items.find(({ hidden }, index) => index >= at && !hidden)
      return first !== null && shown !== undefined && (await this.show(shown.id))
    })
  }

  #ways(): unknown[] {
    const { view, window: open } = this
    if (!view) return []
    const { unread } = open.chat
    const line = this.#rows.findIndex((row) => row.kind === 'unread')
    const above = this.#firstUnread !== null && (line < 0 ? !open.hasNewer : line < view.first)
    const away = !view.atEnd || open.hasNewer
    return [
      this.returns.length ? floating(msg('Back to where you were'), icons.undo, () => this.#goBack()) : nothing,
      above ? floating(msg('Jump to first unread'), icons.up, () => this.#toUnread()) : nothing,
      away
        ? floating(
            unread ? plural(unread, 'Jump to latest, # new', 'Jump to latest, # new') : msg('Jump to latest'),
            icons.down,
            () => this.toLatest(),
            unread ? countText(unread) : '',
          )
        : nothing,
    ]
  }

  #scrolled(): void {
    this.scrolling = true
    clearTimeout(this.#still)
    this.#still = setTimeout(() => (this.scrolling = false), STICKY_MS)
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
    const line = this.#rows.findIndex((row) => row.kind === 'unread')
    const there = line >= 0
    const first = this.#rows[line + 1]
    if (there && first?.kind === 'message') this.#firstUnread = first.item.id
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
    const { chat, items, firstUnreadAfter, wasMarkedUnread } = this.window
    if (wasMarkedUnread) return firstUnreadAfter
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

  /** Where Tab stops: the message that had the focus, while it is on the screen, else the last one there is. */
  get #stop(): string | undefined {
    const { view, current } = this
    const shown = view ? this.#rows.slice(view.first, view.last + 1) : this.#rows
    const stop = shown.find((row) => row.key === current) ?? shown.findLast((row) => row.kind === 'message')
    return stop?.key
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
    this.#messageOf(next)?.article?.focus()
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
