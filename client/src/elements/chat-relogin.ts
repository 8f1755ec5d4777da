// A session that the server ended: asks for the password in a bar, while reading and writing go on.
import { msg, str } from '@lit/localize'
import type { LoginWays, TokenProblem } from '@skein/engine'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { EngineController } from '../state/engine-context.ts'
import { emit } from '../state/events.ts'
import { failureText, problemText } from '../model/failures.ts'
import { sheet } from '../styles/sheet.ts'
import { spinner } from './icons.ts'
import { icons } from './late-icons.ts'

export class ChatRelogin extends LitElement {
  static override styles = sheet
  static override properties = {
    ways: { attribute: false },
    entryProblem: { attribute: false },
    busy: { state: true },
    problem: { state: true },
  }
  /** How one can log in, once that is known. */
  declare ways: LoginWays | null
  /** Why a log-in by the provider came to nothing. */
  declare entryProblem: string
  declare busy: boolean
  declare problem: string
  #engine = new EngineController(this)

  constructor() {
    super()
    this.ways = null
    this.entryProblem = ''
    this.busy = false
    this.problem = ''
  }

  override render(): TemplateResult | typeof nothing {
    const session = this.#engine.engine?.session
    if (session?.status !== 'logged-in' || !session.needsPassword) return nothing
    if (this.#engine.engine?.embedded) return this.#outside(session.problem)
    const { email } = session.user
    const provider = this.ways?.provider
    const how = provider
      ? msg('Your session has ended. What you write is kept here and sent once you log in again.')
      : msg('Your session has ended. What you write is kept here and sent once you enter your password.')
    const problem = this.problem || this.entryProblem
    return html`<form
      aria-label=${msg('Log in again')}
      class="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line bg-warn-soft px-4 py-2 text-small"
      @submit=${(event: SubmitEvent) => void this.#submit(event, email ?? '')}
    >
      <span class="flex min-w-0 grow items-center gap-2 text-warn">${icons.lock}<span>${how}</span></span>
      ${email === null ? nothing : this.#password(email, problem !== '')} ${provider ? this.#provider(provider.label) : nothing}
      ${problem ? html`<p id="problem" role="alert" class="w-full text-danger">${problem}</p>` : nothing}
    </form>`
  }

  #provider(label: string): TemplateResult {
    return html`<button type="button" class="button-soft min-w-0" ?disabled=${this.busy} @click=${() => emit(this, 'provider-chosen', null)}>
      <span class="truncate">${msg(str`Continue with ${label}`)}</span>
    </button>`
  }

  #password(email: string, isWrong: boolean): TemplateResult {
    return html`<input type="hidden" name="username" autocomplete="username" value=${email} />
      <span class="flex items-center gap-2">
        <input
          class="field h-9 w-48 px-3 text-[16px] fine:text-small coarse:h-11"
          type="password"
          name="password"
          aria-label=${msg('Password')}
          placeholder=${msg('Password')}
          autocomplete="current-password"
          aria-describedby=${isWrong ? 'problem' : nothing}
          required
        />
        <button type="submit" class="button-strong" ?disabled=${this.busy}>${this.busy ? spinner : nothing}${msg('Log in')}</button>
      </span>`
  }

  /** The page's to mend. */
  #outside(problem: TokenProblem | undefined): TemplateResult {
    return html`<p role="alert" class="flex items-center gap-2 border-b border-line bg-warn-soft px-4 py-2 text-small text-warn">
      ${icons.lock}<span
        >${problem ? problemText(problem) : msg('Your session has ended.')}
        ${msg('What you write is kept here and sent once you are logged in again.')} ${problem ? html`<code>${problem.code}</code>` : nothing}</span
      >
    </p>`
  }

  async #submit(event: SubmitEvent, email: string): Promise<void> {
    event.preventDefault()
    const password = this.renderRoot.querySelector<HTMLInputElement>('input[type=password]')?.value ?? ''
    if (this.busy || !password) return
    this.busy = true
    this.problem = ''
    this.entryProblem = ''
    try {
      const { loggedOut } = await this.#engine.required.login(email, password)
      if (loggedOut.length) emit(this, 'devices-logged-out', { devices: loggedOut })
    } catch (error) {
      this.problem = failureText(error)
    }
    this.busy = false
  }
}
