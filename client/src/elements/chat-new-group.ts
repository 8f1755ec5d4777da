// A new group, in the place of the list: first who is in it, then what it is called.
import { msg } from '@lit/localize'
import type { Person } from '@skein/engine'
import { MAX_GROUP_MEMBERS, MAX_NAME_LENGTH } from '@skein/protocol'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { plural } from '../languages/language.ts'
import { failureText } from '../model/failures.ts'
import { namesOf } from '../model/people.ts'
import { EngineController } from '../state/engine-context.ts'
import { emit, type SkeinEvent } from '../state/events.ts'
import { sheet } from '../styles/sheet.ts'
import type { ChatPicker } from './chat-picker.ts'
import { formAlert } from './form-parts.ts'
import { icons, spinner } from './icons.ts'

export class ChatNewGroup extends LitElement {
  static override styles = sheet
  static override properties = { chosen: { state: true }, naming: { state: true }, busy: { state: true }, failure: { state: true } }
  declare chosen: readonly Person[]
  /** The second step. */
  declare naming: boolean
  declare busy: boolean
  declare failure: string
  #engine = new EngineController(this)

  constructor() {
    super()
    this.chosen = []
    this.naming = false
    this.busy = false
    this.failure = ''
  }

  override firstUpdated(): void {
    void this.#focus()
  }

  async #focus(): Promise<void> {
    await this.updateComplete
    const picker = this.renderRoot.querySelector<ChatPicker>('chat-picker')
    await picker?.updateComplete
    if (this.naming) this.renderRoot.querySelector('input')?.focus()
    else picker?.focus()
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('naming') && changed.get('naming') !== undefined) void this.#focus()
  }

  override render(): TemplateResult {
    const count = this.chosen.length
    const tooMany = count >= MAX_GROUP_MEMBERS
    return html`<aside class="flex h-full flex-col bg-side" aria-label=${msg('New group')} @keydown=${this.#keydown}>
      <header class="flex min-h-16 items-center gap-1 px-2 pt-[max(8px,env(safe-area-inset-top))] pb-2">
        <button
          type="button"
          class="icon-button size-11!"
          aria-label=${this.naming ? msg('Back to people') : msg('Back to chats')}
          @click=${this.#back}
        >
          ${icons.back}
        </button>
        <h1 class="min-w-0 grow truncate text-body font-semibold">${msg('New group')}</h1>
      </header>
      <chat-picker
        class="min-h-0 grow ${this.naming ? 'hidden' : ''}"
        @people-picked=${({ detail }: SkeinEvent<'people-picked'>) => (this.chosen = detail.people)}
      ></chat-picker>
      ${
        this.naming
          ? this.#title()
          : html`<div class="border-t border-line p-3 pb-[max(12px,env(safe-area-inset-bottom))]">
              ${formAlert(tooMany ? plural(MAX_GROUP_MEMBERS, 'A group has at most # member.', 'A group has at most # members.') : undefined)}
              <button type="button" class="button-strong h-11! w-full" ?disabled=${count === 0 || tooMany} @click=${() => (this.naming = true)}>
                ${count === 0 ? msg('Choose people') : plural(count, 'Next, with # person', 'Next, with # people')}
              </button>
            </div>`
      }
    </aside>`
  }

  #title(): TemplateResult {
    return html`<form
      class="grid content-start gap-4 overflow-y-auto px-4 pt-2"
      novalidate
      @submit=${(event: SubmitEvent) => void this.#create(event)}
    >
      <div>
        <label class="mb-1.5 block text-small font-medium" for="title">${msg('Group name')}</label>
        <input
          id="title"
          class="field h-11 px-3 text-[16px]"
          type="text"
          dir="auto"
          autocomplete="off"
          maxlength=${MAX_NAME_LENGTH}
          aria-describedby="title-help"
          @input=${() => (this.failure = '')}
        />
        <p id="title-help" class="mt-1.5 text-small text-muted">${msg('Left empty, it is called by its people. Any member can change it.')}</p>
      </div>
      <p class="text-small text-muted">${msg('With')} <span class="text-ink" dir="auto">${namesOf(this.chosen.map(({ name }) => name))}</span></p>
      <label class="flex min-h-11 items-center justify-between gap-4">
        <span
          ><span class="block text-small font-medium">${msg('Earlier messages for new members')}</span>
          <span class="block text-small text-muted">${msg('Without them, whoever joins later sees what is said from then on.')}</span></span
        >
        <input id="history" type="checkbox" checked class="size-5 shrink-0 accent-accent" />
      </label>
      ${formAlert(this.failure || undefined)}
      <button type="submit" class="button-strong h-11!" ?disabled=${this.busy}>${this.busy ? spinner : nothing}${msg('Create group')}</button>
    </form>`
  }

  #back = (): void => {
    this.failure = ''
    if (this.naming) this.naming = false
    else emit(this, 'new-group', { open: false })
  }

  #keydown(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return
    event.preventDefault()
    this.#back()
  }

  async #create(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (this.busy) return
    this.busy = true
    this.failure = ''
    const title = this.renderRoot.querySelector<HTMLInputElement>('#title')?.value.trim() ?? ''
    try {
      const people = this.chosen.map(({ id }) => id)
      const isShown = this.renderRoot.querySelector<HTMLInputElement>('#history')?.checked ?? true
      const chat = await this.#engine.required.groups.create(title || null, people, isShown ? 'all' : 'joined')
      emit(this, 'new-group', { open: false })
      emit(this, 'chat-chosen', { chat })
    } catch (error) {
      this.failure = failureText(error)
    }
    this.busy = false
  }
}
