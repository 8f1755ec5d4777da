// The whole chat as one element: logging in, the two panes, and what stands above both. Give it an engine; it takes the size of the page's box.
import { ContextProvider } from '@lit/context'
import type { Engine, LoggedOutDevice } from '@skein/engine'
import type { ChatId } from '@skein/protocol'
import { html, LitElement, type PropertyValues, type TemplateResult } from 'lit'
import { loggedOutText } from '../model/devices.ts'
import { engineContext } from '../state/engine-context.ts'
import type { SkeinEvent } from '../state/events.ts'
import { sheet } from '../styles/sheet.ts'
import type { MailLink } from './chat-link.ts'
import type { ChatList } from './chat-list.ts'
import type { ChatWindow } from './chat-window.ts'
import { icons, mark } from './icons.ts'

export class ChatApp extends LitElement {
  static override styles = sheet
  static override properties = {
    engine: { attribute: false },
    chat: { attribute: false },
    link: { attribute: false },
    invitation: {},
    notice: { attribute: false },
    hint: {},
    loggedOut: { state: true },
  }
  /** What the app talks through. Set it once; the element does not close it. */
  declare engine: Engine | undefined
  /** The open chat. Changes when the person chooses one, after the event `chat-chosen`. */
  declare chat: ChatId | null
  /** What the page was opened for by a mail; stands before everything else. The event `link-done` ends it. */
  declare link: MailLink | null
  /** The token of the link that invited the person. */
  declare invitation: string
  /** A line above the panes, with one thing to do about it. */
  declare notice: { text: string; action?: { label: string; press: () => void } } | null
  /** A line under the form for logging in. */
  declare hint: string
  declare loggedOut: readonly LoggedOutDevice[]
  #provider = new ContextProvider(this, { context: engineContext })
  #unsubscribe: (() => void) | undefined
  #begun: ChatId | null = null

  constructor() {
    super()
    this.chat = null
    this.link = null
    this.invitation = ''
    this.notice = null
    this.hint = ''
    this.loggedOut = []
    this.addEventListener('devices-logged-out', (event) => (this.loggedOut = (event as SkeinEvent<'devices-logged-out'>).detail.devices))
    this.addEventListener('link-done', () => (this.link = null))
    this.addEventListener('chat-chosen', (event) => void this.#choose(event as SkeinEvent<'chat-chosen'>))
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.hasUpdated) this.#follow()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('engine')) this.#follow()
    if (this.engine?.session.status !== 'logged-out') return
    this.chat = null
    this.loggedOut = []
  }

  #follow(): void {
    this.#unsubscribe?.()
    this.#provider.setValue(this.engine)
    this.#unsubscribe = this.engine?.subscribe(() => this.requestUpdate())
  }

  override render(): TemplateResult {
    const status = this.engine?.session.status ?? 'starting'
    return html`<div class="@container flex h-full flex-col overflow-hidden bg-side text-ink">
      ${this.notice ? this.#bar(this.notice) : ''} ${this.#loggedOutBar()}
      ${
        this.link
          ? html`<chat-link class="min-h-0 grow overflow-y-auto bg-canvas" .link=${this.link}></chat-link>`
          : status === 'starting' && this.engine?.network.outdated
            ? html`<div class="flex grow items-center justify-center"><chat-network></chat-network></div>`
            : status === 'starting'
              ? html`<div class="flex grow items-center justify-center" aria-busy="true">${mark('size-14 opacity-80')}</div>`
              : status === 'logged-out'
                ? html`<chat-login class="min-h-0 grow overflow-y-auto bg-canvas" .hint=${this.hint} .invitation=${this.invitation}></chat-login>`
                : this.#panes()
      }
    </div>`
  }

  #panes(): TemplateResult {
    // An address may name a chat that this person does not have; one that was just begun is in no list yet.
    const known = this.chat === this.#begun || this.engine?.chats.some((one) => one.id === this.chat)
    const chat = known ? this.chat : null
    return html`<chat-relogin></chat-relogin>
      <div class="relative flex min-h-0 grow">
        <chat-network
          class="pointer-events-none absolute inset-x-0 z-10 px-3 @pane:top-[calc(max(8px,env(safe-area-inset-top))+64px)] @pane:ps-87 ${
            chat ? 'top-[calc(max(8px,env(safe-area-inset-top))+64px)]' : 'top-[calc(max(8px,env(safe-area-inset-top))+108px)]'
          }"
        ></chat-network>
        <chat-list class="${chat ? 'hidden @pane:block' : ''} w-full shrink-0 border-line @pane:w-84 @pane:border-e" .selected=${chat}></chat-list>
        ${
          chat
            ? html`<main class="min-w-0 grow"><chat-window class="h-full" .chat=${chat}></chat-window></main>`
            : html`<main class="hidden grow flex-col items-center justify-center gap-3 bg-canvas px-6 text-center text-muted @pane:flex">
                <span class="flex size-16 items-center justify-center rounded-full bg-other">${icons.chats}</span>
                <p class="max-w-72 text-body">Choose a chat on the left, or somebody to write to.</p>
              </main>`
        }
      </div>`
  }

  #loggedOutBar(): TemplateResult | string {
    if (!this.loggedOut.length) return ''
    return this.#bar({ text: loggedOutText(this.loggedOut), action: { label: 'OK', press: () => (this.loggedOut = []) } })
  }

  #bar(notice: { text: string; action?: { label: string; press: () => void } }): TemplateResult {
    return html`<section
      aria-label="Notice"
      class="flex min-h-9 items-center justify-center gap-2 border-b border-line bg-raised px-4 py-1 text-center text-small"
    >
      <p>${notice.text}</p>
      ${
        notice.action
          ? html`<button
              type="button"
              class="rounded-md px-2 py-1 font-semibold text-accent-ink hover:bg-hover coarse:min-h-11"
              @click=${notice.action.press}
            >
              ${notice.action.label}
            </button>`
          : ''
      }
    </section>`
  }

  async #choose({ detail: { chat } }: SkeinEvent<'chat-chosen'>): Promise<void> {
    const left = this.chat
    this.chat = chat
    this.#begun = chat
    await this.updateComplete
    const open = this.renderRoot.querySelector<ChatWindow>('chat-window')
    await open?.updateComplete
    // A phone's keyboard would cover what one came to read.
    if (open && matchMedia('(pointer: fine)').matches) open.focus()
    else if (!open && left) this.renderRoot.querySelector<ChatList>('chat-list')?.focus()
  }
}
