// Where one writes: grows with the text, Enter sends, Shift+Enter breaks, @ names somebody; what is quoted or edited stands above it.
import { msg } from '@lit/localize'
import { MAX_TEXT_LENGTH, type UserId } from '@skein/protocol'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { startOf } from '../state/placing.ts'
import { plural } from '../languages/language.ts'
import { mentionAt, namedIn, peopleFor, withName, type Mention } from '../model/mentions.ts'
import { emit } from '../state/events.ts'
import { sheet } from '../styles/sheet.ts'
import { icons } from './icons.ts'

/** The rest is counted aloud when fewer than this many characters are left. */
const NEAR_LIMIT = 500

/** What the next words belong to. */
export interface ComposerBanner {
  kind: 'reply' | 'edit' | 'retry'
  title: string
  text: string
}

const bannerIcons = { reply: icons.reply, edit: icons.edit, retry: icons.retry }

/** Who can be named. */
interface Nameable {
  id: UserId
  name: string
  picture?: string | null
}

export class ChatComposer extends LitElement {
  static override styles = sheet
  static override properties = {
    banner: { attribute: false },
    people: { attribute: false },
    sendKey: {},
    value: { state: true },
    mention: { state: true },
    chosen: { state: true },
  }
  declare banner: ComposerBanner | null
  /** Who can be named. */
  declare people: readonly Nameable[]
  /** 'mod-enter': Enter breaks the line, Ctrl+Enter or Cmd+Enter sends. */
  declare sendKey: 'enter' | 'mod-enter'
  declare value: string
  /** Somebody is being named. */
  declare mention: Mention | null
  /** Which of those who fit. */
  declare chosen: number
  /** Send was pressed while an input method had not ended its word. */
  #sendsAfterWord = false
  #composing = false

  constructor() {
    super()
    this.banner = null
    this.people = []
    this.sendKey = 'enter'
    this.value = ''
    this.mention = null
    this.chosen = 0
  }

  /** Puts words into the field, with the cursor after them. */
  async write(text: string, cursor = text.length): Promise<void> {
    this.value = text
    this.mention = null
    await this.updateComplete
    this.#field?.setSelectionRange(cursor, cursor)
  }

  /** Puts words where the cursor is, as if they had been typed. */
  async insert(text: string): Promise<void> {
    const { selectionStart: start, selectionEnd: end } = this.#field ?? { selectionStart: this.value.length, selectionEnd: this.value.length }
    await this.write(this.value.slice(0, start) + text + this.value.slice(end), start + text.length)
    emit(this, 'composer-input', { text: this.value })
    this.focus()
  }

  override focus(): void {
    this.#field?.focus()
  }

