// The left column: oneself, a filter, one's chats, and the people one can write to.
import type { ChatItem, Engine, Person } from '@skein/engine'
import type { ChatId, UserId } from '@skein/protocol'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { EngineController } from '../state/engine-context.ts'
import { emit } from '../state/events.ts'
import { MinuteController } from '../state/minute-controller.ts'
import { RowRangeController } from '../state/row-range-controller.ts'
import { presenceOf } from '../model/people.ts'
import { filterChats, filterPeople, isEmail } from '../model/lists.ts'
import { failureText } from '../model/reasons.ts'
import { sheet } from '../styles/sheet.ts'
import { chatEntry, personEntry } from './list-entries.ts'
import { icons } from './icons.ts'

export class ChatList extends LitElement {
  static override styles = sheet
  static override properties = { selected: {}, filter: { state: true }, failure: { state: true } }
  declare selected: ChatId | null
  declare filter: string
  declare failure: string
  #engine = new EngineController(this)
  #chatRange = new RowRangeController(this, () => this.renderRoot.querySelector<HTMLElement>('#chat-rows'))
  #peopleRange = new RowRangeController(this, () => this.renderRoot.querySelector<HTMLElement>('#people-rows'))

  constructor() {
    super()
    this.selected = null
    this.filter = ''
    this.failure = ''
    this.addController(new MinuteController(this))
  }

  override focus(): void {
    this.renderRoot.querySelector('input')?.focus()
  }

  override render(): TemplateResult | typeof nothing {
    const { engine } = this.#engine
    if (engine?.session.status !== 'logged-in') return nothing
    const { user } = engine.session
    const now = Date.now()
    const chats = filterChats(engine.chats, this.filter)
    const people = filterPeople(engine.people, this.filter)
    // Without a network nobody knows who is there.
    const { connected } = engine.network
    const online = new Set<string>(engine.people.filter((person) => connected && person.online).map((person) => person.id))
    const open = (chat: ChatItem) => () => emit(this, 'chat-chosen', { chat: chat.id })
    const begin = (person: Person) => () => void this.#begin(engine, person.id)
    return html`<aside class="flex h-full flex-col bg-side" aria-label="Your chats">
      <h1 class="sr-only">Skein</h1>
      <div class="flex min-h-16 items-center gap-2.5 px-3 pt-[max(8px,env(safe-area-inset-top))] pb-2">
        <chat-account></chat-account>
        <p class="min-w-0 grow truncate text-body font-semibold" dir="auto">${user.name}</p>
      </div>
      <div class="px-3 pb-2">
        <label class="relative block">
          <span class="pointer-events-none absolute start-3 top-1/2 -translate-y-1/2 text-faint">${icons.search}</span>
          <input
            class="field h-9 ps-9 pe-3 text-[16px] fine:text-small coarse:h-11"
            type="search"
            aria-label="Filter chats and people"
            placeholder="Name or email"
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
        aria-label="Chats and people"
        @keydown=${this.#move}
      >
        ${this.#byEmail(engine)} ${this.failure ? html`<p role="alert" class="px-5 py-1.5 text-small text-danger">${this.failure}</p>` : nothing}
        ${heading('Chats', 'chats')}
        <ul id="chat-rows" aria-labelledby="chats">
          ${repeat(
            this.#chatRange.slice(chats),
            (chat) => chat.id,
            (chat) =>
              chatEntry(chat, {
                me: user.id,
                now,
                online: chat.peer !== null && online.has(chat.peer),
                selected: chat.id === this.selected,
                open: open(chat),
              }),
          )}
        </ul>
        ${chats.length ? nothing : note(this.filter ? 'No chat matches.' : 'No chats yet. Choose somebody below, or type an email above.')}
        ${heading('People', 'people')}
        <ul id="people-rows" aria-labelledby="people">
          ${repeat(
            this.#peopleRange.slice(people),
            (person) => person.id,
            (person) =>
              personEntry(person, { presence: connected ? presenceOf(person, now) : '', online: online.has(person.id), begin: begin(person) }),
          )}
        </ul>
        ${people.length ? nothing : note(this.filter ? 'Nobody matches.' : 'Nobody else is here yet. Others appear as soon as they have an account.')}
      </nav>
    </aside>`
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
          ><span class="block text-body font-medium">Write to this email</span
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
    const { required: engine } = this.#engine
    if (isEmail(this.filter)) void this.#beginByEmail(engine, this.filter.trim())
    else this.#entries[0]?.click()
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
      this.failure = failureText(error)
    }
  }

  async #beginByEmail(engine: Engine, email: string): Promise<void> {
    this.failure = ''
    try {
      emit(this, 'chat-chosen', { chat: await engine.chatByEmail(email) })
      this.filter = ''
    } catch (error) {
      this.failure = failureText(error)
    }
  }
}

const heading = (text: string, id: string): TemplateResult =>
  html`<h2 id=${id} class="px-5 pt-3 pb-1 text-tiny font-semibold tracking-wide text-muted">${text}</h2>`
const note = (text: string): TemplateResult => html`<p class="px-5 py-1.5 text-small text-muted">${text}</p>`
