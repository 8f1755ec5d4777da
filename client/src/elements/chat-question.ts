// A question before something that cannot be undone, or that needs a few words. What went wrong stands in it, and it stays open until that is settled.
import { msg } from '@lit/localize'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { failureText } from '../model/failures.ts'
import { sheet } from '../styles/sheet.ts'
import { formAlert } from './form-parts.ts'
import { spinner } from './icons.ts'

export interface Question {
  title: string
  text: string
  /** What the button says that does it. */
  action: string
  danger: boolean
  /** Words that are asked for with it. */
  field?: { label: string; limit: number }
  run(words: string): Promise<void>
}

export class ChatQuestion extends LitElement {
  static override styles = sheet
  static override properties = { question: { state: true }, busy: { state: true }, failure: { state: true } }
  declare question: Question | null
  declare busy: boolean
  declare failure: string
  #done = false
  #closed: ((done: boolean) => void) | undefined

  constructor() {
    super()
    this.question = null
    this.busy = false
    this.failure = ''
  }

  /** Resolves when it is closed: whether it was done. */
  async ask(question: Question): Promise<boolean> {
    this.question = question
    this.#done = false
    this.busy = false
    this.failure = ''
    await this.updateComplete
    const closed = new Promise<boolean>((resolve) => (this.#closed = resolve))
    this.#dialog?.showModal()
    return closed
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog')
  }

  override render(): TemplateResult | typeof nothing {
    const { question } = this
    if (!question) return nothing
    const { title, text, action, danger, field } = question
    return html`<dialog
      class="m-auto w-[min(92vw,400px)] animate-rise rounded-2xl bg-raised p-5 text-ink shadow-menu backdrop:bg-veil"
      aria-labelledby="title"
      aria-describedby="text"
      @close=${this.#close}
    >
      <form novalidate @submit=${(event: SubmitEvent) => void this.#run(event, question)}>
        <h2 id="title" class="text-body font-semibold" dir="auto">${title}</h2>
        <p id="text" class="mt-2 text-small text-muted">${text}</p>
        ${
          field
            ? html`<label class="mt-4 block text-small font-medium" for="words">${field.label}</label>
                <textarea
                  id="words"
                  class="field mt-1.5 min-h-24 resize-none px-3 py-2 text-[16px]"
                  maxlength=${field.limit}
                  dir="auto"
                  required
                  autofocus
                  @input=${() => (this.failure = '')}
                ></textarea>`
            : nothing
        }
        <div class="mt-4 grid gap-2">
          ${formAlert(this.failure)}
          <button type="submit" class=${danger ? 'button-danger' : 'button-strong'} ?disabled=${this.busy}>
            ${this.busy ? spinner : nothing}${action}
          </button>
          <button type="button" class="button-soft" ?autofocus=${!field} @click=${() => this.#dialog?.close()}>${msg('Cancel')}</button>
        </div>
      </form>
    </dialog>`
  }

  #close = (): void => {
    this.question = null
    this.#closed?.(this.#done)
  }

  async #run(event: SubmitEvent, question: Question): Promise<void> {
    event.preventDefault()
    const words = this.renderRoot.querySelector('textarea')
    const text = words?.value.trim() ?? ''
    if (this.busy) return
    if (words && text === '') {
      this.failure = msg('Write a few words first.')
      return words.focus()
    }
    this.busy = true
    this.failure = ''
    try {
      await question.run(text)
      this.#done = true
      this.#dialog?.close()
    } catch (error) {
      this.failure = failureText(error)
    }
    this.busy = false
  }
}
