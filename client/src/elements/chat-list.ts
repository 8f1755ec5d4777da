// The left column: oneself, a filter, one's chats, and the people one can write to.
import { msg } from '@lit/localize'
import type { ChatItem, Engine, Person } from '@skein/engine'
import type { ChatId, UserId } from '@skein/protocol'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { onward, startOf } from '../state/placing.ts'
import { EngineController } from '../state/engine-context.ts'
import { emit } from '../state/events.ts'
import { LongPressController } from '../state/long-press-controller.ts'
import { MinuteController } from '../state/minute-controller.ts'
import { RowRangeController } from '../state/row-range-controller.ts'
import { presenceOf } from '../model/people.ts'
import { countText, filterPeople, isEmail, listed, neighbourOf, spokenIn, unreadIn, type ListedChats } from '../model/lists.ts'
import { failureWords } from '../state/failure-words.ts'
import { sheet } from '../styles/sheet.ts'
import { badge, chatEntry, personEntry } from './list-entries.ts'
import { icons } from './icons.ts'

export class ChatList extends LitElement {
  static override styles = sheet
  static override properties = { selected: {}, filter: { state: true }, failure: { state: true }, unfolded: { state: true } }
  declare selected: ChatId | null
  declare filter: string
  declare failure: string
  /** The archive is open. */
  declare unfolded: boolean
  #engine = new EngineController(this)
  #chatRange = new RowRangeController(this, () => this.renderRoot.querySelector<HTMLElement>('#chat-rows'))
  #archiveRange = new RowRangeController(this, () => this.renderRoot.querySelector<HTMLElement>('#archive-rows'))
  #peopleRange = new RowRangeController(this, () => this.renderRoot.querySelector<HTMLElement>('#people-rows'))

