// Logging in and creating an account: one form. Errors stand where they happen, in words.
import type { Engine } from '@skein/engine'
import { MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '@skein/protocol'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { EngineController } from '../state/engine-context.ts'
import { isEmail } from '../model/lists.ts'
import { codeOf, failureText } from '../model/reasons.ts'
import { sheet } from '../styles/sheet.ts'
import { icons, mark, spinner } from './icons.ts'

type Field = 'name' | 'email' | 'password'
type Problems = Partial<Record<Field | 'form', string>>

const fieldOfCode: Record<string, Field> = { 'email-taken': 'email' }

export class ChatLogin extends LitElement {
  static override styles = sheet
  static override properties = { hint: {}, creating: { state: true }, busy: { state: true }, problems: { state: true } }
  /** A line under the form, from the page that embeds it. */
  declare hint: string
  declare creating: boolean
  declare busy: boolean
  declare problems: Problems
  #engine = new EngineController(this)

  constructor() {
    super()
    this.hint = ''
    this.creating = false
    this.busy = false
    this.problems = {}
  }

  override render(): TemplateResult {
    return html`<main class="flex min-h-full items-center justify-center px-5 py-10">
      <div class="w-full max-w-88">
        <div class="mb-7 text-center">
          ${mark('mx-auto mb-5 size-14')}
          <h1 class="text-title font-semibold tracking-tight">${this.creating ? 'Create your account' : 'Welcome to Skein'}</h1>
          <p class="mt-1.5 text-body text-muted">
            ${this.creating ? 'It takes one name and one password.' : 'Your chats, with and without a network.'}
          </p>
        </div>
        <form class="grid gap-4" novalidate @submit=${this.#submit} @input=${this.#forget}>
          ${
            this.problems.form
              ? html`<p role="alert" class="flex gap-2 rounded-lg bg-danger-soft px-3 py-2.5 text-small text-danger">
                  <span class="mt-px">${icons.alert}</span>${this.problems.form}
                </p>`
              : nothing
          }
          ${this.creating ? this.#field('name', 'Name', 'text', 'name', MAX_NAME_LENGTH) : nothing}
          ${this.#field('email', 'Email', 'email', 'username', MAX_EMAIL_LENGTH)}
          ${this.#field('password', 'Password', 'password', this.creating ? 'new-password' : 'current-password', MAX_PASSWORD_LENGTH)}
          <div class="mt-1 grid gap-2">${this.creating ? this.#buttons('Create account', 'Log in') : this.#buttons('Log in', 'Create account')}</div>
        </form>
        ${this.hint ? html`<p class="mt-6 text-center text-small text-muted">${this.hint}</p>` : nothing}
      </div>
    </main>`
  }

  #buttons(submit: string, change: string): TemplateResult {
    return html`<button type="submit" class="button-strong h-11! text-body!" ?disabled=${this.busy}>${this.busy ? spinner : nothing}${submit}</button>
      <button type="button" class="button h-11! text-accent-ink hover:bg-hover" ?disabled=${this.busy} @click=${this.#change}>${change}</button>`
  }

  #field(field: Field, label: string, type: string, autocomplete: string, limit: number): TemplateResult {
    const problem = this.problems[field]
    const about = problem ? `${field}-problem` : field === 'password' && this.creating ? 'password-help' : nothing
    return html`<div>
      <label class="mb-1.5 block text-small font-medium" for=${field}>${label}</label>
      <input
        class="field h-11 px-3 text-[16px]"
        id=${field}
        name=${field}
        type=${type}
        autocomplete=${autocomplete as 'name'}
        autocapitalize=${field === 'name' ? 'words' : 'none'}
        spellcheck="false"
        dir="auto"
        maxlength=${limit}
        aria-invalid=${problem ? 'true' : 'false'}
        aria-describedby=${about}
        required
      />
      ${problem ? html`<p id="${field}-problem" role="alert" class="mt-1.5 text-small text-danger">${problem}</p>` : nothing}
      ${
        !problem && field === 'password' && this.creating
          ? html`<p id="password-help" class="mt-1.5 text-small text-muted">At least ${MIN_PASSWORD_LENGTH} characters.</p>`
          : nothing
      }
    </div>`
  }

  override firstUpdated(): void {
    if (document.activeElement === document.body && matchMedia('(pointer: fine)').matches) this.#input('email')?.focus()
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('creating') && changed.get('creating') !== undefined) this.#input(this.creating ? 'name' : 'email')?.focus()
  }

  #input(field: Field): HTMLInputElement | null {
    return this.renderRoot.querySelector<HTMLInputElement>(`#${field}`)
  }

  #change(): void {
    this.creating = !this.creating
    this.problems = {}
  }

  #forget(event: Event): void {
    const { name } = event.target as HTMLInputElement
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
    if (this.creating && !name) problems.name = 'Enter the name that others will see.'
    if (!email) problems.email = 'Enter your email.'
    else if (!isEmail(email) && this.creating) problems.email = 'This does not look like an email.'
    if (!password) problems.password = 'Enter your password.'
    else if (this.creating && password.length < MIN_PASSWORD_LENGTH) problems.password = `Use at least ${MIN_PASSWORD_LENGTH} characters.`
    return problems
  }

  async #enter(engine: Engine, name: string, email: string, password: string): Promise<void> {
    this.busy = true
    try {
      await (this.creating ? engine.register(email, name, password) : engine.login(email, password))
    } catch (error) {
      this.problems = { [fieldOfCode[codeOf(error) ?? ''] ?? 'form']: failureText(error) }
    }
    this.busy = false
  }
}
