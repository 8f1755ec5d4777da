// Where one writes: grows with the text, Enter sends, Shift+Enter breaks; what is quoted or edited stands above it.
import { MAX_TEXT_LENGTH } from '@skein/protocol'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
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

export class ChatComposer extends LitElement {
  static override styles = sheet
  static override properties = { banner: { attribute: false }, value: { state: true } }
  declare banner: ComposerBanner | null
  declare value: string

  constructor() {
    super()
    this.banner = null
    this.value = ''
  }

  /** Puts words into the field, with the cursor after them. */
  async write(text: string): Promise<void> {
    this.value = text
    await this.updateComplete
    this.#field?.setSelectionRange(text.length, text.length)
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
  get #sendable(): boolean {
    return this.value.trim() !== '' && this.#left >= 0
  }

  override render(): TemplateResult {
    const near = this.#left < NEAR_LIMIT
    return html`<form class="mx-auto max-w-200 px-3 pt-1.5 pb-3 @pane:px-6 @pane:pb-5" @submit=${this.#submit}>
      <div class="rounded-2xl border border-line bg-field shadow-card transition-colors focus-within:border-accent">
        ${this.banner ? this.#banner(this.banner) : nothing}
        <div class="flex items-end gap-1 p-1.5">
          <textarea
            class="block max-h-48 min-h-9 min-w-0 grow resize-none self-center overflow-y-auto bg-transparent px-2.5 py-1.5 text-[16px]/[24px] field-sizing-content outline-none placeholder:text-faint fine:text-body/6 coarse:min-h-11 coarse:py-2.5"
            aria-label="Message"
            aria-describedby=${near ? 'limit' : nothing}
            placeholder="Message"
            dir="auto"
            rows="1"
            enterkeyhint="send"
            .value=${this.value}
            @input=${this.#input}
            @keydown=${this.#keydown}
          ></textarea>
          <button
            type="submit"
            aria-label="Send"
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
                ${this.#left < 0 ? `${-this.#left} characters too long` : `${this.#left} characters left`}
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
      <button type="button" class="icon-button" aria-label="Cancel" @click=${() => emit(this, 'composer-leave', null)}>${icons.close}</button>
    </div>`
  }

  #input(event: InputEvent): void {
    this.value = (event.target as HTMLTextAreaElement).value
    emit(this, 'composer-input', { text: this.value })
  }

  #keydown(event: KeyboardEvent): void {
    // While an input method composes, Enter and Escape belong to it (Safari ends the composition before it sends the key: 229).
    if (event.isComposing || event.keyCode === 229) return
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault()
      this.#send()
    } else if (event.key === 'Escape' && this.banner) {
      event.preventDefault()
      emit(this, 'composer-leave', null)
    } else if (event.key === 'ArrowUp' && this.value === '' && !this.banner) {
      event.preventDefault()
      emit(this, 'composer-edit-last', null)
    }
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault()
    this.#send()
  }

  #send(): void {
    if (!this.#sendable) return
    const text = this.value.trim()
    this.value = ''
    emit(this, 'composer-send', { text })
    this.focus()
  }
}