  constructor() {
    super()
    this.selected = null
    this.filter = ''
    this.failure = ''
    this.unfolded = false
    this.addController(new MinuteController(this))
    this.addController(new LongPressController(this, ({ path, x, y }) => this.#menuAt(path, x, y)))
  }

  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener('keydown', this.#shortcut)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener('keydown', this.#shortcut)
  }

  override focus(): void {
    this.renderRoot.querySelector('input')?.focus()
  }

  #chats(engine: Engine): readonly ChatItem[] {
    return engine.embedded ? engine.chats : spokenIn(engine.chats, this.selected)
  }

  override render(): TemplateResult | typeof nothing {
    const { engine } = this.#engine
    if (engine?.session.status !== 'logged-in') return nothing
    const { user } = engine.session
    const now = Date.now()
    const { chats, archived } = listed(this.#chats(engine), this.filter)
    const people = filterPeople(engine.people, this.filter)
    // Without a network nobody knows who is there.
    const { connected } = engine.network
    const online = new Set<string>(engine.people.filter((person) => connected && person.online).map((person) => person.id))
    const entry = (chat: ChatItem): TemplateResult =>
      chatEntry(chat, {
        me: user.id,
        now,
        online: chat.peer !== null && online.has(chat.peer),
        selected: chat.id === this.selected,
        open: () => emit(this, 'chat-chosen', { chat: chat.id }),
      })
    const begin = (person: Person) => () => void this.#begin(engine, person.id)
    return html`<aside class="flex h-full flex-col bg-side" aria-label=${msg('Your chats')}>
      <h1 class="sr-only">Skein</h1>
      <div class="flex min-h-16 items-center gap-2.5 px-3 pt-[max(8px,env(safe-area-inset-top))] pb-2">
        <chat-account></chat-account>
        <p class="min-w-0 grow truncate text-body font-semibold" dir="auto">${user.name}</p>
        <button
          type="button"
          class="icon-button size-11!"
          aria-label=${msg('New group')}
          title=${msg('New group')}
          @click=${() => emit(this, 'new-group', { open: true })}
        >
          ${icons.newGroup}
        </button>
      </div>
      <div class="px-3 pb-2">
        <label class="relative block">
          <span class="pointer-events-none absolute start-3 top-1/2 -translate-y-1/2 text-faint">${icons.search}</span>
          <input
            class="field h-9 px-9 text-[16px] fine:text-small coarse:h-11"
            type="search"
            aria-label=${msg('Filter chats and people')}
            placeholder=${msg('Name or email')}
            dir="auto"
            spellcheck="false"
            autocomplete="off"
            .value=${this.filter}
            @input=${this.#filter}
            @keydown=${this.#keydown}
          />
        </label>
      </div>
      <nav
        class="min-h-0 grow overflow-y-auto overscroll-contain pb-[max(12px,env(safe-area-inset-bottom))]"
        aria-label=${msg('Chats and people')}
        @keydown=${this.#move}
        @contextmenu=${this.#contextMenu}
      >
        ${this.#byEmail(engine)} ${this.failure ? html`<p role="alert" class="px-5 py-1.5 text-small text-danger">${this.failure}</p>` : nothing}
        ${heading(msg('Chats'), 'chats')}
        <ul id="chat-rows" aria-labelledby="chats">
          ${repeat(this.#chatRange.slice(chats), (chat) => chat.id, entry)}
        </ul>
        ${chats.length ? nothing : this.#noChats(archived.length > 0)} ${this.#archive(archived, entry, now)} ${heading(msg('People'), 'people')}
        <ul id="people-rows" aria-labelledby="people">
          ${repeat(
            this.#peopleRange.slice(people),
            (person) => person.id,
            (person) =>
              personEntry(person, { presence: connected ? presenceOf(person, now) : '', online: online.has(person.id), begin: begin(person) }),
          )}
        </ul>
        ${people.length ? nothing : note(this.filter ? msg('Nobody matches.') : msg('Nobody else is here yet. Others appear as soon as they have an account.'))}
      </nav>
    </aside>`
  }

  #noChats(archived: boolean): TemplateResult {
    if (this.filter) return note(msg('No chat matches.'))
    if (archived) return note(msg('All chats are in the archive.'))
    return html`<div class="mx-5 my-2 rounded-xl border border-line bg-canvas p-4">
      <p class="text-body font-medium">${msg('No chats yet')}</p>
      <p class="mt-1 text-small text-muted">
        ${msg('Choose somebody from the people below, or type a name or an email into the field above. What you write waits here while there is no network.')}
      </p>
    </div>`
  }

  /** A section of its own, folded; what is looked for opens it. */
  #archive(archived: readonly ChatItem[], entry: (chat: ChatItem) => TemplateResult, now: number): TemplateResult | typeof nothing {
    if (archived.length === 0) return nothing
    const open = this.unfolded || this.filter.trim() !== ''
    const unread = unreadIn(archived, now)
    return html`<div class="px-2 pt-2">
        <button
          type="button"
          class="flex min-h-9 w-full items-center gap-3 rounded-xl px-2.5 py-1.5 text-start text-small text-muted transition-colors hover:bg-hover coarse:min-h-11"
          aria-expanded=${open}
          @click=${() => (this.unfolded = !this.unfolded)}
        >
          <span class="flex w-10 justify-center">${icons.archive}</span>
          <span id="archive" class="grow font-medium">${msg('Archived')}</span>
          ${unread ? badge('bg-faint/25 text-ink', countText(unread), msg('unread')) : html`<span>${countText(archived.length)}</span>`}
          <span class="transition-transform ${open ? 'rotate-180' : ''}">${icons.expand}</span>
        </button>
      </div>
      ${
        open
          ? html`<ul id="archive-rows" aria-labelledby="archive">
              ${repeat(this.#archiveRange.slice(archived), (chat) => chat.id, entry)}
            </ul>`
          : nothing
      }`
  }

  #byEmail(engine: Engine): TemplateResult | typeof nothing {
    const email = this.filter.trim()
    if (!isEmail(email)) return nothing
    return html`<div class="px-2 pt-1">
      <button
        type="button"
        class="flex w-full items-center gap-3 rounded-xl px-2.5 py-2 text-start hover:bg-hover"
        @click=${() => void this.#beginByEmail(engine, email)}
      >
        <span class="flex size-10 items-center justify-center rounded-full bg-chosen text-accent-ink">${icons.mail}</span>
        <span class="min-w-0 grow"
          ><span class="block text-body font-medium">${msg('Write to this email')}</span
          ><span class="block truncate text-small text-muted">${email}</span></span
        >
      </button>
    </div>`
  }

  #filter(event: InputEvent): void {
    this.filter = (event.target as HTMLInputElement).value
    this.failure = ''
  }

