// One chat: who it is with, its messages, and where one writes. Holds the engine's window on the chat while it is shown.
import { msg, str } from '@lit/localize'
import type { ChatWindow as OpenChat, MessageItem } from '@skein/engine'
import type { ChatId, OperationId, UserId } from '@skein/protocol'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import { BlockedController } from '../state/blocked.ts'
import { copyText } from '../state/clipboard.ts'
import { DraftKeeper } from '../state/draft-keeper.ts'
import { EngineController } from '../state/engine-context.ts'
import type { SkeinEvent } from '../state/events.ts'
import { MinuteController } from '../state/minute-controller.ts'
import { preferences } from '../state/preferences.ts'
import { failureWords } from '../state/failure-words.ts'
import { inOrder } from '../model/selection.ts'
import { UNDO_MS } from '../model/times.ts'
import { sheet } from '../styles/sheet.ts'
import { Announcer } from './announcer.ts'
import type { ChatComposer } from './chat-composer.ts'
import type { ChatMessages } from './chat-messages.ts'
import { defineElement } from './error-boundary.ts'
import { bannerOf, blockedNote, failureLine, leftNote, pinnedBar, refusedPart, windowHeader, type Writing } from './window-parts.ts'

export class ChatWindow extends LitElement {
  static override styles = sheet
  static override properties = {
    chat: {},
    message: { attribute: false },
    linkTo: { attribute: false },
    version: { state: true },
    writing: { state: true },
    failure: { state: true },
    selected: { state: true },
    hiding: { state: true },
  }
  declare chat: ChatId
  /** A message to show, as soon as the chat is open. */
  declare message: OperationId | null
  /** Makes an address of a message; null: the page has none. */
  declare linkTo: ((chat: ChatId, message: OperationId) => string) | null
  /** Counts the changes of the open window. */
  declare version: number
  declare writing: Writing
  declare failure: string
  /** Messages that are selected, by key; null: none can be. */
  declare selected: ReadonlyMap<string, MessageItem> | null
  /** Keys of messages that were hidden just now, and can still be shown again. */
  declare hiding: ReadonlySet<string>
  #engine = new EngineController(this)
  #blocked = new BlockedController(this, this.#engine)
  #announcer = new Announcer()
  #drafts = new DraftKeeper()
  #open: OpenChat | undefined
  #unsubscribe: (() => void) | undefined
  #opened: ChatId | undefined
  /** The composer that has begun with the chat's draft. */
  #begun: ChatComposer | null = null
  #members: OpenChat['chat']['members'] = []
  #others: OpenChat['chat']['members'] = []
  /** What the picker is open for. */
  #emojiFor: ((emoji: string) => void) | undefined

  constructor() {
    super()
    this.message = null
    this.linkTo = null
    this.version = 0
    this.writing = { kind: 'message' }
    this.failure = ''
    this.selected = null
    this.hiding = new Set()
    this.addController(new MinuteController(this))
  }

  override focus(): void {
    this.#composer?.focus()
  }

  focusHeader(): void {
    this.renderRoot.querySelector<HTMLElement>('#info')?.focus()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener('visibilitychange', this.#hidden)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener('visibilitychange', this.#hidden)
    this.#drafts.flush()
    this.#close()
  }

  /** Somebody may go on at another device. */
  #hidden = (): void => {
    if (document.visibilityState === 'hidden') this.#drafts.flush()
  }

