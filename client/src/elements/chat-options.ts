// The menu of a chat as a whole, from its header and from the list: mute, pin, archive, keep offline, and what needs a question first.
// A manual popover, as the menu of a message is: an automatic one closes itself when the finger that opened it is lifted.
import { msg, str } from '@lit/localize'
import type { ChatItem, Engine } from '@skein/engine'
import { MAX_REPORT_REASON_LENGTH, type ChatId } from '@skein/protocol'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { EDGE, leftFor } from '../state/placing.ts'
import { actionsOf, mutes, type ActionEntry, type ChatAction } from '../model/chat-actions.ts'
import { BlockedController } from '../state/blocked.ts'
import { EngineController } from '../state/engine-context.ts'
import { emit } from '../state/events.ts'
import { sheet } from '../styles/sheet.ts'
import type { ChatQuestion } from './chat-question.ts'
import { focusedIn } from './focused.ts'
import { icons } from './late-icons.ts'

const looks: Record<ChatAction, TemplateResult> = {
  info: icons.info,
  mute: icons.mute,
  unmute: icons.bell,
  pin: icons.pin,
  unpin: icons.pin,
  read: icons.check,
  unread: icons.unread,
  archive: icons.archive,
  unarchive: icons.archive,
  keep: icons.keep,
  unkeep: icons.keep,
  block: icons.block,
  unblock: icons.block,
  report: icons.flag,
  leave: icons.leave,
}

export class ChatOptions extends LitElement {
  static override styles = sheet
  static override properties = { chat: { state: true }, muting: { state: true } }
  declare chat: ChatId | null
  /** How long is being chosen. */
  declare muting: boolean
  #engine = new EngineController(this)
  #blocked = new BlockedController(this, this.#engine)
  #before: HTMLElement | undefined

  constructor() {
    super()
    this.chat = null
    this.muting = false
  }

