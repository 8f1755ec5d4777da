// One chat: who it is with, its messages, and where one writes. Holds the engine's window on the chat while it is shown.
import type { ChatWindow as OpenChat, MessageItem } from '@skein/engine'
import type { ChatId } from '@skein/protocol'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import { copyText } from '../state/clipboard.ts'
import { readDraft, writeDraft } from '../state/drafts.ts'
import { EngineController } from '../state/engine-context.ts'
import { emit, type SkeinEvent } from '../state/events.ts'
import { MinuteController } from '../state/minute-controller.ts'
import { namesOf, presenceOf, typingOf } from '../model/people.ts'
import { failureText } from '../model/reasons.ts'
import { authorName } from '../model/rows.ts'
import { sheet } from '../styles/sheet.ts'
import { Announcer } from './announcer.ts'
import type { ChatComposer, ComposerBanner } from './chat-composer.ts'
import type { ChatMenu } from './chat-menu.ts'
import type { ChatMessages } from './chat-messages.ts'
import { icons } from './icons.ts'

/** What the next words are: a message, an answer, a new text of an old message, or another try. */
type Writing = { kind: 'message' } | { kind: 'reply' | 'edit' | 'retry'; item: MessageItem }

export class ChatWindow extends LitElement {
  static override styles = sheet
  static override properties = { chat: {}, version: { state: true }, writing: { state: true }, failure: { state: true } }
  declare chat: ChatId
  /** Counts the changes of the open window. */
  declare version: number
  declare writing: Writing
  declare failure: string
  #engine = new EngineController(this)
  #announcer = new Announcer()
  #open: OpenChat | undefined
  #unsubscribe: (() => void) | undefined
  #opened: ChatId | undefined

  constructor() {
    super()
    this.version = 0
    this.writing = { kind: 'message' }
    this.failure = ''
    this.addController(new MinuteController(this))
  }

  override focus(): void {
    this.#composer?.focus()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#close()
  }

