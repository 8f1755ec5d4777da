// The menu of one message: quick reactions, and what can be done with it. Opened by hover button, right click, long press or key; closed by Esc or elsewhere.
// A manual popover: an automatic one closes itself when the finger that opened it by a long press is lifted.
import { msg, str } from '@lit/localize'
import type { MessageItem } from '@skein/engine'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { EDGE, leftFor, startOf } from '../state/placing.ts'
import { emit, type MessageAction } from '../state/events.ts'
import { sheet } from '../styles/sheet.ts'
import { focusedIn } from './focused.ts'
import { icons } from './late-icons.ts'

const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const

interface Entry {
  action: MessageAction
  label: string
  icon: TemplateResult
  danger?: boolean
}

export class ChatMenu extends LitElement {
  static override styles = sheet
  static override properties = {
    item: { state: true },
    sure: { state: true },
    me: {},
    frozen: { type: Boolean },
    linkable: { type: Boolean },
    pinned: { attribute: false },
  }
  declare item: MessageItem | null
  /** Delete was pressed once: what it does cannot be undone for long, so it asks again in its place, and for whom. */
  declare sure: boolean
  declare me: string
  /** Nothing can be written in this chat. */
  declare frozen: boolean
  /** The page has addresses for messages. */
  declare linkable: boolean
  /** What is pinned in this chat. */
  declare pinned: readonly MessageItem[]

  constructor() {
    super()
    this.item = null
    this.sure = false
    this.me = ''
    this.frozen = false
    this.linkable = false
    this.pinned = []
  }

  /** Shows the menu of a message beside a point of the viewport. The focus goes back when it closes. */
  async open(item: MessageItem, x: number, y: number): Promise<void> {
    this.item = item
    this.sure = false
    await this.updateComplete
    const panel = this.#panel
    if (!panel) return
    if (!panel.matches(':popover-open')) {
      this.#before = focusedIn(document)
      panel.showPopover()
      document.addEventListener('pointerdown', this.#elsewhere, { capture: true })
    }
    const { width, height } = panel.getBoundingClientRect()
    const top = y + height + EDGE > innerHeight ? Math.max(EDGE, Math.min(y - height - EDGE, innerHeight - height - EDGE)) : y
    panel.style.left = `${leftFor(x, width)}px`
    panel.style.top = `${top}px`
    this.#buttons[0]?.focus()
  }

  #before: HTMLElement | undefined

  get #panel(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>('[popover]')
  }
  get #buttons(): HTMLButtonElement[] {
    return [...this.renderRoot.querySelectorAll('button')]
  }

  override render(): TemplateResult {
    const { item } = this
    return html`<div
      popover="manual"
      role="menu"
      aria-label=${msg('Actions')}
      class="fixed inset-auto m-0 w-62 animate-rise rounded-xl border-0 bg-raised p-1.5 text-ink shadow-menu"
      @keydown=${this.#keydown}
    >
      ${
        item && item.status !== 'set-aside' && item.deletedAt === null && !this.frozen
          ? html`<div class="mb-1 flex justify-between border-b border-line pb-1.5" role="group" aria-label=${msg('React')}>
              ${QUICK.map((emoji) => this.#emoji(item, emoji))}
              <button
                type="button"
                role="menuitem"
                aria-label=${msg('All emoji')}
                title=${msg('All emoji')}
                class="flex size-8 items-center justify-center rounded-lg text-muted hover:bg-hover focus-visible:bg-hover"
                @click=${(event: MouseEvent) => this.#allEmoji(item, event)}
              >
                ${icons.plus}
              </button>
            </div>`
          : nothing
      }
      ${item ? entriesOf(item, this.frozen, this.linkable, this.sure, this.pinned).map((entry) => this.#entry(item, entry)) : nothing}
    </div>`
  }

  #emoji(item: MessageItem, emoji: string): TemplateResult {
    const mine = item.reactions.some((reaction) => reaction.emoji === emoji && reaction.userIds.some((id) => id === this.me))
    return html`<button
      type="button"
      role="menuitemcheckbox"
      aria-checked=${mine}
      aria-label=${msg(str`React with ${emoji}`)}
      class="size-8 rounded-lg text-[20px]/none transition-colors hover:bg-hover focus-visible:bg-hover ${mine ? 'bg-chosen' : ''}"
      @click=${() => this.#close(() => emit(this, 'message-reaction', { item, emoji, on: !mine }))}
    >
      ${emoji}
    </button>`
  }

  #allEmoji(item: MessageItem, event: MouseEvent): void {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
    this.#close(() => emit(this, 'message-emoji', { item, x: startOf(box), y: box.top }))
  }

  #entry(item: MessageItem, { action, label, icon, danger }: Entry): TemplateResult {
    const asking = action === 'delete' && this.sure
    const press = (): void => {
      if (action === 'delete' && !this.sure) this.sure = true
      else this.#close(() => emit(this, 'message-action', { item, action }))
    }
    return html`<button
      type="button"
      role="menuitem"
      class="flex h-9 w-full items-center gap-3 rounded-lg px-2.5 text-start text-small hover:bg-hover focus-visible:bg-hover focus-visible:outline-none coarse:h-11 ${danger ? 'text-danger' : ''} ${asking ? 'bg-danger-soft! font-medium' : ''}"
      @click=${press}
    >
      <span class=${danger ? '' : 'text-muted'}>${icon}</span>${asking ? msg('Delete for everyone?') : label}
    </button>`
  }

  /** The question is longer by a line. */
  override updated(changed: PropertyValues<this>): void {
    const panel = this.#panel
    if (!panel || !changed.has('sure') || !this.sure) return
    const { top, height } = panel.getBoundingClientRect()
    panel.style.top = `${Math.max(EDGE, Math.min(top, innerHeight - height - EDGE))}px`
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener('pointerdown', this.#elsewhere, { capture: true })
  }

  #close(then?: () => void): void {
    document.removeEventListener('pointerdown', this.#elsewhere, { capture: true })
    this.#panel?.hidePopover()
    this.item = null
    this.#before?.focus({ preventScroll: true })
    then?.()
  }

  #elsewhere = (event: PointerEvent): void => {
    if (!event.composedPath().includes(this)) this.#close()
  }

  #keydown(event: KeyboardEvent): void {
    const buttons = this.#buttons
    const at = buttons.findIndex((button) => button.matches(':focus'))
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key]
    if (event.key === 'Tab' || event.key === 'Escape') this.#close()
    else if (step) buttons[(at + step + buttons.length) % buttons.length]?.focus()
    else if (event.key === 'Home') buttons[0]?.focus()
    else if (event.key === 'End') buttons.at(-1)?.focus()
    else return
    event.preventDefault()
  }
}