  get #field(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector('textarea')
  }
  get #left(): number {
    return MAX_TEXT_LENGTH - this.value.length
  }
  get #fitting(): readonly Nameable[] {
    return this.mention ? peopleFor(this.mention, this.people) : []
  }
  get #sendable(): boolean {
    return this.value.trim() !== '' && this.#left >= 0
  }

  override render(): TemplateResult {
    const near = this.#left < NEAR_LIMIT
    const fitting = this.#fitting
    return html`<form class="relative mx-auto max-w-200 px-3 pt-1.5 pb-3 @pane:px-6 @pane:pb-5" @submit=${this.#submit}>
      ${fitting.length ? this.#offer(fitting) : nothing}
      <div class="rounded-2xl border border-line bg-field shadow-card transition-colors focus-within:border-accent">
        ${this.banner ? this.#banner(this.banner) : nothing}
        <div class="flex items-end gap-1 p-1.5">
          <textarea
            class="block max-h-48 min-h-9 min-w-0 grow resize-none self-center overflow-y-auto bg-transparent px-2.5 py-1.5 text-[16px]/[24px] field-sizing-content outline-none placeholder:text-faint fine:text-body/6 coarse:min-h-11 coarse:py-2.5"
            aria-label=${msg('Message')}
            aria-describedby=${near ? 'limit' : nothing}
            aria-autocomplete="list"
            aria-controls=${fitting.length ? 'people' : nothing}
            aria-activedescendant=${fitting.length ? `person-${this.chosen}` : nothing}
            placeholder=${msg('Message')}
            dir="auto"
            rows="1"
            enterkeyhint=${this.sendKey === 'enter' ? 'send' : 'enter'}
            .value=${this.value}
            @input=${this.#input}
            @keydown=${this.#keydown}
            @blur=${() => (this.mention = null)}
            @compositionstart=${() => (this.#composing = true)}
            @compositionend=${this.#wordEnded}
          ></textarea>
          <button
            type="button"
            class="icon-button hidden! fine:inline-flex!"
            aria-label=${msg('Emoji')}
            title=${msg('Emoji')}
            @click=${this.#wantEmoji}
          >
            ${icons.smile}
          </button>
          <button
            type="submit"
            aria-label=${msg('Send')}
            class="inline-flex size-9 shrink-0 items-center justify-center rounded-xl bg-accent text-on-accent transition-colors hover:bg-accent-strong disabled:bg-hover disabled:text-faint coarse:size-11"
            ?disabled=${!this.#sendable}
            @pointerdown=${(event: Event) => event.preventDefault()}
          >
            ${icons.send}
          </button>
        </div>
        ${
          near
            ? html`<p id="limit" aria-live="polite" class="px-4 pb-2 text-end text-tiny ${this.#left < 0 ? 'text-danger' : 'text-muted'}">
                ${this.#left < 0 ? plural(-this.#left, '# character too long', '# characters too long') : plural(this.#left, '# character left', '# characters left')}
              </p>`
            : nothing
        }
      </div>
    </form>`
  }

  override updated(): void {
    // Where `field-sizing` is not known yet, the field grows by hand.
    const field = this.#field
    if (!field || CSS.supports('field-sizing', 'content')) return
    field.style.height = 'auto'
    field.style.height = `${field.scrollHeight}px`
  }

  #banner({ kind, title, text }: ComposerBanner): TemplateResult {
    return html`<div class="flex items-center gap-2.5 border-b border-line py-1 ps-3.5 pe-1.5 text-accent-ink">
      ${bannerIcons[kind]}
      <div class="min-w-0 grow">
        <p class="truncate text-small font-semibold">${title}</p>
        <p class="truncate text-small text-muted" dir="auto">${text}</p>
      </div>
      <button type="button" class="icon-button" aria-label=${msg('Cancel')} @click=${() => emit(this, 'composer-leave', null)}>${icons.close}</button>
    </div>`
  }

  #offer(fitting: readonly Nameable[]): TemplateResult {
    return html`<ul
      id="people"
      role="listbox"
      aria-label=${msg('People')}
      class="absolute inset-x-3 bottom-full z-10 mb-1 animate-rise rounded-xl bg-raised p-1.5 shadow-menu @pane:inset-x-6 @pane:max-w-80"
    >
      ${fitting.map(
        ({ id, name, picture = null }, index) =>
          html`<li
            id="person-${index}"
            role="option"
            aria-selected=${index === this.chosen}
            class="flex h-9 cursor-pointer items-center gap-2.5 rounded-lg px-2 text-small coarse:h-11 ${index === this.chosen ? 'bg-hover' : ''}"
            @pointerdown=${(event: Event) => event.preventDefault()}
            @click=${() => this.#name(name)}
          >
            <chat-avatar size="small" .name=${name} .person=${id} .picture=${picture}></chat-avatar><span class="truncate" dir="auto">${name}</span>
          </li>`,
      )}
    </ul>`
  }

  #name(name: string): void {
    if (!this.mention) return
    const { text, cursor } = withName(this.value, this.mention, name)
    void this.write(text, cursor)
    emit(this, 'composer-input', { text })
  }

  #wantEmoji(event: MouseEvent): void {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
    emit(this, 'composer-emoji', { x: startOf(box), y: box.top - 8 })
  }

  #input(event: InputEvent): void {
    const field = event.target as HTMLTextAreaElement
    this.value = field.value
    this.mention = mentionAt(field.value, field.selectionStart)
    this.chosen = 0
    emit(this, 'composer-input', { text: this.value })
  }

  #keydown(event: KeyboardEvent): void {
    // While an input method composes, Enter and Escape belong to it (Safari ends the composition before it sends the key: 229).
    if (event.isComposing || event.keyCode === 229) return
    const taken = this.#chooses(event) || this.#sends(event) || this.#leaves(event)
    if (taken) event.preventDefault()
  }

  /** Keys of the list of people, while it is open. */
  #chooses({ key }: KeyboardEvent): boolean {
    const fitting = this.#fitting
    const step = { ArrowDown: 1, ArrowUp: -1 }[key]
    const chosen = fitting[this.chosen]
    if (!chosen) return false
    if (step) this.chosen = (this.chosen + step + fitting.length) % fitting.length
    else if (key === 'Enter' || key === 'Tab') this.#name(chosen.name)
    else if (key === 'Escape') this.mention = null
    else return false
    return true
  }

  #sends({ key, shiftKey, altKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
    const modified = ctrlKey || metaKey
    if (key !== 'Enter' || shiftKey || altKey || (this.sendKey === 'mod-enter' && !modified)) return false
    this.#send()
    return true
  }

  #leaves({ key, altKey }: KeyboardEvent): boolean {
    if (key === 'Escape' && this.banner) emit(this, 'composer-leave', null)
    else if (key === 'ArrowUp' && !altKey && this.value === '' && !this.banner) emit(this, 'composer-edit-last', null)
    else return false
    return true
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault()
    if (!this.#composing) return this.#send()
    // The word is not whole until its input method says so: leaving the field makes it.
    this.#sendsAfterWord = true
    this.#field?.blur()
    this.focus()
  }

  #wordEnded(event: CompositionEvent): void {
    this.#composing = false
    this.value = (event.target as HTMLTextAreaElement).value
    if (this.#sendsAfterWord) this.#send()
    this.#sendsAfterWord = false
  }

  #send(): void {
    if (!this.#sendable) return
    const text = this.value.trim()
    this.value = ''
    this.mention = null
    emit(this, 'composer-send', { text, mentions: namedIn(text, this.people) })
    this.focus()
  }
}