  override willUpdate(): void {
    const { engine } = this.#engine
    // An update may still be due after the element was taken away, by logging out for one.
    if (engine && this.isConnected && (this.#opened !== this.chat || !this.#open)) this.#openChat(engine.openChat(this.chat))
  }

  #openChat(open: OpenChat): void {
    this.#close()
    this.#open = open
    this.#opened = this.chat
    this.writing = { kind: 'message' }
    this.failure = ''
    this.#announcer.begin(open.items)
    this.#unsubscribe = open.subscribe(() => {
      this.version++
      this.#announcer.hear(open.items, open.chat.members, open.hasNewer)
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
      aria-label="Chat with ${open.chat.title}"
      @message-action=${this.#act}
      @message-reaction=${this.#react}
      @message-menu=${this.#menu}
      @message-jump=${({ detail }: SkeinEvent<'message-jump'>) => this.#messages?.flash(detail.id)}
    >
      ${this.#header(open)}
      ${keyed(
        this.chat,
        html`<chat-messages class="min-h-0 grow" .window=${open} .version=${this.version} .me=${this.#me}></chat-messages>
          ${this.#failure()}<chat-refused .chat=${this.chat}></chat-refused>
          ${
            open.chat.removed
              ? html`<p class="border-t border-line px-6 py-5 text-center text-small text-muted">
                  You are no longer in this chat. What was written stays readable here.
                </p>`
              : this.#writer()
          }
          <chat-menu .me=${this.#me} .frozen=${open.chat.removed}></chat-menu>`,
      )}
      <div class="sr-only" aria-live="polite">${this.#announcer.text}</div>
    </section>`
  }

  #header({ chat, typing }: OpenChat): TemplateResult {
    // Without a network nobody knows who is there.
    const { people, network } = this.#engine.required
    const peer = network.connected ? people.find((person) => person.id === chat.peer) : undefined
    const direct = chat.kind === 'direct'
    const typed = typingOf(typing, direct)
    const line = typed || (direct ? presenceOf(peer, Date.now()) : namesOf(chat.members.map((member) => member.name)))
    return html`<header
      class="flex min-h-16 items-center gap-1 border-b border-line bg-canvas px-2 py-2 pt-[max(8px,env(safe-area-inset-top))] @pane:px-5"
    >
      <button
        type="button"
        class="icon-button size-11! @pane:hidden!"
        aria-label="Back to chats"
        @click=${() => emit(this, 'chat-chosen', { chat: null })}
      >
        ${icons.back}
      </button>
      <chat-avatar .name=${chat.title} .person=${chat.peer ?? chat.id} .online=${peer?.online ?? false}></chat-avatar>
      <div class="ms-2 min-w-0 grow">
        <h1 class="truncate text-body font-semibold" dir="auto">${chat.title}</h1>
        ${
          line
            ? html`<p class="truncate text-small ${typed || peer?.online ? 'text-accent-ink' : 'text-muted'}">
                ${typed ? html`<span class="animate-dot">${typed}</span>` : line}
              </p>`
            : nothing
        }
      </div>
    </header>`
  }

  #writer(): TemplateResult {
    return html`<chat-composer
      class="pb-[env(safe-area-inset-bottom)]"
      .banner=${this.#banner()}
      @composer-send=${this.#send}
      @composer-input=${this.#input}
      @composer-leave=${() => this.#leave()}
      @composer-edit-last=${this.#editLast}
    ></chat-composer>`
  }

  #failure(): TemplateResult | typeof nothing {
    if (!this.failure) return nothing
    return html`<p role="alert" class="mx-auto flex w-full max-w-200 items-center gap-2 px-6 py-1.5 text-small text-danger">
      ${icons.alert}${this.failure}
    </p>`
  }

  #banner(): ComposerBanner | null {
    const { writing } = this
    if (writing.kind === 'message' || !this.#open) return null
    const title = { reply: `Reply to ${authorName(writing.item, this.#open.chat.members)}`, edit: 'Edit message', retry: 'Change and send again' }
    return { kind: writing.kind, title: title[writing.kind], text: writing.item.text }
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('chat')) void this.#composer?.write(readDraft(this.#storedFor, this.chat))
  }

  get #storedFor() {
    const { session } = this.#engine.required
    if (session.status !== 'logged-in') throw new Error('A chat is shown to nobody')
    return session.user.id
  }

  #input({ detail: { text } }: SkeinEvent<'composer-input'>): void {
    this.#open?.setTyping(text.trim() !== '')
    if (this.writing.kind === 'message' || this.writing.kind === 'reply') writeDraft(this.#storedFor, this.chat, text)
  }

  #send({ detail: { text } }: SkeinEvent<'composer-send'>): void {
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
        : engine.send(chat, text, writing.kind === 'reply' ? { replyTo: target(writing.item) } : {})
    this.#try(sent, text)
    this.#open?.setTyping(false)
    this.#leave()
    void this.#messages?.toLatest()
  }

  /** The words come back into the composer when they could not even be kept here. */
  #try(done: Promise<unknown>, text?: string): void {
    this.failure = ''
    done.catch((error: unknown) => {
      this.failure = failureText(error)
      if (text !== undefined) void this.#composer?.write(text)
    })
  }

  /** Leaves an answer or edit; words that were typed for a message before it come back. */
  #leave(): void {
    const was = this.writing.kind
    this.writing = { kind: 'message' }
    if (was === 'edit' || was === 'retry') void this.#composer?.write(readDraft(this.#storedFor, this.chat))
    else if (this.#composer?.value === '') writeDraft(this.#storedFor, this.chat, '')
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
    else if (action === 'delete') this.#try(engine.delete(this.chat, target(item)))
    else this.#try(copyText(item.text))
  }

  #react({ detail: { item, emoji, on } }: SkeinEvent<'message-reaction'>): void {
    this.#try(this.#engine.required.react(this.chat, target(item), emoji, on))
  }

  #menu({ detail: { item, x, y } }: SkeinEvent<'message-menu'>): void {
    void this.renderRoot.querySelector<ChatMenu>('chat-menu')?.open(item, x, y)
  }
}

const target = ({ id, authorId }: MessageItem): { id: MessageItem['id']; author: MessageItem['authorId'] } => ({ id, author: authorId })
