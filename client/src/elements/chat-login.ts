// Logging in and creating an account: one form. Errors stand where they happen, in words.
import { msg } from '@lit/localize'
import type { Engine, LoginWays } from '@skein/engine'
import { MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '@skein/protocol'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { plural } from '../languages/language.ts'
import { EngineController } from '../state/engine-context.ts'
import { emit } from '../state/events.ts'
import { isEmail } from '../model/lists.ts'
import { codeOf, failureText } from '../model/failures.ts'
import { sheet } from '../styles/sheet.ts'
import type { ChatForgot } from './chat-forgot.ts'
import { formAlert, formField, formPage, plainButton, providerButton, submitButton } from './form-parts.ts'
import { icons } from './icons.ts'

type Field = 'name' | 'email' | 'password'
type Problems = Partial<Record<Field | 'form', string>>

const confirmations = () => ({
  created: msg('Your account is there. Open the link in the mail that was sent to you, then log in here.'),
  there: msg('Your email is not confirmed yet. Open the link in the mail that was sent to you, then log in here.'),
  sent: msg('Another mail is on its way. By the link in it you choose your password anew, which confirms your email too.'),
})
const fieldOfCode: Record<string, Field> = { 'email-taken': 'email', 'common-password': 'password' }

export class ChatLogin extends LitElement {
  static override styles = sheet
  static override properties = {
    hint: {},
    invitation: {},
    ways: { attribute: false },
    entryProblem: { attribute: false },
    creating: { state: true },
    forgotten: { state: true },
    toConfirm: { state: true },
    busy: { state: true },
    problems: { state: true },
  }
  /** A line under the form, from the page that embeds it. */
  declare hint: string
  /** The token of the link that invited the person; empty when there was none. */
  declare invitation: string
  /** How one can log in, once that is known. */
  declare ways: LoginWays | null
  /** Why a log-in by the provider came to nothing. */
  declare entryProblem: string
  declare creating: boolean
  /** The email of who has forgotten their password; null: they have not. */
  declare forgotten: string | null
  /** The account logs in once its email is confirmed: an account that was created just now, one that was there, or one that another mail was sent to. */
  declare toConfirm: keyof ReturnType<typeof confirmations> | null
  declare busy: boolean
  declare problems: Problems
  #engine = new EngineController(this)

  constructor() {
    super()
    this.hint = ''
    this.invitation = ''
    this.ways = null
    this.entryProblem = ''
    this.creating = false
    this.forgotten = null
    this.toConfirm = null
    this.busy = false
    this.problems = {}
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('invitation') && this.invitation) this.creating = true
  }

  override render(): TemplateResult {
    if (this.forgotten !== null) return html`<chat-forgot class="block h-full" .email=${this.forgotten} @leave=${this.#back}></chat-forgot>`
    const { creating, problems } = this
    const invited = this.invitation ? msg('You are invited. It takes one name and one password.') : msg('It takes one name and one password.')
    return formPage(
      creating ? msg('Create your account') : msg('Welcome to Skein'),
      creating ? invited : msg('Your chats, with and without a network.'),
      html`<form class="grid gap-4" novalidate @submit=${this.#submit} @input=${this.#forget}>
          ${formAlert(problems.form || this.entryProblem)} ${this.toConfirm ? this.#confirmation(this.toConfirm) : nothing}
          ${creating ? this.#field('name', msg('Name'), 'text', 'name', MAX_NAME_LENGTH) : nothing}
          ${this.#field('email', msg('Email'), 'email', 'username', MAX_EMAIL_LENGTH)}
          <div class="grid gap-1.5">
            ${this.#field('password', msg('Password'), 'password', creating ? 'new-password' : 'current-password', MAX_PASSWORD_LENGTH)}
            ${creating ? nothing : this.#forgotButton()}
          </div>
          <div class="mt-1 grid gap-2">
            ${creating ? this.#buttons(msg('Create account'), msg('Log in')) : this.#buttons(msg('Log in'), msg('Create account'))}
          </div>
        </form>
        ${this.ways?.provider ? providerButton(this.ways.provider.label, this.busy, () => emit(this, 'provider-chosen', null)) : nothing}
        ${this.hint ? html`<p class="mt-6 text-center text-small text-muted" dir="auto">${this.hint}</p>` : nothing}`,
    )
  }

  #buttons(submit: string, change: string): TemplateResult {
    const mayChange = this.creating || this.ways?.registration !== 'closed'
    return html`${submitButton(submit, this.busy)} ${mayChange ? plainButton(change, this.busy, () => this.#change()) : nothing}`
  }

  #forgotButton(): TemplateResult {
    return html`<button
      type="button"
      class="-me-1.5 justify-self-end rounded-md px-1.5 py-1 text-small text-accent-ink hover:bg-hover coarse:min-h-11"
      ?disabled=${this.busy}
      @click=${() => (this.forgotten = this.#input('email')?.value.trim() ?? '')}
    >
      ${msg('Forgot password?')}
    </button>`
  }

  #confirmation(state: keyof ReturnType<typeof confirmations>): TemplateResult {
    return html`<div class="rounded-lg bg-warn-soft px-3 py-2.5 text-small text-warn">
      <p role="status" class="flex gap-2"><span class="mt-px">${icons.mail}</span>${confirmations()[state]}</p>
      ${
        state === 'sent'
          ? nothing
          : html`<button
              type="button"
              class="ms-5 mt-0.5 rounded-md px-2 py-1 font-semibold hover:bg-hover coarse:min-h-11"
              ?disabled=${this.busy}
              @click=${this.#sendAnother}
            >
              ${msg('Send another mail')}
            </button>`
      }
    </div>`
  }

  #field(field: Field, label: string, type: string, autocomplete: string, limit: number): TemplateResult {
    const help = field === 'password' && this.creating ? { help: plural(MIN_PASSWORD_LENGTH, 'At least # character.', 'At least # characters.') } : {}
    return formField({ id: field, label, type, autocomplete, limit, problem: this.problems[field], ...help })
  }

  override firstUpdated(): void {
    if (document.activeElement === document.body && matchMedia('(pointer: fine)').matches) this.#input(this.creating ? 'name' : 'email')?.focus()
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('creating') && changed.get('creating') !== undefined) this.#input(this.creating ? 'name' : 'email')?.focus()
  }

  async #back({ target }: Event): Promise<void> {
    const { email } = target as ChatForgot
    this.forgotten = null
    await this.updateComplete
    const input = this.#input('email')
    if (input) input.value = email
    input?.focus()
  }

  #input(field: Field): HTMLInputElement | null {
    return this.renderRoot.querySelector<HTMLInputElement>(`#${field}`)
  }

  #change(): void {
    this.creating = !this.creating
    this.problems = {}
    this.toConfirm = null
  }

  #forget(event: Event): void {
    const { name } = event.target as HTMLInputElement
    this.entryProblem = ''
    if (this.problems.form || name in this.problems) this.problems = { ...this.problems, form: '', [name]: '' }
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (this.busy) return
    const [name = '', email = '', password = ''] = (['name', 'email', 'password'] as const).map((field) => this.#input(field)?.value ?? '')
    this.problems = this.#check(name.trim(), email.trim(), password)
    if (Object.keys(this.problems).length === 0) await this.#enter(this.#engine.required, name.trim(), email.trim(), password)
    await this.updateComplete
    const first = (['name', 'email', 'password'] as const).find((field) => this.problems[field])
    if (first) this.#input(first)?.focus()
  }

  #check(name: string, email: string, password: string): Problems {
    const problems: Problems = {}
    if (this.creating && !name) problems.name = msg('Enter the name that others will see.')
    if (!email) problems.email = msg('Enter your email.')
    else if (!isEmail(email) && this.creating) problems.email = msg('This does not look like an email.')
    if (!password) problems.password = msg('Enter your password.')
    else if (this.creating && password.length < MIN_PASSWORD_LENGTH)
      problems.password = plural(MIN_PASSWORD_LENGTH, 'Use at least # character.', 'Use at least # characters.')
    return problems
  }

  async #enter(engine: Engine, name: string, email: string, password: string): Promise<void> {
    this.busy = true
    try {
      if (this.creating) await engine.register(email, name, password, this.invitation || undefined)
      else {
        const { loggedOut } = await engine.login(email, password)
        if (loggedOut.length) emit(this, 'devices-logged-out', { devices: loggedOut })
      }
    } catch (error) {
      const code = codeOf(error) ?? ''
      if (code === 'email-unconfirmed') {
        this.toConfirm = this.creating ? 'created' : 'there'
        this.creating = false
      } else this.problems = { [fieldOfCode[code] ?? 'form']: failureText(error) }
    }
    this.busy = false
  }
  /** Who is not let in cannot ask for the mail that confirms; the one for a forgotten password goes to the same address, and its link proves the same. */
  async #sendAnother(): Promise<void> {
    const email = this.#input('email')?.value.trim() ?? ''
    this.busy = true
    try {
      await this.#engine.required.account.forgotPassword(email)
      this.toConfirm = 'sent'
    } catch (error) {
      this.problems = { form: failureText(error) }
    }
    this.busy = false
  }
}
