// Settings: the end of the account. Asks for the password, and says before what goes.
import { msg } from '@lit/localize'
import { MAX_PASSWORD_LENGTH } from '@skein/protocol'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { forgetDrafts } from '../state/drafts.ts'
import { EngineController } from '../state/engine-context.ts'
import { codeOf, failureText } from '../model/failures.ts'
import { sheet } from '../styles/sheet.ts'
import { formField } from './form-parts.ts'
import { alertText, card, smallSubmit, textButton } from './panel-parts.ts'

export class ChatSettingsLeaving extends LitElement {
  static override styles = sheet
  static override properties = { asking: { state: true }, busy: { state: true }, problem: { state: true }, failure: { state: true } }
  declare asking: boolean
  declare busy: boolean
  /** Of the field, and of the whole. */
  declare problem: string
  declare failure: string
  #engine = new EngineController(this)

  constructor() {
    super()
    this.asking = false
    this.busy = false
    this.problem = ''
    this.failure = ''
  }

  override render(): TemplateResult {
    const text = html`<p class="px-2.5 text-small text-muted">
      ${msg('Your account and every word you wrote are erased, here and for everybody. This cannot be undone.')}
    </p>`
    if (!this.asking)
      return card(
        html`<div class="px-1 pt-2.5 pb-1">
          ${text} ${textButton(msg('Delete my account'), () => (this.asking = true), undefined, 'mt-0.5 text-danger')}
        </div>`,
      )
    return card(
      html`<form class="grid gap-3.5 px-1 pt-2.5 pb-3.5" novalidate @submit=${this.#submit} @input=${() => (this.problem = this.failure = '')}>
        ${text}
        <div class="grid gap-3.5 px-2.5">
          ${formField({
            id: 'password',
            label: msg('Your password'),
            type: 'password',
            autocomplete: 'current-password',
            limit: MAX_PASSWORD_LENGTH,
            problem: this.problem,
          })}
          ${this.failure ? alertText(this.failure) : nothing}
          <div class="flex flex-wrap gap-2">
            ${smallSubmit(msg('Delete my account for good'), this.busy, 'button-danger')}
            <button type="button" class="button-soft" ?disabled=${this.busy} @click=${() => (this.asking = false)}>${msg('Keep it')}</button>
          </div>
        </div>
      </form>`,
    )
  }

  override updated(changed: PropertyValues<this>): void {
    if (!changed.has('asking') || changed.get('asking') === undefined) return
    this.renderRoot.querySelector<HTMLElement>(this.asking ? 'input' : 'button')?.focus()
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const { required: engine } = this.#engine
    const input = this.renderRoot.querySelector('input')
    if (this.busy || !input || engine.session.status !== 'logged-in') return
    this.busy = true
    const { id } = engine.session.user
    try {
      await engine.account.deleteAccount(input.value || null)
      forgetDrafts(id)
    } catch (error) {
      // Whether there is a password only the server knows: who logs in by a provider alone has none.
      if (codeOf(error) === 'bad-request') this.problem = msg('Enter your password.')
      else if (codeOf(error) === 'wrong-password') this.problem = failureText(error)
      else this.failure = failureText(error)
      input.focus()
    }
    this.busy = false
  }
}