  #keydown(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.filter = this.failure = ''
    if (event.key === 'ArrowDown') this.#entries[0]?.focus()
    if (event.key !== 'Enter') return
    // The focus may go into the field for messages before the key is done.
    event.preventDefault()
    const { required: engine } = this.#engine
    if (isEmail(this.filter)) void this.#beginByEmail(engine, this.filter.trim())
    else this.#entries[0]?.click()
  }

  #contextMenu(event: PointerEvent): void {
    const path = event.composedPath()
    // A key's has no place of its own in some browsers.
    const byKey = event.clientX === 0 && event.clientY === 0
    const box = (path[0] as Element).getBoundingClientRect()
    if (this.#menuAt(path, byKey ? onward(startOf(box), 40) : event.clientX, byKey ? box.bottom : event.clientY)) event.preventDefault()
  }

  /** Whether there is a chat. */
  #menuAt(path: readonly EventTarget[], x: number, y: number): boolean {
    const entry = path.find((one): one is HTMLElement => one instanceof HTMLElement && one.dataset['chat'] !== undefined)
    const chat = this.#engine.engine?.chats.find((one) => one.id === entry?.dataset['chat'])
    if (chat) emit(this, 'chat-menu', { chat: chat.id, x, y })
    return chat !== undefined
  }

  /** UX 21. In somebody else's page only keys that were pressed inside the chat count. */
  #shortcut = (event: KeyboardEvent): void => {
    const { engine } = this.#engine
    const around = this.closest('chat-provider') ?? (this.getRootNode() as ShadowRoot).host
    const isOurs = event.composedPath().includes(around) || (engine?.embedded === false && event.target === document.body)
    if (engine?.session.status !== 'logged-in' || !isOurs || event.isComposing || event.defaultPrevented) return
    const step = { ArrowDown: 1 as const, ArrowUp: -1 as const }[event.key]
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') void this.#toFilter()
    else if (event.altKey && !event.ctrlKey && !event.metaKey && step) {
      const { chats }: ListedChats = listed(this.#chats(engine), '')
      const next = neighbourOf(chats, this.selected, step)
      if (next) emit(this, 'chat-chosen', { chat: next.id })
    } else if (event.key === '?' && !isTyping(event)) emit(this, 'keys-wanted', null)
    else return
    event.preventDefault()
  }

  /** On a phone an open chat stands in the list's place. */
  async #toFilter(): Promise<void> {
    if (!this.checkVisibility()) emit(this, 'chat-chosen', { chat: null })
    await new Promise(requestAnimationFrame)
    this.focus()
    this.renderRoot.querySelector('input')?.select()
  }

  get #entries(): HTMLButtonElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLButtonElement>('nav button')]
  }

  /** Arrows move through both lists. */
  #move(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step) return
    const entries = this.#entries
    const next = entries[entries.findIndex((entry) => entry.matches(':focus')) + step]
    event.preventDefault()
    if (next) next.focus()
    else if (step < 0) this.focus()
  }

  async #begin(engine: Engine, person: UserId): Promise<void> {
    this.failure = ''
    try {
      emit(this, 'chat-chosen', { chat: await engine.directChat(person) })
      this.filter = ''
    } catch (error) {
      await this.#fail(error)
    }
  }

  async #beginByEmail(engine: Engine, email: string): Promise<void> {
    this.failure = ''
    try {
      emit(this, 'chat-chosen', { chat: await engine.chatByEmail(email) })
      this.filter = ''
    } catch (error) {
      await this.#fail(error)
    }
  }

  async #fail(error: unknown): Promise<void> {
    this.failure = await failureWords(error)
  }
}

const isTyping = (event: Event): boolean => {
  const [target] = event.composedPath()
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))
}

const heading = (text: string, id: string): TemplateResult =>
  html`<h2 id=${id} class="px-5 pt-3 pb-1 text-tiny font-semibold tracking-wide text-muted">${text}</h2>`
const note = (text: string): TemplateResult => html`<p class="px-5 py-1.5 text-small text-muted">${text}</p>`
