// Choosing people: a filter, the chosen ones as chips before it, and the list below. Arrow keys, Enter and Backspace do what they do in a mail's line of receivers.
import { msg, str } from '@lit/localize'
import type { Person } from '@skein/engine'
import type { UserId } from '@skein/protocol'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { filterPeople } from '../model/lists.ts'
import { presenceOf } from '../model/people.ts'
import { EngineController } from '../state/engine-context.ts'
import { emit } from '../state/events.ts'
import { RowRangeController } from '../state/row-range-controller.ts'
import { sheet } from '../styles/sheet.ts'
import { icons } from './icons.ts'

export class ChatPicker extends LitElement {
  static override styles = sheet
  static override properties = { chosen: { attribute: false }, without: { attribute: false }, filter: { state: true } }
  /** In the order in which they were chosen. Tells of a change by the event `people-picked`. */
  declare chosen: readonly Person[]
  /** Who is not to be chosen. */
  declare without: ReadonlySet<UserId>
  declare filter: string
  #engine = new EngineController(this)
  #range = new RowRangeController(this, () => this.renderRoot.querySelector<HTMLElement>('#rows'))

  constructor() {
    super()
    this.chosen = []
    this.without = new Set()
    this.filter = ''
  }

  override focus(): void {
    this.#input?.focus()
  }
  get #input(): HTMLInputElement | null {
    return this.renderRoot.querySelector('input')
  }
  get #rows(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>('[role=checkbox]')]
  }

  override render(): TemplateResult | typeof nothing {
    const { engine } = this.#engine
    if (!engine) return nothing
    const people = filterPeople(
      engine.people.filter(({ id }) => !this.without.has(id)),
      this.filter,
    )
    const chosen = new Set(this.chosen.map(({ id }) => id))
    const { connected } = engine.network
    const now = Date.now()
    return html`<div class="flex h-full flex-col">
      <div class="mx-3 flex max-h-34 flex-wrap gap-1.5 overflow-y-auto rounded-lg border border-line bg-field p-1.5 focus-within:border-accent">
        ${repeat(
          this.chosen,
          ({ id }) => id,
          (person) =>
            html`<button
              type="button"
              class="flex h-7 max-w-full items-center gap-1 rounded-full bg-chosen ps-2.5 pe-1.5 text-small hover:bg-hover coarse:h-11"
              aria-label=${msg(str`Take out ${person.name}`)}
              @click=${() => this.#toggle(person)}
            >
              <span class="truncate" dir="auto">${person.name}</span><span class="scale-75 text-muted">${icons.close}</span>
            </button>`,
        )}
        <input
          class="h-7 w-24 grow bg-transparent px-1.5 text-[16px] outline-none placeholder:text-faint fine:text-small coarse:h-11"
          type="text"
          aria-label=${msg('Filter people')}
          placeholder=${this.chosen.length ? '' : msg('Name')}
          dir="auto"
          autocomplete="off"
          spellcheck="false"
          .value=${this.filter}
          @input=${(event: InputEvent) => (this.filter = (event.target as HTMLInputElement).value)}
          @keydown=${(event: KeyboardEvent) => this.#keydown(event, people)}
        />
      </div>
      <div class="mt-2 min-h-0 grow overflow-y-auto overscroll-contain" @keydown=${this.#move}>
        <div id="rows" role="group" aria-label=${msg('People')}>
          ${repeat(
            this.#range.slice(people),
            ({ id }) => id,
            (person) => this.#row(person, chosen.has(person.id), connected ? presenceOf(person, now) : '', connected && person.online),
          )}
        </div>
        ${people.length ? nothing : html`<p class="px-5 py-3 text-small text-muted">${this.filter ? msg('Nobody matches.') : msg('There is nobody to choose.')}</p>`}
      </div>
    </div>`
  }

  #row(person: Person, isChosen: boolean, presence: string, online: boolean): TemplateResult {
    return html`<div class="px-2">
      <button
        type="button"
        role="checkbox"
        aria-checked=${isChosen}
        class="flex h-14 w-full items-center gap-3 rounded-xl px-2.5 text-start transition-colors hover:bg-hover"
        @click=${() => this.#toggle(person)}
      >
        <chat-avatar .name=${person.name} .person=${person.id} .picture=${person.picture} .online=${online}></chat-avatar>
        <span class="min-w-0 grow">
          <span class="flex text-body"><span class="truncate" dir="auto">${person.name}</span></span>
          ${presence ? html`<span class="block truncate text-small ${online ? 'text-accent-ink' : 'text-muted'}">${presence}</span>` : nothing}
        </span>
        <span
          class="flex size-5.5 shrink-0 items-center justify-center rounded-full border ${isChosen ? 'border-accent bg-accent text-on-accent' : 'border-line text-transparent'}"
          ><span class="scale-75">${icons.check}</span></span
        >
      </button>
    </div>`
  }

  override updated(changed: PropertyValues<this>): void {
    // Of many chips the last is seen, and where one types.
    if (changed.has('chosen')) this.#input?.scrollIntoView({ block: 'nearest' })
  }

  #toggle(person: Person): void {
    const without = this.chosen.filter(({ id }) => id !== person.id)
    this.chosen = without.length < this.chosen.length ? without : [...without, person]
    this.filter = ''
    emit(this, 'people-picked', { people: [...this.chosen] })
  }

  #keydown(event: KeyboardEvent, people: readonly Person[]): void {
    const [first] = people
    const last = this.chosen.at(-1)
    if (event.key === 'Enter' && this.filter && first) this.#toggle(first)
    else if (event.key === 'Backspace' && !this.filter && last) this.#toggle(last)
    else if (event.key === 'ArrowDown') this.#rows[0]?.focus()
    else return
    event.preventDefault()
  }

  #move(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step) return
    const rows = this.#rows
    const next = rows[rows.findIndex((row) => row.matches(':focus')) + step]
    event.preventDefault()
    if (next) next.focus()
    else if (step < 0) this.focus()
  }
}
