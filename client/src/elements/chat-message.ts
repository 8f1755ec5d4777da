// One message: bubble, quote, text, time and state, reactions, and what can be done when it was not taken.
import { msg, str } from '@lit/localize'
import type { MessageItem } from '@skein/engine'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { onward, startOf } from '../state/placing.ts'
import { direction, numberText } from '../languages/language.ts'
import { emit, type MessageAction } from '../state/events.ts'
import { LongPressController } from '../state/long-press-controller.ts'
import { blocksIn, loadMarkdown } from '../state/markdown.ts'
import { SwipeController } from '../state/swipe-controller.ts'
import { hueOf, namesOf } from '../model/people.ts'
import { reasonText } from '../model/reasons.ts'
import { placeTime, sameRow, writtenBefore, type MessageRow } from '../model/rows.ts'
import { selectable } from '../model/selection.ts'
import { isLargeEmoji, mayBeMarkdown } from '../model/text-parts.ts'
import { clockTime, fullTime, writtenTime } from '../model/times.ts'
import { sheet } from '../styles/sheet.ts'
import { icons, statusMark } from './icons.ts'
import { plainWords, richWords } from './message-words.ts'

export interface Member {
  id: string
  name: string
  picture?: string | null
}

export class ChatMessage extends LitElement {
  static override styles = sheet
  static override properties = {
    // Each change of the window makes new rows; most of them look as before.
    row: { attribute: false, hasChanged: (row: MessageRow, before: MessageRow | undefined) => !sameRow(row, before) },
    members: { attribute: false },
    me: {},
    group: { type: Boolean },
    reachable: { type: Boolean },
    frozen: { type: Boolean },
    flashing: { type: Boolean },
    selecting: { type: Boolean },
    selected: { type: Boolean },
  }
  declare row: MessageRow
  declare members: readonly Member[]
  declare me: string
  /** In a group each message says who wrote it. */
  declare group: boolean
  /** The one message of the list that Tab stops at. */
  declare reachable: boolean
  /** Nothing can be written in this chat. */
  declare frozen: boolean
  /** A quote led here just now. */
  declare flashing: boolean
  /** A press selects it, or takes it out again. */
  declare selecting: boolean
  declare selected: boolean

  constructor() {
    super()
    this.members = []
    this.me = ''
    this.group = false
    this.reachable = false
    this.frozen = false
    this.flashing = false
    this.selecting = false
    this.selected = false
    this.addController(new LongPressController(this, ({ x, y }) => this.openMenu(x, y)))
    new SwipeController(
      this,
      () => this.#answerable,
      () => this.#act('reply'),
    )
  }

  /** @returns the element that has the focus when this message has it */
  get article(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>('[role=article]')
  }

  /** Whether there is one now. */
  openMenu(x: number, y: number): boolean {
    const { item } = this.row
    if (!this.selecting) emit(this, 'message-menu', { item, x, y })
    return !this.selecting
  }