  override willUpdate(): void {
    const { engine } = this.#engine
    // An update may still be due after the element was taken away, by logging out for one.
    if (!this.isConnected) return
    if (engine?.session.status !== 'logged-in' || !this.chat) this.#close()
    else if (this.#opened !== this.chat || !this.#open || this.#open.isOver) this.#openChat(engine.openChat(this.chat))
    // The bar goes with its last message, and would take the focus along.
    if (this.#open?.pinned.length === 0 && this.renderRoot.querySelector('chat-pinned:focus-within')) this.focusHeader()
  }

  #openChat(open: OpenChat): void {
    this.#close()
    this.#open = open
    this.#opened = this.chat
    this.writing = { kind: 'message' }
    this.failure = ''
    this.selected = null
    if (open.chat.kind === 'direct') void this.#blocked.learn()
    this.#announcer.begin(open)
    this.#unsubscribe = open.subscribe(() => {
      this.version++
      this.#announcer.hear(open, this.#me, this.#engine.required.people)
    })
  }

  #close(): void {
    this.#unsubscribe?.()
    this.#open?.setTyping(false)
    this.#open?.close()
    this.#open = undefined
  }

  get #composer(): ChatComposer | null {
    return this.renderRoot.querySelector<ChatComposer>('chat-composer')
  }
  get #messages(): ChatMessages | null {
    return this.renderRoot.querySelector<ChatMessages>('chat-messages')
  }
  get #me(): string {
    const { session } = this.#engine.required
    return session.status === 'logged-in' ? session.user.id : ''
  }

  override render(): TemplateResult | typeof nothing {
    const open = this.#open
    if (!open) return nothing
    return html`<section
      class="flex h-full min-w-0 flex-col bg-canvas"
      aria-label=${msg(str`Chat with ${open.chat.title}`)}
      @message-action=${this.#act}
      @message-select=${({ detail }: SkeinEvent<'message-select'>) => this.#toggle(detail.item)}
      @selection-left=${() => this.#unselect()}
      @selection-hide=${({ detail }: SkeinEvent<'selection-hide'>) => this.#try(this.#hide(detail.items))}
      @selection-forward=${({ detail }: SkeinEvent<'selection-forward'>) => this.#try(this.#forward(detail.items))}
      @keydown=${this.#keydown}
      @message-reaction=${this.#react}
      @message-menu=${this.#menu}
      @message-jump=${({ detail }: SkeinEvent<'message-jump'>) => void this.#show(detail.id, detail.from)}
      @message-emoji=${({ detail: { item, x, y } }: SkeinEvent<'message-emoji'>) =>
        this.#pickEmoji(x, y, (emoji) => this.#try(this.#engine.required.react(this.chat, target(item), emoji, true)))}
      @jump-failed=${({ detail: { error } }: SkeinEvent<'jump-failed'>) => void this.#fail(error)}
      @composer-emoji=${({ detail: { x, y } }: SkeinEvent<'composer-emoji'>) => this.#pickEmoji(x, y, (emoji) => void this.#composer?.insert(emoji))}
      @emoji-chosen=${({ detail }: SkeinEvent<'emoji-chosen'>) => this.#emojiFor?.(detail.emoji)}
    >
      ${windowHeader(this, this.#engine.required, this.#storedFor, open)} ${pinnedBar(open)}
      ${keyed(
        this.chat,
        html`<chat-messages
            class="min-h-0 grow"
            .window=${open}
            .version=${this.version}
            .me=${this.#me}
            .people=${this.#engine.required.people}
            .selected=${this.selected && new Set(this.selected.keys())}
            .hiding=${this.hiding}
          ></chat-messages>
          ${failureLine(this.failure)}${refusedPart(this.#engine.required, this.chat)} ${this.#foot(open)}
          ${this.selected ? html`<chat-selection class="pb-[env(safe-area-inset-bottom)]" .chat=${this.chat} .items=${inOrder(this.selected, open.items)}></chat-selection>` : nothing}
          <chat-menu .me=${this.#me} .frozen=${open.chat.removed} .linkable=${this.linkTo !== null} .pinned=${open.pinned}></chat-menu>
          <chat-emoji></chat-emoji><chat-forward></chat-forward><chat-details></chat-details>`,
      )}
      <div class="sr-only" aria-live="polite">${this.#announcer.text}</div>
    </section>`
  }

  /** Where one writes, or why nothing can be written. */
  #foot({ chat }: OpenChat): TemplateResult {
    if (chat.removed) return leftNote()
    return this.#blocked.has(chat.peer) ? blockedNote(chat.title, () => this.#try(this.#unblock(chat.peer))) : this.#writer()
  }

  async #unblock(person: UserId | null): Promise<void> {
    if (person !== null) await this.#engine.required.contacts.unblock(person)
    await this.#blocked.learn()
    await this.updateComplete
    this.focus()
  }

  #writer(): TemplateResult {
    return html`<chat-composer
      class="pb-[env(safe-area-inset-bottom)] ${this.selected ? 'hidden' : ''}"
      .banner=${this.#open ? bannerOf(this.writing, this.#open.chat.members, this.#engine.required.people) : null}
      .people=${this.#people()}
      .sendKey=${preferences.sendKey}
      @composer-send=${this.#send}
      @composer-input=${this.#input}
      @composer-leave=${() => this.#leave()}
      @composer-edit-last=${this.#editLast}
    ></chat-composer>`
  }

  /** The same list while nobody comes or goes: a new one would render the composer anew at each word that arrives. */
  #people(): OpenChat['chat']['members'] {
    const members = this.#open?.chat.members ?? []
    if (members !== this.#members) {
      this.#members = members
      this.#others = members.filter(({ id }) => id !== this.#me)
    }
    return this.#others
  }

  override updated(changed: PropertyValues<this>): void {
    const composer = this.#composer
    // Also where there is something to write into only now, as behind a block that was taken back.
    if (composer && (changed.has('chat') || composer !== this.#begun)) this.#beginDraft()
    else this.#followDraft()
    this.#begun = composer
    if ((changed.has('message') || changed.has('chat')) && this.message !== null) void this.#show(this.message)
  }

  #beginDraft(): void {
    if (this.#open) void this.#composer?.write(this.#drafts.begin(this.#engine.required, this.#storedFor, this.#open.chat))
  }

  /** Another device of the person went on with it. */
  #followDraft(): void {
    const { writing } = this
    if (!this.#open || !this.#composer || (writing.kind !== 'message' && writing.kind !== 'reply')) return
    const text = this.#drafts.news(this.#open.chat, this.#composer.value)
    if (text !== null) void this.#composer.write(text)
  }

  #typed(text: string): void {
    this.#drafts.typed(this.#engine.required, this.#storedFor, this.chat, text)
  }

  get #storedFor() {
    const { session } = this.#engine.required
    if (session.status !== 'logged-in') throw new Error('A chat is shown to nobody')
    return session.user.id
  }

  #input({ detail: { text } }: SkeinEvent<'composer-input'>): void {
    this.#open?.setTyping(text.trim() !== '')
    if (this.writing.kind === 'message' || this.writing.kind === 'reply') this.#typed(text)
  }

  async #show(id: OperationId, from?: OperationId): Promise<void> {
    this.failure = ''
    try {
      if ((await this.#messages?.show(id, from)) === false) this.failure = msg('This message is not among those that you can see.')
    } catch (error) {
      await this.#fail(error)
    }
  }

  #pickEmoji(x: number, y: number, then: (emoji: string) => void): void {
    this.#emojiFor = then
    this.#try(this.#showEmoji(x, y))
  }

  async #showEmoji(x: number, y: number): Promise<void> {
    const { ChatEmoji } = await import('./chat-emoji.ts')
    defineElement('chat-emoji', ChatEmoji)
    await this.renderRoot.querySelector<InstanceType<typeof ChatEmoji>>('chat-emoji')?.open(x, y)
  }

  async #select(item: MessageItem): Promise<void> {
    const { ChatSelection } = await import('./chat-selection.ts')
    defineElement('chat-selection', ChatSelection)
    this.selected = new Map([[item.key, item]])
  }

  #toggle(item: MessageItem): void {
    const next = new Map(this.selected)
    if (!next.delete(item.key)) next.set(item.key, item)
    if (next.size) this.selected = next
    else this.#unselect()
  }

  #unselect(): void {
    this.selected = null
    void this.updateComplete.then(() => this.#composer?.focus())
  }

  #keydown(event: KeyboardEvent): void {
    const inDialog = event.composedPath().some((target) => target instanceof HTMLDialogElement)
    if (event.key !== 'Escape' || !this.selected || event.defaultPrevented || inDialog) return
    event.preventDefault()
    this.#unselect()
  }

  async #forward(items: readonly MessageItem[]): Promise<void> {
    const { ChatForward } = await import('./chat-forward.ts')
    defineElement('chat-forward', ChatForward)
    await this.renderRoot.querySelector<InstanceType<typeof ChatForward>>('chat-forward')?.open(items)
  }

  async #details(item: MessageItem, open: OpenChat): Promise<void> {
    const { ChatDetails } = await import('./chat-details.ts')
    defineElement('chat-details', ChatDetails)
    await this.renderRoot.querySelector<InstanceType<typeof ChatDetails>>('chat-details')?.open(item, open)
  }

  #markUnread(item: MessageItem): void {
    this.#messages?.unreadFrom(item)
    this.#try(this.#engine.required.arrange(this.chat, { unreadAfter: item.seq - 1 }))
  }

  /** From the person alone, on all their devices. */
  async #hide(items: readonly MessageItem[]): Promise<void> {
    const keys = new Set(items.map(({ key }) => key))
    this.hiding = new Set([...this.hiding, ...keys])
    setTimeout(() => (this.hiding = new Set([...this.hiding].filter((key) => !keys.has(key)))), UNDO_MS)
    await this.#engine.required.arrange(this.chat, { hide: items.map(({ seq }) => seq) })
  }

  /** What was hidden, or a deletion that was not sent yet, is taken back. */
  async #restore(item: MessageItem): Promise<void> {
    const { required: engine } = this.#engine
    if (item.hidden) return engine.arrange(this.chat, { show: [item.seq] })
    const queued = engine.outbox.find(({ kind, target: of }) => kind === 'delete' && of?.id === item.id && of.author === item.authorId)
    if (queued && !(await engine.discard(queued.id))) this.failure = msg('It is too late: the deletion is on its way already.')
  }

  #send({ detail: { text, mentions } }: SkeinEvent<'composer-send'>): void {
    const { required: engine } = this.#engine
    const { writing, chat } = this
    if (writing.kind === 'edit') {
      if (text !== writing.item.text) this.#try(engine.edit(chat, target(writing.item), text), text)
      this.#leave()
      return
    }
    const sent =
      writing.kind === 'retry'
        ? engine.retry(writing.item.id, text)
        : engine.send(chat, text, { mentions, ...(writing.kind === 'reply' ? { replyTo: target(writing.item) } : {}) })
    this.#try(sent, text)
    this.#open?.setTyping(false)
    this.#leave()
    void this.#messages?.toLatest()
  }

  async #fail(error: unknown): Promise<void> {
    this.failure = await failureWords(error)
  }

  /** The words come back into the composer when they could not even be kept here. */
  #try(done: Promise<unknown>, text?: string): void {
    this.failure = ''
    done.catch((error: unknown) => {
      void this.#fail(error)
      if (text !== undefined) void this.#composer?.write(text)
    })
  }

  /** Leaves an answer or edit; words that were typed for a message before it come back. */
  #leave(): void {
    const was = this.writing.kind
    this.writing = { kind: 'message' }
    if (was === 'edit' || was === 'retry') this.#beginDraft()
    else if (this.#composer?.value === '') this.#typed('')
    this.#composer?.focus()
  }

  #write(writing: Writing, text?: string): void {
    this.writing = writing
    if (text !== undefined) void this.#composer?.write(text)
    this.#composer?.focus()
  }

  #editLast(): void {
    const last = this.#open?.items.findLast((item) => item.own && item.deletedAt === null && item.status !== 'set-aside')
    if (last) this.#write({ kind: 'edit', item: last }, last.text)
  }

  #act({ detail: { item, action } }: SkeinEvent<'message-action'>): void {
    const { required: engine } = this.#engine
    if (action === 'reply') this.#write({ kind: 'reply', item })
    else if (action === 'edit') this.#write({ kind: 'edit', item }, item.text)
    else if (action === 'retry-edited') this.#write({ kind: 'retry', item }, item.text)
    else if (action === 'retry') this.#try(engine.retry(item.id))
    else if (action === 'discard') this.#try(engine.discard(item.id))
    else if (action === 'delete') this.#try(engine.delete(this.chat, target(item), { undoMs: UNDO_MS }))
    else if (action === 'hide') this.#try(this.#hide([item]))
    else if (action === 'restore') this.#try(this.#restore(item))
    else if (action === 'forward') this.#try(this.#forward([item]))
    else if (action === 'select') this.#try(this.#select(item))
    else if (action === 'unread') this.#markUnread(item)
    else if (action === 'pin' || action === 'unpin') this.#try(engine.pin(this.chat, target(item), action === 'pin'))
    else if (action === 'details' && this.#open) this.#try(this.#details(item, this.#open))
    else if (action === 'copy-link' && this.linkTo) this.#try(copyText(this.linkTo(this.chat, item.id)))
    else this.#try(copyText(item.text))
  }

  #react({ detail: { item, emoji, on } }: SkeinEvent<'message-reaction'>): void {
    this.#try(this.#engine.required.react(this.chat, target(item), emoji, on))
  }

  #menu({ detail: { item, x, y } }: SkeinEvent<'message-menu'>): void {
    this.#try(this.#showMenu(item, x, y))
  }

  async #showMenu(item: MessageItem, x: number, y: number): Promise<void> {
    const { ChatMenu } = await import('./chat-menu.ts')
    defineElement('chat-menu', ChatMenu)
    await this.renderRoot.querySelector<InstanceType<typeof ChatMenu>>('chat-menu')?.open(item, x, y)
  }
}

const target = ({ id, authorId }: MessageItem): { id: MessageItem['id']; author: MessageItem['authorId'] } => ({ id, author: authorId })
