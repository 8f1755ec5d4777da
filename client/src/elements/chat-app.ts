// The whole chat as one element: logging in, the two panes, and what stands above both. Give it a server, or an engine; it takes the size of the page's box.
import { msg } from '@lit/localize'
import { subjectOf, type Engine, type Identity, type LoggedOutDevice, type LoginWays, type TokenProblem } from '@skein/engine'
import type { ChatId, OperationId, UserId } from '@skein/protocol'
import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import { isLanguageSettled } from '../languages/language.ts'
import { loggedOutText } from '../model/devices.ts'
import { draftOf } from '../state/draft-keeper.ts'
import { writeDraft } from '../state/drafts.ts'
import { emit, type SkeinEvent, type SkeinEvents } from '../state/events.ts'
import { OwnEngine, serverOf } from '../state/own-engine.ts'
import type { MailLink } from './chat-link.ts'
import type { ChatKeys } from './chat-keys.ts'
import type { ChatList } from './chat-list.ts'
import type { ChatOptions } from './chat-options.ts'
import { ChatProvider } from './chat-provider.ts'
import type { ChatWindow } from './chat-window.ts'
import { defineElement } from './error-boundary.ts'
import { icons, mark } from './icons.ts'
import { noticeBar, type Notice } from './notice-bar.ts'

/** `--container-wide` of the style sheet. */
const WIDE_PX = 1_080
type Panel = SkeinEvents['panel-chosen']['panel']

