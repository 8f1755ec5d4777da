// The question before logging out while words still wait. It stays open until it is answered, and says what stood in the way.
import { msg } from '@lit/localize'
import { EngineError } from '@skein/engine'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { plural } from '../languages/language.ts'
import { failureText } from '../model/failures.ts'
import { forgetDrafts } from '../state/drafts.ts'
import { EngineController } from '../state/engine-context.ts'
import { sheet } from '../styles/sheet.ts'
import { formAlert } from './form-parts.ts'
import { spinner } from './icons.ts'

type Choice = 'keep' | 'discard'

export class ChatLoggingOut extends LitElement {
  static override styles = sheet
  static override properties = { busy: { state: true }, failure: { state: true } }
  /** What was chosen and is being done. The event `closed` ends the question. */
  declare busy: Choice | null
  declare failure: string
  #engine = new EngineController(this)
  /** As many as there were when it was asked: the sentence does not change under the eyes. */
  #count: number | undefined

  constructor() {
    super()
    this.busy = null
    this.failure = ''
  }

  override firstUpdated(): void {
    this.#dialog?.showModal()
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog')
  }

  override render(): TemplateResult {
    const { required: engine } = this.#engine
    this.#count ??= engine.network.waiting || engine.outbox.length
    return html`<dialog
      class="m-auto w-[min(92vw,400px)] animate-rise rounded-2xl bg-raised p-5 text-ink shadow-menu backdrop:bg-veil"
      aria-labelledby="title"
      aria-describedby="text"
      @cancel=${(event: Event) => this.busy !== null && event.preventDefault()}
      @close=${() => this.dispatchEvent(new Event('closed'))}
    >
      <h2 id="title" class="text-body font-semibold">${msg('Log out with words still waiting?')}</h2>
      <p id="text" class="mt-2 text-small text-muted">
        ${plural(
          this.#count,
          'One message or change of yours has not reached the server yet. Kept on this device, it is sent when you log in here again; nobody else sees it.',
          '# messages or changes of yours have not reached the server yet. Kept on this device, they are sent when you log in here again; nobody else sees them.',
        )}
      </p>
      <div class="mt-5 grid gap-2">
        ${formAlert(this.failure)} ${this.#button('keep', 'button-strong', msg('Keep and log out'))}
        ${this.#button('discard', 'button-danger', msg('Delete and log out'))}
        <button type="button" class="button-soft" autofocus ?disabled=${this.busy !== null} @click=${() => this.#dialog?.close()}>
          ${msg('Cancel')}
        </button>
      </div>
    </dialog>`
  }

  #button(choice: Choice, look: string, label: string): TemplateResult {
    return html`<button type="button" class=${look} ?disabled=${this.busy !== null} @click=${() => this.#leave(choice)}>
      ${this.busy === choice ? spinner : nothing}${label}
    </button>`
  }

  async #leave(choice: Choice): Promise<void> {
    const { required: engine } = this.#engine
    const user = engine.session.status === 'logged-in' ? engine.session.user.id : null
    this.busy = choice
    // Taken out before it comes back: what is said twice in a row would be read aloud once.
    this.failure = ''
    try {
      await engine.logout(choice)
      if (choice === 'discard' && user) forgetDrafts(user)
      this.#dialog?.close()
    } catch (error) {
      const isUnsaved = error instanceof EngineError && error.code === 'unsaved'
      this.failure = isUnsaved
        ? msg('This device cannot save them just now, and logging out would lose them. Try again in a moment.')
        : failureText(error)
    }
    this.busy = null
  }
}