function entriesOf(item: MessageItem, frozen: boolean, linkable: boolean, sure: boolean, pinned: readonly MessageItem[]): Entry[] {
  const hide: Entry[] = item.seq > 0 ? [{ action: 'hide', label: msg('Delete for me'), icon: icons.trash, danger: true }] : []
  const restore: Entry = { action: 'restore', label: msg('Undo deletion'), icon: icons.undo }
  const copy: Entry = { action: 'copy', label: msg('Copy text'), icon: icons.copy }
  if (item.deletedAt !== null) return item.hidden || (item.pending && item.own) ? [restore] : hide
  if (item.status === 'set-aside') {
    return [
      { action: 'retry', label: msg('Retry'), icon: icons.retry },
      { action: 'retry-edited', label: msg('Edit'), icon: icons.edit },
      copy,
      { action: 'discard', label: msg('Discard'), icon: icons.trash, danger: true },
    ]
  }
  const link: Entry[] = linkable && item.seq > 0 ? [{ action: 'copy-link', label: msg('Copy link'), icon: icons.link }] : []
  const details: Entry = { action: 'details', label: msg('Details'), icon: icons.info }
  const forward: Entry = { action: 'forward', label: msg('Forward'), icon: icons.forward }
  const select: Entry = { action: 'select', label: msg('Select'), icon: icons.select }
  if (frozen) return [forward, copy, ...link, select, details, ...hide]
  const reply: Entry = { action: 'reply', label: msg('Reply'), icon: icons.reply }
  const unread: Entry[] = item.seq > 0 ? [{ action: 'unread', label: msg('Mark as unread'), icon: icons.unread }] : []
  const isPinned = pinned.some(({ key }) => key === item.key)
  const pin: Entry = isPinned ? { action: 'unpin', label: msg('Unpin'), icon: icons.pin } : { action: 'pin', label: msg('Pin'), icon: icons.pin }
  if (!item.own) return [reply, forward, copy, ...link, pin, ...unread, select, details, ...hide]
  return [
    reply,
    { action: 'edit', label: msg('Edit'), icon: icons.edit },
    forward,
    copy,
    ...link,
    pin,
    select,
    details,
    { action: 'delete', label: msg('Delete'), icon: icons.trash, danger: true },
    ...(sure ? hide : []),
  ]
}