export class ChatApp extends ChatProvider {
  static override properties: PropertyDeclarations = {
    server: {},
    getToken: { attribute: false },
    subject: {},
    token: {},
    chat: { attribute: false },
    message: { attribute: false },
    linkTo: { attribute: false },
    link: { attribute: false },
    invitation: {},
    join: {},
    shared: {},
    notice: { attribute: false },
    hint: {},
    ways: { attribute: false },
    entering: { attribute: false },
    entryProblem: { attribute: false },
    loggedOut: { state: true },
    info: { state: true },
    making: { state: true },
    panel: { state: true },
  }
  /** The server's address: the element opens an engine of its own, and closes it when it leaves the page. */
  declare server: string
  /** The token of whoever is logged in to the page, by its issuer; null: nobody is. Asked again whenever a session is to be renewed. Where the server is of another origin nobody logs in here. */
  declare getToken: (() => Promise<string | null>) | undefined
  /** Whom the page has logged in, as its issuer calls them (`sub`). With it the chat opens before there is a token, and offline; another one is another person, at once. */
  declare subject: string
  /** In place of `getToken`, for what lives no longer than one token. */
  declare token: string
  /** The open chat. Changes when the person chooses one, after the event `chat-chosen`. */
  declare chat: ChatId | null
  /** A message of the open chat that is shown when it opens, and whenever another one is set. */
  declare message: OperationId | null
  /** Makes the address of a message, where the page has one; then people can copy it. */
  declare linkTo: ((chat: ChatId, message: OperationId) => string) | null
  /** What the page was opened for by a mail; stands before everything else. The event `link-done` ends it. */
  declare link: MailLink | null
  /** The token of the link that invited the person. */
  declare invitation: string
  /** The token of a link into a group, while its question is open. The event `join-done` ends it. */
  declare join: string
  /** Words that another app shared, while it is open which chat's composer gets them. The event `share-done` ends it. */
  declare shared: string
  /** A line above the panes, with one thing to do about it. */
  declare notice: Notice | null
  /** A line under the form for logging in. */
  declare hint: string
  /** How one can log in, once that is known. Who wants the provider tells it by the event `provider-chosen`. */
  declare ways: LoginWays | null
  /** Somebody comes back from the provider. */
  declare entering: boolean
  /** Why a log-in by the provider came to nothing; empty when it did not. */
  declare entryProblem: string
  declare loggedOut: readonly LoggedOutDevice[]
  /** What there is to know of the open chat stands beside it. */
  declare info: boolean
  /** A new group is being made in the list's place. */
  declare making: boolean
  /** What stands over the chats. */
  declare panel: Panel | null
  #begun: ChatId | null = null
  /** Whose chats are shown: nothing on the screen outlives a change of it. */
  #person: UserId | null = null
  #entryLoading: Promise<void> | undefined
  #shareLoading: Promise<void> | undefined
  #own = new OwnEngine()
  #problems: ((problem: TokenProblem) => string) | null = null
  #identity: Identity = {
    getToken: async () => (this.getToken ? this.getToken() : this.token),
    subject: () => this.subject || (this.getToken ? null : subjectOf(this.token)),
  }

  constructor() {
    super()
    this.server = ''
    this.subject = ''
    this.token = ''
    this.chat = null
    this.message = null
    this.linkTo = null
    this.link = null
    this.invitation = ''
    this.join = ''
    this.shared = ''
    this.notice = null
    this.hint = ''
    this.ways = null
    this.entering = false
    this.entryProblem = ''
    this.loggedOut = []
    this.info = false
    this.making = false
    this.panel = null
    this.addEventListener('panel-chosen', (event) => void this.#open((event as SkeinEvent<'panel-chosen'>).detail.panel))
    this.addEventListener('devices-logged-out', (event) => (this.loggedOut = (event as SkeinEvent<'devices-logged-out'>).detail.devices))
    this.addEventListener('link-done', () => (this.link = null))
    this.addEventListener('chat-info', (event) => void this.#showInfo((event as SkeinEvent<'chat-info'>).detail.open))
    this.addEventListener('new-group', (event) => void this.#make((event as SkeinEvent<'new-group'>).detail.open))
    this.addEventListener('keys-wanted', () => void this.#showKeys())
    this.addEventListener('chat-menu', (event) => void this.#menu(event as SkeinEvent<'chat-menu'>))
    this.addEventListener('join-done', (event) => {
      const { chat } = (event as SkeinEvent<'join-done'>).detail
      this.join = ''
      if (chat) emit(this, 'chat-chosen', { chat })
    })
    this.addEventListener('share-done', (event) => void this.#shareTo((event as SkeinEvent<'share-done'>).detail.chat))
    this.addEventListener('chat-chosen', (event) => void this.#choose(event as SkeinEvent<'chat-chosen'>))
  }

  override connectedCallback(): void {
    super.connectedCallback()
    window.addEventListener('keydown', this.#keydown)
    if (this.hasUpdated) this.#openOwn()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    window.removeEventListener('keydown', this.#keydown)
    // Not when it is only moved.
    queueMicrotask(() => {
      if (this.isConnected || !this.#own.engine) return
      this.#own.close()
      this.engine = undefined
    })
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const before = this.#own.engine
    if (changed.has('server') || changed.has('getToken') || changed.has('token') || changed.has('subject')) this.#openOwn()
    // Another function is only asked next time: pages make one for each of their renderings.
    const comesOrGoes = changed.has('getToken') && (changed.get('getToken') === undefined) !== (this.getToken === undefined)
    const isOther = comesOrGoes || changed.has('token') || changed.has('subject')
    if (before && before === this.#own.engine && isOther) void before.tokenChanged()
    super.willUpdate(changed)
    const session = this.engine?.session
    const person = session?.status === 'logged-in' ? session.user.id : null
    const isAnother = person !== null && this.#person !== null && person !== this.#person
    this.#person = session?.status === 'logged-out' ? null : (person ?? this.#person)
    if (session?.status !== 'logged-out' && !isAnother) return
    this.chat = null
    this.#begun = null
    this.loggedOut = []
    this.info = this.making = false
    this.panel = null
  }

  #keydown = (event: KeyboardEvent): void => {
    if (event.key !== ',' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
    if (this.engine?.session.status !== 'logged-in' || (this.engine.embedded && !event.composedPath().includes(this))) return
    event.preventDefault()
    void this.#open('settings')
  }

  async #open(panel: Panel): Promise<void> {
    if ((await this.#late(() => import('../define-panels.ts'))) && this.engine?.session.status === 'logged-in') this.panel = panel
  }

  /** The page has somebody else now, nobody, or another token. Resolves when the chat has followed, or could not. */
  async tokenChanged(): Promise<void> {
    await this.engine?.tokenChanged()
  }

  #openOwn(): void {
    const server = this.server && this.isConnected ? serverOf(this.server) : null
    if (server === null) {
      if (this.#own.engine) this.engine = undefined
      return this.#own.close()
    }
    const isVouched = this.getToken !== undefined || this.token !== '' || this.subject !== '' || server !== location.origin
    this.engine = this.#own.open(server, isVouched ? this.#identity : null)
  }

  override render(): TemplateResult {
    if (!isLanguageSettled()) return this.#starting()
    if (this.server && serverOf(this.server) === null)
      return this.#outside(msg('The server of this chat has no address that begins with https://.'), 'bad-request')
    const status = this.engine?.session.status ?? 'starting'
    return html`<div class="@container flex h-full flex-col overflow-hidden bg-side text-ink">
      ${this.notice ? noticeBar(this.notice) : ''} ${this.#loggedOutBar()}
      ${this.join && status === 'logged-out' ? noticeBar({ text: msg('You are invited to a group. Log in or create an account to join it.') }) : ''}
      ${this.shared && status === 'logged-out' ? noticeBar({ text: msg('Log in to share this in a chat.') }) : ''}
      ${
        this.link
          ? this.#entry(html`<chat-link class="min-h-0 grow overflow-y-auto bg-canvas" .link=${this.link}></chat-link>`)
          : status === 'starting' && this.engine?.network.outdated
            ? html`<div class="flex grow items-center justify-center"><chat-network></chat-network></div>`
            : status === 'starting' || (status === 'logged-out' && this.entering)
              ? this.#starting()
              : status === 'logged-out' && this.engine?.embedded
                ? this.#nobody(this.engine)
                : status === 'logged-out'
                  ? this.#entry(
                      html`<chat-login
                        class="min-h-0 grow overflow-y-auto bg-canvas"
                        .hint=${this.hint}
                        .invitation=${this.invitation}
                        .ways=${this.ways}
                        .entryProblem=${this.entryProblem}
                      ></chat-login>`,
                    )
                  : this.join
                    ? html`<chat-join class="min-h-0 grow overflow-y-auto bg-canvas" .token=${this.join}></chat-join>`
                    : keyed(this.#person, this.#panes())
      }
    </div>`
  }

  #starting(): TemplateResult {
    return html`<div class="flex size-full grow items-center justify-center bg-side" aria-busy="true">${mark('size-14 opacity-80')}</div>`
  }

  /** What is for those who log in; loaded when the first of them comes. */
  #entry(template: TemplateResult): TemplateResult {
    return customElements.get('chat-login') ? template : this.#starting()
  }

  #loadEntry(): void {
    if (this.#entryLoading) return
    this.#entryLoading = import('../define-entry.ts').then(
      () => this.requestUpdate(),
      () => this.#notLoaded(() => (this.#entryLoading = undefined)),
    )
  }

  #notLoaded(again: () => void): void {
    const press = (): void => {
      again()
      this.notice = null
    }
    this.notice = { text: msg('This could not be loaded. Check your connection, then try again.'), action: { label: msg('Try again'), press } }
  }

  #nobody({ session }: Engine): TemplateResult {
    const problem = session.status === 'logged-out' ? session.problem : undefined
    return problem ? this.#outside(this.#problemText(problem), problem.code) : this.#outside(msg('Log in to this page to open your chats.'))
  }

  /** Once the sentences are there; the problem's own where they cannot be had. */
  #problemText(problem: TokenProblem): string {
    if (this.#problems) return this.#problems(problem)
    const load = import('../model/failures.ts').then(
      ({ problemText }) => problemText,
      () => (one: TokenProblem) => one.message,
    )
    void load.then((problems) => {
      this.#problems = problems
      this.requestUpdate()
    })
    return ''
  }

  #outside(text: string, code = ''): TemplateResult {
    return html`<main class="flex h-full min-h-0 grow flex-col items-center justify-center gap-3 bg-canvas px-6 text-center text-muted">
      ${mark('size-14 opacity-80')}
      <p role=${code ? 'alert' : 'status'} class="max-w-88 text-body text-balance">${text}</p>
      ${code ? html`<code class="text-small">${code}</code>` : ''}
    </main>`
  }

  #panes(): TemplateResult {
    // An address may name a chat that this person does not have; one that was just begun is in no list yet.
    const known = this.chat === this.#begun || this.engine?.chats.some((one) => one.id === this.chat)
    const chat = known ? this.chat : null
    const isLost = !known && this.chat !== null && this.engine?.network.connected === true && this.engine.chats.length > 0
    return html`${isLost ? this.#lost() : ''}<chat-relogin .ways=${this.ways} .entryProblem=${this.entryProblem}></chat-relogin>
      <div class="relative flex min-h-0 grow">
        <div class="${chat ? 'hidden @pane:flex' : 'flex'} w-full shrink-0 flex-col border-line @pane:w-84 @pane:border-e">
          <chat-list class="${this.making ? 'hidden' : ''} min-h-0 grow" .selected=${chat}></chat-list>
          ${this.making ? html`<chat-new-group class="min-h-0 grow"></chat-new-group>` : ''}
          <chat-network class="shrink-0"></chat-network>
        </div>
        ${
          chat
            ? html`<main class="flex min-w-0 grow flex-col">
                <div class="relative flex min-h-0 grow">
                  <chat-window
                    class="${this.info ? 'invisible @wide:visible' : ''} h-full min-w-0 grow"
                    .chat=${chat}
                    .message=${this.message}
                    .linkTo=${this.linkTo}
                  ></chat-window>
                  ${
                    this.info
                      ? html`<chat-info
                          class="absolute inset-0 z-20 @wide:static @wide:w-84 @wide:shrink-0 @wide:border-s @wide:border-line"
                          .chat=${chat}
                        ></chat-info>`
                      : ''
                  }
                </div>
                <chat-network class="shrink-0 @pane:hidden"></chat-network>
              </main>`
            : html`<main class="hidden grow flex-col items-center justify-center gap-3 bg-canvas px-6 text-center text-muted @pane:flex">
                <span class="flex size-16 items-center justify-center rounded-full bg-other">${icons.chats}</span>
                <p class="max-w-72 text-body">${msg('Choose a chat on the left, or somebody to write to.')}</p>
              </main>`
        }
      </div>
      <chat-options></chat-options><chat-keys></chat-keys>${this.#panel()}
      ${this.shared && !this.join ? html`<chat-share .words=${this.shared}></chat-share>` : ''}`
  }

  #lost(): TemplateResult {
    const press = (): void => emit(this, 'chat-chosen', { chat: null })
    return noticeBar({
      text: msg('This address leads to a chat that is not among yours. Somebody who is in it can invite you.'),
      action: { label: msg('OK'), press },
    })
  }

  #panel(): TemplateResult | typeof nothing {
    const closed = (): void => void (this.panel = null)
    if (this.panel === 'outbox') return html`<chat-outbox @closed=${closed}></chat-outbox>`
    if (this.panel === 'logging-out') return html`<chat-logging-out @closed=${closed}></chat-logging-out>`
    return this.panel === 'settings' ? html`<chat-settings @closed=${closed}></chat-settings>` : nothing
  }

  #loggedOutBar(): TemplateResult | string {
    if (!this.loggedOut.length) return ''
    return noticeBar({ text: loggedOutText(this.loggedOut), action: { label: msg('OK'), press: () => (this.loggedOut = []) } })
  }

  /** What few visits need is loaded when it is first asked for. */
  async #late(load = (): Promise<unknown> => import('../define-groups.ts')): Promise<boolean> {
    try {
      await load()
      return true
    } catch {
      this.#notLoaded(() => void this.#late(load))
      return false
    }
  }

  async #showInfo(open: boolean): Promise<void> {
    this.info = open && (await this.#late())
    await this.updateComplete
    if (this.info) this.renderRoot.querySelector<HTMLElement>('chat-info')?.focus()
    else this.renderRoot.querySelector<ChatWindow>('chat-window')?.focusHeader()
  }

  async #make(open: boolean): Promise<void> {
    this.making = open && (await this.#late())
    await this.updateComplete
    if (!open) this.renderRoot.querySelector<ChatList>('chat-list')?.focus()
  }

  async #menu({ detail: { chat, x, y, only } }: SkeinEvent<'chat-menu'>): Promise<void> {
    if (await this.#late()) await this.renderRoot.querySelector<ChatOptions>('chat-options')?.open(chat, x, y, only)
  }

  async #showKeys(): Promise<void> {
    if (await this.#late()) this.renderRoot.querySelector<ChatKeys>('chat-keys')?.open()
  }

  override updated(): void {
    const session = this.engine?.session
    const isAsked = session?.status === 'logged-in' ? session.needsPassword : session?.status === 'logged-out' && !this.engine?.embedded
    if (this.link || isAsked) this.#loadEntry()
    if (this.shared && session?.status === 'logged-in') this.#loadShare()
    if (this.join && this.engine?.session.status === 'logged-in') void this.#late()
  }

  #loadShare(): void {
    if (this.#shareLoading) return
    this.#shareLoading = import('./chat-share.ts').then(
      ({ ChatShare }) => defineElement('chat-share', ChatShare),
      () => this.#notLoaded(() => (this.#shareLoading = undefined)),
    )
  }

  /** Behind what stands in the chat's composer already. */
  async #shareTo(id: ChatId | null): Promise<void> {
    const { shared, engine } = this
    this.shared = ''
    const chat = engine?.chats.find((one) => one.id === id)
    if (!shared || !chat || engine?.session.status !== 'logged-in') return
    const { user } = engine.session
    writeDraft(user.id, chat.id, [draftOf(user.id, chat), shared].filter(Boolean).join('\n'))
    // A chat that is open takes up what was written elsewhere when it is opened.
    this.chat = null
    await this.updateComplete
    emit(this, 'chat-chosen', { chat: chat.id })
  }

  async #choose({ detail: { chat } }: SkeinEvent<'chat-chosen'>): Promise<void> {
    const left = this.chat
    this.message = null
    this.chat = chat
    this.#begun = chat
    // Where there is room for one of the two, the chat is what was asked for.
    if (chat === null || this.clientWidth < WIDE_PX) this.info = false
    await this.updateComplete
    const open = this.renderRoot.querySelector<ChatWindow>('chat-window')
    await open?.updateComplete
    // A phone's keyboard would cover what one came to read.
    if (open && matchMedia('(pointer: fine)').matches) open.focus()
    else if (!open && left && matchMedia('(pointer: fine)').matches) this.renderRoot.querySelector<ChatList>('chat-list')?.focus()
  }
}
