// Settings: picture, name, email and password. One form is open at a time; errors stand at their fields, in words.
import { msg } from '@lit/localize'
import type { Engine, Me } from '@skein/engine'
import { MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '@skein/protocol'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { plural } from '../languages/language.ts'
import { EngineController } from '../state/engine-context.ts'
import { isEmail } from '../model/lists.ts'
import { codeOf, failureText } from '../model/failures.ts'
import { sheet } from '../styles/sheet.ts'
import { formField, type FieldLook } from './form-parts.ts'
import { alertText, card, smallSubmit, statusText, textButton, valueRow } from './panel-parts.ts'

type Form = 'name' | 'email' | 'password'
type Values = Readonly<Record<string, string>>
type Look = Omit<FieldLook, 'problem'>

const current = (id: string, label: string): Look => ({ id, label, type: 'password', autocomplete: 'current-password', limit: MAX_PASSWORD_LENGTH })
const fieldsOf = (form: Form, user: Me): Look[] => {
  if (form === 'name') return [{ id: 'name', label: msg('Name'), type: 'text', autocomplete: 'name', limit: MAX_NAME_LENGTH, value: user.name }]
  if (form === 'email')
    return [
      { id: 'email', label: msg('New email'), type: 'email', autocomplete: 'email', limit: MAX_EMAIL_LENGTH },
      current('password', msg('Password')),
    ]
  const help = plural(MIN_PASSWORD_LENGTH, 'At least # character.', 'At least # characters.')
  const wanted: Look = { id: 'wanted', label: msg('New password'), type: 'password', autocomplete: 'new-password', limit: MAX_PASSWORD_LENGTH, help }
  return [current('current', msg('Current password')), wanted]
}

/** The field where the reason belongs; else it stands under the whole. */
const fieldOfCode = (form: Form, code: string | null): string => {
  if (code === 'wrong-password') return form === 'email' ? 'password' : 'current'
  if (code === 'email-taken') return 'email'
  return code === 'common-password' ? 'wanted' : 'form'
}

function check(form: Form, values: Values): Record<string, string> {
  const problems: Record<string, string> = {}
  if (form === 'name' && !values['name']) problems['name'] = msg('Enter the name that others will see.')
  if (form === 'email' && !isEmail(values['email'] ?? '')) problems['email'] = msg('This does not look like an email.')
  if (form === 'email' && !values['password']) problems['password'] = msg('Enter your password.')
  if (form === 'password' && !values['current']) problems['current'] = msg('Enter your password.')
  if (form === 'password' && (values['wanted'] ?? '').length < MIN_PASSWORD_LENGTH)
    problems['wanted'] = plural(MIN_PASSWORD_LENGTH, 'Use at least # character.', 'Use at least # characters.')
  return problems
}

/** Resolves with what is to be said about it. */
async function change({ account }: Engine, form: Form, values: Values): Promise<string> {
  if (form === 'name') await account.changeProfile({ name: values['name'] ?? '' })
  else if (form === 'email') await account.changeEmail(values['email'] ?? '', values['password'] ?? '')
  else await account.changePassword(values['current'] ?? '', values['wanted'] ?? '')
  if (form === 'name') return msg('Your name was changed.')
  if (form === 'email') return msg('Your email was changed. A mail with a link to confirm it is on its way.')
  return msg('Your password was changed. Your other devices were logged out.')
}

export class ChatSettingsAccount extends LitElement {
  static override styles = sheet
  static override properties = {
    form: { state: true },
    busy: { state: true },
    problems: { state: true },
    said: { state: true },
    failure: { state: true },
  }
  declare form: Form | null
  declare busy: boolean
  /** By field; `form`: of the whole. */
  declare problems: Record<string, string>
  declare said: string
  declare failure: string
  #engine = new EngineController(this)

  constructor() {
    super()
    this.form = null
    this.busy = false
    this.problems = {}
    this.said = ''
    this.failure = ''
  }

  override render(): TemplateResult | typeof nothing {
    const session = this.#engine.engine?.session
    if (session?.status !== 'logged-in') return nothing
    const { user } = session
    const row = (form: Form, label: string, changing: string, value: unknown): TemplateResult =>
      this.form === form ? this.#form(form, user) : valueRow(label, value, { label: msg('Change'), name: changing, press: () => this.#show(form) })
    return html`<chat-picture
        class="mb-3"
        .name=${user.name}
        .person=${user.id}
        .picture=${user.picture}
        .change=${(picture: string | null) => this.#engine.required.account.changeProfile({ avatarUrl: picture })}
      ></chat-picture>
      ${card(html`
        ${row('name', msg('Name'), msg('Change name'), html`<span dir="auto">${user.name}</span>`)}
        ${user.email === null ? nothing : row('email', msg('Email'), msg('Change email'), this.#email(user))}
        ${user.email === null ? nothing : row('password', msg('Password'), msg('Change password'), '••••••••')}
      `)}
      <div class="px-3.5 pt-1.5">${statusText(this.said)}${alertText(this.failure)}</div>`
  }

  #email({ email, emailConfirmed }: Me): TemplateResult {
    if (emailConfirmed !== false)
      return html`${email} ${emailConfirmed ? html`<span class="text-small text-muted">${`· ${msg('Confirmed')}`}</span>` : nothing}`
    return html`${email}
      <p class="flex flex-wrap items-center gap-x-1 text-small text-warn">
        ${msg('This email is not confirmed yet.')}
        ${textButton(msg('Send the mail again'), () => void this.#confirm(), undefined, '-ms-2.5 text-accent-ink', this.busy)}
      </p>`
  }

  #form(form: Form, user: Me): TemplateResult {
    return html`<form
      class="grid gap-3.5 px-3.5 py-3.5"
      novalidate
      @submit=${(event: SubmitEvent) => void this.#submit(event, form, user)}
      @input=${this.#forget}
    >
      ${form === 'password' ? html`<input type="hidden" name="username" autocomplete="username" value=${user.email ?? ''} />` : nothing}
      ${fieldsOf(form, user).map((look) => formField({ ...look, problem: this.problems[look.id] }))} ${alertText(this.problems['form'] ?? '')}
      <div class="flex gap-2">
        ${smallSubmit(msg('Save'), this.busy)}
        <button type="button" class="button-soft" @click=${() => this.#show(null)}>${msg('Cancel')}</button>
      </div>
    </form>`
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('form') && this.form) this.renderRoot.querySelector<HTMLElement>('input:not([type=hidden])')?.focus()
  }

  #show(form: Form | null): void {
    this.form = form
    this.problems = {}
    this.said = ''
    this.failure = ''
  }

  #forget(event: Event): void {
    this.problems = { ...this.problems, form: '', [(event.target as HTMLInputElement).name]: '' }
  }

  async #submit(event: SubmitEvent, form: Form, user: Me): Promise<void> {
    event.preventDefault()
    if (this.busy) return
    const fields = fieldsOf(form, user).map(({ id, type }) => {
      const value = this.renderRoot.querySelector<HTMLInputElement>(`#${id}`)?.value ?? ''
      return [id, type === 'password' ? value : value.trim()] as const
    })
    const values = Object.fromEntries(fields)
    this.problems = check(form, values)
    if (Object.keys(this.problems).length === 0) {
      this.busy = true
      try {
        const said = await change(this.#engine.required, form, values)
        this.#show(null)
        this.said = said
        // The lists of devices beside it is another one now.
        if (form === 'password') this.dispatchEvent(new Event('devices-changed', { bubbles: true, composed: true }))
      } catch (error) {
        this.problems = { [fieldOfCode(form, codeOf(error))]: failureText(error) }
      }
      this.busy = false
    }
    await this.updateComplete
    const wrong = fields.find(([id]) => this.problems[id])?.[0]
    if (wrong) this.renderRoot.querySelector<HTMLInputElement>(`#${wrong}`)?.focus()
    else if (!this.form) this.renderRoot.querySelector('button')?.focus()
  }

  async #confirm(): Promise<void> {
    this.busy = true
    this.failure = ''
    try {
      await this.#engine.required.account.sendConfirmation()
      this.said = msg('It is on its way. Open the link in it.')
    } catch (error) {
      this.failure = failureText(error)
    }
    this.busy = false
  }
}
