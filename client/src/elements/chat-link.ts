// What a link from a mail leads to: choosing a new password, or confirming an email. A press, never the opening alone: mail programs open links to look at them.
import { msg } from '@lit/localize'
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '@skein/protocol'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { plural } from '../languages/language.ts'
import { codeOf, failureText } from '../model/failures.ts'
import { EngineController } from '../state/engine-context.ts'
import { emit } from '../state/events.ts'
import { sheet } from '../styles/sheet.ts'
import { formAlert, formField, formPage, plainButton, submitButton } from './form-parts.ts'

export interface MailLink {
  kind: 'reset' | 'confirm'
  token: string
}

const words = () => ({
  reset: {
    title: msg('Choose a new password'),
    text: msg('It takes the place of the old one, and all your devices are logged out.'),
    button: msg('Save password'),
    done: msg('Your password is changed'),
    next: msg('Log in with it, on each of your devices.'),
    go: msg('Log in'),
  },
  confirm: {
    title: msg('Confirm your email'),
    text: msg('So that a forgotten password can be replaced.'),
    button: msg('Confirm email'),
    done: msg('Your email is confirmed'),
    next: msg('There is nothing else to do.'),
    go: msg('Go to Skein'),
  },
})

export class ChatLink extends LitElement {
  static override styles = sheet
  static override properties = {
    link: { attribute: false },
    busy: { state: true },
    done: { state: true },
    forgot: { state: true },
    problem: { state: true },
    failure: { state: true },
  }
  declare link: MailLink | null
  declare busy: boolean
  declare done: boolean
  declare forgot: boolean
  /** Of the field, and of the whole. */
  declare problem: string
  declare failure: { text: string; isExpired: boolean } | null
  #engine = new EngineController(this)

  constructor() {
    super()
    this.link = null
    this.busy = false
    this.done = false
    this.forgot = false
    this.problem = ''
    this.failure = null
  }

  override render(): TemplateResult | typeof nothing {
    const { link } = this
    if (!link) return nothing
    if (this.forgot) return html`<chat-forgot class="block h-full" @leave=${this.#leave}></chat-forgot>`
    const { title, text, button, done, next, go } = words()[link.kind]
    if (this.done) return formPage(done, next, html`<div class="grid" role="status">${plainButton(go, false, this.#leave)}</div>`)
    const isOver = this.failure?.isExpired === true
    return formPage(
      title,
      text,
      html`<form class="grid gap-4" novalidate @submit=${(event: SubmitEvent) => void this.#submit(event, link)} @input=${this.#forget}>
        ${formAlert(this.failure?.text)}
        ${
          link.kind === 'reset' && !isOver
            ? formField({
                id: 'password',
                label: msg('New password'),
                type: 'password',
                autocomplete: 'new-password',
                limit: MAX_PASSWORD_LENGTH,
                problem: this.problem,
                help: plural(MIN_PASSWORD_LENGTH, 'At least # character.', 'At least # characters.'),
              })
            : nothing
        }
        <div class="mt-1 grid gap-2">
          ${isOver ? nothing : submitButton(button, this.busy)}
          ${isOver && link.kind === 'reset' ? plainButton(msg('Send me a new link'), false, () => (this.forgot = true)) : nothing}
          ${isOver ? plainButton(msg('Go to Skein'), false, this.#leave) : nothing}
        </div>
      </form>`,
    )
  }

  override firstUpdated(): void {
    this.renderRoot.querySelector<HTMLElement>('input, button')?.focus()
  }

  #leave = (): void => emit(this, 'link-done', null)

  #forget(): void {
    this.problem = ''
    this.failure = null
  }

  async #submit(event: SubmitEvent, { kind, token }: MailLink): Promise<void> {
    event.preventDefault()
    if (this.busy) return
    const input = this.renderRoot.querySelector('input')
    const password = input?.value ?? ''
    if (kind === 'reset' && password.length < MIN_PASSWORD_LENGTH)
      this.problem = plural(MIN_PASSWORD_LENGTH, 'Use at least # character.', 'Use at least # characters.')
    if (this.problem) return input?.focus()
    this.busy = true
    const { account } = this.#engine.required
    try {
      await (kind === 'reset' ? account.resetPassword(token, password) : account.confirmEmail(token))
      this.done = true
    } catch (error) {
      if (codeOf(error) === 'common-password') this.problem = failureText(error)
      else this.#fail(kind, error)
    }
    this.busy = false
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>(this.problem ? 'input' : 'button')?.focus()
  }

  #fail(kind: MailLink['kind'], error: unknown): void {
    const isExpired = codeOf(error) === 'link-expired'
    const after =
      isExpired && kind === 'confirm'
        ? ` ${msg('If you have confirmed your email before, all is well. Else log in, and have the mail sent again.')}`
        : ''
    this.failure = { text: `${failureText(error)}${after}`, isExpired }
  }
}