  get #answerable(): boolean {
    const { item } = this.row
    return item.deletedAt === null && item.status !== 'set-aside' && !this.frozen && !this.selecting
  }

  #select(): void {
    const { item } = this.row
    if (selectable(item)) emit(this, 'message-select', { item })
  }

  override render(): TemplateResult {
    const { row, group, selecting } = this
    const { item } = row
    const placed = item.own ? 'justify-end' : 'justify-start'
    return html`<div
      class="group/row relative mx-auto flex max-w-200 items-end gap-2 px-3 @pane:px-6 ${placed} ${row.closes ? 'pb-2.5' : 'pb-0.5'} ${this.flashing ? 'animate-flash' : ''} ${selecting ? 'cursor-pointer ps-13! select-none' : ''} ${this.selected ? 'bg-chosen' : ''}"
      @click=${selecting ? this.#pressed : nothing}
    >
      <span class="pointer-events-none absolute end-full bottom-3 text-muted opacity-[var(--swiped,0)]" aria-hidden="true">${icons.reply}</span>
      ${selecting && selectable(item) ? this.#box() : nothing} ${group && !item.own ? this.#portrait() : nothing}
      <div class="relative flex max-w-[84%] min-w-0 flex-col @pane:max-w-[76%] ${item.own ? 'items-end' : 'items-start'}">
        ${this.#bubble(item)} ${item.status === 'set-aside' || item.problem !== null ? this.#problem(item) : nothing}
        ${item.deletedAt === null && !this.frozen && !selecting ? this.#toolbar(item) : nothing}
      </div>
    </div>`
  }

  /** Nothing else in it is pressed meanwhile. */
  #pressed = {
    capture: true,
    handleEvent: (event: Event): void => {
      event.preventDefault()
      event.stopPropagation()
      this.#select()
    },
  }

  #box(): TemplateResult {
    return html`<button
      type="button"
      role="checkbox"
      tabindex="-1"
      aria-checked=${this.selected}
      aria-label=${msg('Select this message')}
      class="absolute start-3 bottom-3 flex size-6 items-center justify-center rounded-full border-2 transition-colors @pane:start-5 ${this.selected ? 'border-accent bg-accent text-on-accent' : 'border-faint'}"
    >
      ${this.selected ? icons.check : nothing}
    </button>`
  }

  #bubble(item: MessageItem): TemplateResult {
    const { row } = this
    const deleted = item.deletedAt !== null
    const words = item.text || msg('Message deleted')
    const gone = item.text ? 'line-through' : 'italic rtl:not-italic'
    const large = !deleted && !row.quote && isLargeEmoji(item.text)
    const corners = item.own ? `${row.opens ? '' : 'rounded-se-md'} rounded-ee-md` : `${row.opens ? '' : 'rounded-ss-md'} rounded-es-md`
    const paint = deleted
      ? 'border border-line text-muted'
      : large
        ? ''
        : item.status === 'set-aside'
          ? 'bg-danger-soft text-ink'
          : item.own
            ? 'bg-own text-own-ink'
            : 'bg-other'
    return html`<div
      role="article"
      tabindex=${this.reachable ? 0 : -1}
      aria-posinset=${item.seq || nothing}
      aria-setsize=${item.seq ? -1 : nothing}
      aria-label=${msg(str`${row.author}, ${fullTime(placeTime(item))}`)}
      class="max-w-full min-w-0 rounded-2xl ${corners} ${paint} px-3 py-1.5 outline-offset-1 coarse:select-none"
      @keydown=${this.#keydown}
      @contextmenu=${this.#contextMenu}
    >
      ${
        this.group && row.opens && !item.own
          ? html`<p class="hue-${hueOf(item.authorId)} hue-ink text-small font-semibold" dir="auto">${row.author}</p>`
          : nothing
      }
      ${
        item.forwardedFrom && !deleted
          ? html`<p class="flex items-center gap-1 text-small italic rtl:not-italic ${item.own ? 'text-own-muted' : 'text-muted'}">
              ${icons.forwarded}${msg('Forwarded')}
            </p>`
          : nothing
      }
      ${row.quote && !deleted ? this.#quote(row.quote) : nothing}
      ${
        deleted && (item.hidden || (item.pending && item.text))
          ? html`<p class="flow-root text-body wrap-anywhere whitespace-pre-wrap ${gone}" dir="auto">${words}</p>
              <p class="flow-root text-small">
                <button
                  type="button"
                  class="rounded-md font-medium text-accent-ink hover:underline coarse:min-h-11"
                  @click=${() => this.#act('restore')}
                >
                  ${msg('Undo deletion')}</button
                >${this.#meta(item)}
              </p>`
          : deleted
            ? html`<p class="flow-root text-body italic rtl:not-italic">${msg('Message deleted')}${this.#meta(item)}</p>`
            : large
              ? html`<p class="text-[40px]/[48px]">${item.text}</p>
                  <p class="flow-root">${this.#meta(item)}</p>`
              : this.#words(item)
      }
      ${item.reactions.length ? this.#reactions(item) : nothing}
    </div>`
  }

  #words(item: MessageItem): TemplateResult {
    const named = item.mentions.flatMap((id) => this.members.find((member) => member.id === id) ?? [])
    const options = { named, me: this.me, tail: this.#meta(item) }
    const blocks = mayBeMarkdown(item.text) ? blocksIn(item.text) : []
    if (blocks === null) void loadMarkdown().then(() => this.requestUpdate())
    return blocks?.length ? richWords(blocks, options) : plainWords(item.text, options)
  }

  /** Floats at the end of the last line, so that it costs no line of its own where there is room. */
  #meta(item: MessageItem): TemplateResult {
    const written = writtenBefore(item)
    const waits = item.pending && item.status !== 'queued'
    return html`<span
      class="float-end ms-2.5 mt-1.5 -mb-0.5 text-tiny whitespace-nowrap not-italic select-none ${item.own ? 'text-own-muted' : 'text-muted'}"
      ><span class="inline-flex h-3.5 items-center gap-1" dir=${direction()}
        >${item.unsaved ? html`<span class="text-danger">${msg('not saved on this device')}</span>` : nothing}
        ${item.editedAt !== null && item.deletedAt === null ? html`<span title=${msg(str`Edited ${fullTime(Date.parse(item.editedAt))}`)}>${msg('edited')}</span>` : nothing}
        ${waits ? html`<span title=${msg('Your change is not sent yet')}>${icons.clock}<span class="sr-only">${msg('Change queued')}</span></span>` : nothing}
        ${written === null ? nothing : html`<span title=${fullTime(written)}>${msg(str`written ${writtenTime(written, Date.now())} ·`)}</span>`}
        <time datetime=${item.createdAt} title=${fullTime(placeTime(item))}>${clockTime(placeTime(item))}</time
        >${item.own && item.deletedAt === null ? statusMark(item.status) : nothing}</span
      ></span
    >`
  }

  #quote({ id, author, text }: NonNullable<MessageRow['quote']>): TemplateResult {
    const own = this.row.item.own
    return html`<button
      type="button"
      class="my-1 block w-full max-w-full min-w-0 rounded-md border-s-3 border-accent bg-hover px-2 py-1 text-start"
      title=${msg('Go to this message')}
      @click=${() => emit(this, 'message-jump', { id, from: this.row.item.id })}
    >
      ${author ? html`<span class="block truncate text-small font-semibold text-accent-ink">${author}</span>` : nothing}
      <span class="line-clamp-2 text-small ${own ? 'text-own-muted' : 'text-muted'}" dir="auto">${text}</span>
    </button>`
  }

  #reactions(item: MessageItem): TemplateResult {
    return html`<div class="mt-1 mb-0.5 flex flex-wrap gap-1">
      ${item.reactions.map(({ emoji, userIds }) => {
        const mine = userIds.some((id) => id === this.me)
        const who = namesOf(
          userIds.map((id) => (id === this.me ? msg('you') : (this.members.find((member) => member.id === id)?.name ?? msg('someone')))),
        )
        return html`<button
          type="button"
          class="inline-flex h-6.5 items-center gap-1 rounded-full border px-2 text-small transition-colors coarse:h-8 ${
            mine ? 'border-accent bg-chosen text-accent-ink' : 'border-line bg-canvas/70 hover:bg-hover'
          }"
          title=${who}
          aria-pressed=${mine}
          ?disabled=${this.frozen}
          @click=${() => emit(this, 'message-reaction', { item, emoji, on: !mine })}
        >
          <span>${emoji}</span><span class="text-tiny font-medium">${numberText(userIds.length)}</span
          ><span class="sr-only"> ${msg(str`from ${who}`)}</span>
        </button>`
      })}
    </div>`
  }

  #problem(item: MessageItem): TemplateResult {
    const button = (label: string, action: MessageAction): TemplateResult =>
      html`<button
        type="button"
        class="rounded-md px-2 py-1 text-small font-medium text-accent-ink hover:bg-hover coarse:min-h-11"
        @click=${() => this.#act(action)}
      >
        ${label}
      </button>`
    return html`<div class="mt-1 mb-0.5">
      <p class="flex items-center justify-end gap-1.5 px-1 text-small text-danger">${icons.alert}${reasonText(item.problem)}</p>
      ${
        item.status === 'set-aside'
          ? html`<div class="flex justify-end">
              ${button(msg('Retry'), 'retry')}${button(msg('Edit'), 'retry-edited')}${button(msg('Copy'), 'copy')}${button(msg('Discard'), 'discard')}
            </div>`
          : nothing
      }
    </div>`
  }

  #toolbar(item: MessageItem): TemplateResult {
    if (item.status === 'set-aside') return html``
    const side = item.own ? 'end-full me-1' : 'start-full ms-1'
    const button = (name: string, icon: TemplateResult, press: (event: MouseEvent) => void): TemplateResult =>
      html`<button type="button" tabindex="-1" class="icon-button size-8!" aria-label=${name} title=${name} @click=${press}>${icon}</button>`
    const menu = (event: MouseEvent): void => {
      const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
      this.openMenu(startOf(box), box.bottom + 4)
    }
    return html`<div
      class="absolute bottom-0 ${side} hidden opacity-0 transition-opacity group-focus-within/row:opacity-100 group-hover/row:opacity-100 fine:@pane:flex"
    >
      ${button(msg('React'), icons.smile, menu)} ${button(msg('Reply'), icons.reply, () => this.#act('reply'))}
      ${button(msg('More'), icons.more, menu)}
    </div>`
  }

  #portrait(): TemplateResult {
    const { item, author, closes } = this.row
    const picture = this.members.find(({ id }) => id === item.authorId)?.picture ?? null
    return closes
      ? html`<chat-avatar size="small" .name=${author} .person=${item.authorId} .picture=${picture} class="mb-0.5"></chat-avatar>`
      : html`<span class="w-7 shrink-0"></span>`
  }

  #act(action: MessageAction): void {
    emit(this, 'message-action', { item: this.row.item, action })
  }

  #keydown(event: KeyboardEvent): void {
    if (this.selecting && (event.key === ' ' || event.key === 'Enter') && event.target === event.currentTarget) {
      event.preventDefault()
      return this.#select()
    }
    if (event.target !== event.currentTarget || (event.key !== 'Enter' && event.key !== 'ContextMenu' && !(event.key === 'F10' && event.shiftKey)))
      return
    event.preventDefault()
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
    this.openMenu(onward(startOf(box), 16), box.top + 16)
  }

  #contextMenu(event: MouseEvent): void {
    // The browser's own menu stays for links and for what is selected.
    const inLink = event.composedPath().some((target) => target instanceof HTMLAnchorElement)
    if (inLink || (getSelection()?.toString() ?? '') !== '') return
    event.preventDefault()
    this.openMenu(event.clientX, event.clientY)
  }
}
