// A forgotten password: asks for the email, then says where to look. Whether there is an account is told to nobody.
import { msg, str } from '@lit/localize'
import { MAX_EMAIL_LENGTH } from '@skein/protocol'
import { html, LitElement, type PropertyValues, type TemplateResult } from 'lit'
import { isEmail } from '../model/lists.ts'
import { failureText } from '../model/failures.ts'
import { EngineController } from '../state/engine-context.ts'
import { sheet } from '../styles/sheet.ts'
import { formAlert, formField, formPage, plainButton, submitButton } from './form-parts.ts'

export class ChatForgot extends LitElement {
  static override styles = sheet
  static override properties = { email: {}, sent: { state: true }, busy: { state: true }, problem: { state: true }, failure: { state: true } }
  /** What was typed already. The event `leave` says that the person wants back. */
  declare email: string
  declare sent: boolean
  declare busy: boolean
  /** Of the field, and of the whole. */
  declare problem: string
  declare failure: string
  #engine = new EngineController(this)

  constructor() {
    super()
    this.email = ''
    this.sent = false
    this.busy = false
    this.problem = ''
    this.failure = ''
  }

  override render(): TemplateResult {
    const leave = (): void => void this.dispatchEvent(new Event('leave'))
    const back = plainButton(msg('Back to log in'), this.busy, leave)
    if (this.sent) {
      const text = msg(str`If there is an account with ${this.email}, a mail with a link is on its way. The link works once, and for an hour.`)
      return formPage(msg('Look into your mail'), text, html`<div class="grid" role="status">${back}</div>`)
    }
    return formPage(
      msg('Forgot your password?'),
      msg('We send you a link by which you choose a new one.'),
      html`<form class="grid gap-4" novalidate @submit=${this.#submit} @input=${this.#typed}>
        ${formAlert(this.failure)}
        ${formField({
          id: 'email',
          label: msg('Email'),
          type: 'email',
          autocomplete: 'username',
          limit: MAX_EMAIL_LENGTH,
          value: this.email,
          problem: this.problem,
        })}
        <div class="mt-1 grid gap-2">${submitButton(msg('Send link'), this.busy)} ${back}</div>
      </form>`,
    )
  }

  override firstUpdated(): void {
    this.#input?.focus()
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('sent') && this.sent) this.renderRoot.querySelector('button')?.focus()
  }

  get #input(): HTMLInputElement | null {
    return this.renderRoot.querySelector('input')
  }

  #typed(): void {
    this.email = this.#input?.value.trim() ?? ''
    this.problem = this.failure = ''
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (this.busy) return
    if (!this.email) this.problem = msg('Enter your email.')
    else if (!isEmail(this.email)) this.problem = msg('This does not look like an email.')
    if (this.problem) return this.#input?.focus()
    this.busy = true
    try {
      await this.#engine.required.account.forgotPassword(this.email)
      this.sent = true
    } catch (error) {
      this.failure = failureText(error)
    }
    this.busy = false
  }
}
