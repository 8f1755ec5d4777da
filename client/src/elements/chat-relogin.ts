// A session that the server ended: asks for the password in a bar, while reading and writing go on.
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { EngineController } from '../state/engine-context.ts'
import { emit } from '../state/events.ts'
import { failureText } from '../model/reasons.ts'
import { sheet } from '../styles/sheet.ts'
import { icons, spinner } from './icons.ts'

export class ChatRelogin extends LitElement {
  static override styles = sheet
  static override properties = { busy: { state: true }, problem: { state: true } }
  declare busy: boolean
  declare problem: string
  #engine = new EngineController(this)

  constructor() {
    super()
    this.busy = false
    this.problem = ''
  }

  override render(): TemplateResult | typeof nothing {
    const session = this.#engine.engine?.session
    if (session?.status !== 'logged-in' || !session.needsPassword) return nothing
    const email = session.user.email ?? ''
    return html`<form
      aria-label="Log in again"
      class="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line bg-warn-soft px-4 py-2 text-small"
      @submit=${(event: SubmitEvent) => void this.#submit(event, email)}
    >
      <span class="flex min-w-0 grow items-center gap-2 text-warn"
        >${icons.lock}<span>Your session has ended. What you write is kept here and sent once you enter your password.</span></span
      >
      <input type="hidden" name="username" autocomplete="username" value=${email} />
      <span class="flex items-center gap-2">
        <input
          class="field h-9 w-48 px-3 text-[16px] fine:text-small coarse:h-11"
          type="password"
          name="password"
          aria-label="Password"
          placeholder="Password"
          autocomplete="current-password"
          aria-describedby=${this.problem ? 'problem' : nothing}
          required
        />
        <button type="submit" class="button-strong" ?disabled=${this.busy}>${this.busy ? spinner : nothing}Log in</button>
      </span>
      ${this.problem ? html`<p id="problem" role="alert" class="w-full text-danger">${this.problem}</p>` : nothing}
    </form>`
  }

  async #submit(event: SubmitEvent, email: string): Promise<void> {
    event.preventDefault()
    const password = this.renderRoot.querySelector<HTMLInputElement>('input[type=password]')?.value ?? ''
    if (this.busy || !password) return
    this.busy = true
    this.problem = ''
    try {
      const { loggedOut } = await this.#engine.required.login(email, password)
      if (loggedOut.length) emit(this, 'devices-logged-out', { devices: loggedOut })
    } catch (error) {
      this.problem = failureText(error)
    }
    this.busy = false
  }
}