  /** Shows the menu of a chat beside a point of the viewport. The focus goes back when it closes. */
  async open(chat: ChatId, x: number, y: number, only?: 'mute'): Promise<void> {
    this.chat = chat
    this.muting = only === 'mute'
    if (this.#item?.kind === 'direct') void this.#blocked.learn()
    await this.updateComplete
    const panel = this.#panel
    if (!panel) return
    if (!panel.matches(':popover-open')) {
      this.#before = focusedIn(document)
      panel.showPopover()
      document.addEventListener('pointerdown', this.#elsewhere, { capture: true })
    }
    const { width, height } = panel.getBoundingClientRect()
    panel.style.left = `${leftFor(x, width)}px`
    panel.style.top = `${Math.max(EDGE, Math.min(y, innerHeight - height - EDGE))}px`
    this.#buttons[0]?.focus()
  }

  get #panel(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>('[popover]')
  }
  get #buttons(): HTMLButtonElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLButtonElement>('[popover] button')]
  }
  get #item(): ChatItem | undefined {
    return this.#engine.engine?.chats.find(({ id }) => id === this.chat)
  }

  override render(): TemplateResult {
    const chat = this.#item
    const now = Date.now()
    const entries = chat && !this.muting ? actionsOf(chat, { blocked: this.#blocked.has(chat.peer), now }) : []
    return html`<div
        popover="manual"
        role="menu"
        aria-label=${this.muting ? msg('Mute for how long') : msg('Chat options')}
        class="fixed inset-auto m-0 w-64 animate-rise rounded-xl border-0 bg-raised p-1.5 text-ink shadow-menu"
        @keydown=${this.#keydown}
        @contextmenu=${(event: Event) => event.preventDefault()}
      >
        ${chat && this.muting ? this.#mutes(chat, now) : nothing} ${chat ? entries.map((entry) => this.#entry(chat, entry)) : nothing}
      </div>
      <chat-question></chat-question>`
  }

  #mutes(chat: ChatItem, now: number): TemplateResult {
    return html`<p class="px-2.5 pt-1 pb-1.5 text-tiny font-semibold text-muted" aria-hidden="true">${msg('Mute')}</p>
      ${mutes().map(({ label, until }) => this.#button(label, icons.mute, () => this.#arrange(chat, { mutedUntil: until(now) })))}`
  }

  #entry(chat: ChatItem, { action, label, detail, danger }: ActionEntry): TemplateResult {
    return this.#button(label, looks[action], () => this.#act(chat, action), detail, danger)
  }

  #button(label: string, look: TemplateResult, press: () => void, detail = '', danger = false): TemplateResult {
    return html`<button
      type="button"
      role="menuitem"
      class="flex min-h-9 w-full items-center gap-3 rounded-lg px-2.5 py-1.5 text-start text-small hover:bg-hover focus-visible:bg-hover focus-visible:outline-none coarse:min-h-11 ${danger ? 'text-danger' : ''}"
      @click=${press}
    >
      <span class=${danger ? '' : 'text-muted'}>${look}</span>
      <span class="min-w-0"
        ><span class="block">${label}</span>${detail ? html`<span class="block text-tiny text-muted">${detail}</span>` : nothing}</span
      >
    </button>`
  }

  #arrange(chat: ChatItem, wanted: Parameters<Engine['arrange']>[1]): void {
    this.#close()
    void this.#engine.required.arrange(chat.id, wanted)
  }

  #act(chat: ChatItem, action: ChatAction): void {
    const engine = this.#engine.required
    if (action === 'mute') {
      this.muting = true
      void this.updateComplete.then(() => this.#buttons[0]?.focus())
    } else if (action === 'unmute') this.#arrange(chat, { mutedUntil: null })
    else if (action === 'pin' || action === 'unpin') this.#arrange(chat, { pinned: action === 'pin' })
    else if (action === 'archive' || action === 'unarchive') this.#arrange(chat, { archived: action === 'archive' })
    else if (action === 'unread') this.#arrange(chat, { unreadAfter: (chat.lastMessage?.seq ?? 1) - 1 })
    else if (action === 'read') {
      this.#close()
      // As if one had opened it, seen its end, and left.
      const open = engine.openChat(chat.id)
      open.markSeen(Infinity)
      open.close()
    } else if (action === 'keep' || action === 'unkeep') {
      this.#close()
      void engine.keepOffline(chat.id, action === 'keep')
    } else if (action === 'info') {
      this.#close()
      emit(this, 'chat-chosen', { chat: chat.id })
      emit(this, 'chat-info', { open: true })
    } else this.#ask(chat, action)
  }

  #ask(chat: ChatItem, action: 'block' | 'unblock' | 'report' | 'leave'): void {
    const { groups, contacts } = this.#engine.required
    const { peer } = chat
    this.#close()
    const question = this.renderRoot.querySelector<ChatQuestion>('chat-question')
    if (action === 'leave')
      void question?.ask({
        title: msg(str`Leave “${chat.title}”?`),
        text: msg('What was said so far stays readable here. To come back, somebody has to invite you.'),
        action: msg('Leave group'),
        danger: true,
        run: () => groups.leave(chat.id),
      })
    else if (peer === null) return
    else if (action === 'report')
      void question?.ask({
        title: msg(str`Report ${chat.title}?`),
        text: msg('Whoever runs this server is told, with your words. The other person is not.'),
        action: msg('Send report'),
        danger: true,
        field: { label: msg('What happened?'), limit: MAX_REPORT_REASON_LENGTH },
        run: (reason) => contacts.report({ person: peer, chat: chat.id, reason }),
      })
    else {
      const isBlocking = action === 'block'
      void question?.ask({
        title: isBlocking ? msg(str`Block ${chat.title}?`) : msg(str`Unblock ${chat.title}?`),
        text: isBlocking
          ? msg(
              'Neither of you can write to the other any more, and you do not see when the other is there. They are not told, but notice it when they write.',
            )
          : msg('You can write to each other again.'),
        action: isBlocking ? msg('Block') : msg('Unblock'),
        danger: isBlocking,
        run: async () => {
          await (isBlocking ? contacts.block(peer) : contacts.unblock(peer))
          await this.#blocked.learn()
        },
      })
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener('pointerdown', this.#elsewhere, { capture: true })
  }

  #close(): void {
    document.removeEventListener('pointerdown', this.#elsewhere, { capture: true })
    this.#panel?.hidePopover()
    this.#before?.focus({ preventScroll: true })
  }

  #elsewhere = (event: PointerEvent): void => {
    if (!event.composedPath().includes(this)) this.#close()
  }

  #keydown(event: KeyboardEvent): void {
    const buttons = this.#buttons
    const at = buttons.findIndex((button) => button.matches(':focus'))
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (event.key === 'Tab' || event.key === 'Escape') this.#close()
    else if (step) buttons[(at + step + buttons.length) % buttons.length]?.focus()
    else if (event.key === 'Home') buttons[0]?.focus()
    else if (event.key === 'End') buttons.at(-1)?.focus()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
}
