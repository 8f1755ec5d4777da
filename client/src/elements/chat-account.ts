// Oneself: the button "Account" with a small menu, and the question before logging out while words still wait.
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { EngineController } from '../state/engine-context.ts'
import { failureText } from '../model/reasons.ts'
import { sheet } from '../styles/sheet.ts'
import { icons } from './icons.ts'

export class ChatAccount extends LitElement {
  static override styles = sheet
  static override properties = { asking: { state: true }, confirming: { state: true } }
  declare asking: boolean
  /** What became of asking for another mail. */
  declare confirming: string
  #engine = new EngineController(this)

  constructor() {
    super()
    this.asking = false
    this.confirming = ''
  }

  override render(): TemplateResult | typeof nothing {
    const { engine } = this.#engine
    if (engine?.session.status !== 'logged-in') return nothing
    const { user } = engine.session
    return html`<button
        type="button"
        class="flex size-11 items-center justify-center rounded-full hover:bg-hover"
        aria-label="Account"
        title="Account"
        popovertarget="menu"
      >
        <chat-avatar aria-hidden="true" .name=${user.name} .person=${user.id}></chat-avatar>
      </button>
      <div
        id="menu"
        popover
        @beforetoggle=${this.#place}
        class="fixed inset-auto m-0 w-64 animate-rise rounded-xl border-0 bg-raised p-1.5 text-ink shadow-menu"
      >
        <div class="mb-1 border-b border-line px-2.5 pt-1.5 pb-2.5">
          <p class="truncate text-body font-semibold" dir="auto">${user.name}</p>
          <p class="truncate text-small text-muted">${user.email}</p>
        </div>
        ${user.emailConfirmed === false ? this.#unconfirmed() : nothing}
        <button
          type="button"
          class="flex h-9 w-full items-center gap-3 rounded-lg px-2.5 text-start text-small hover:bg-hover coarse:h-11"
          @click=${this.#logout}
        >
          <span class="text-muted">${icons.leave}</span>Log out
        </button>
      </div>
      ${this.asking ? this.#question(engine.network.waiting) : nothing}`
  }

  #unconfirmed(): TemplateResult {
    return html`<div class="mb-1 border-b border-line px-2.5 pb-2 text-small">
      <p class="flex items-center gap-2 text-warn">${icons.mail}<span>This email is not confirmed yet.</span></p>
      ${
        this.confirming
          ? html`<p role="status" class="mt-1 text-muted">${this.confirming}</p>`
          : html`<button
              type="button"
              class="-mx-1.5 mt-1 rounded-md px-1.5 py-1 text-accent-ink hover:bg-hover coarse:min-h-11"
              @click=${this.#confirm}
            >
              Send the mail again
            </button>`
      }
    </div>`
  }

  async #confirm(): Promise<void> {
    try {
      await this.#engine.required.account.sendConfirmation()
      this.confirming = 'It is on its way. Open the link in it.'
    } catch (error) {
      this.confirming = failureText(error)
    }
  }

  #question(waiting: number): TemplateResult {
    const what = waiting === 1 ? 'One message or change' : `${waiting} messages or changes`
    return html`<dialog
      class="m-auto w-[min(92vw,400px)] rounded-2xl bg-raised p-5 text-ink shadow-menu backdrop:bg-veil"
      aria-labelledby="title"
      aria-describedby="text"
      @close=${() => (this.asking = false)}
    >
      <h2 id="title" class="text-body font-semibold">Log out with words still waiting?</h2>
      <p id="text" class="mt-2 text-small text-muted">
        ${what} of yours ${waiting === 1 ? 'has' : 'have'} not reached the server yet. Kept on this device, ${waiting === 1 ? 'it is' : 'they are'}
        sent when you log in here again; nobody else sees ${waiting === 1 ? 'it' : 'them'}.
      </p>
      <div class="mt-5 grid gap-2">
        <button type="button" class="button-strong" @click=${() => this.#leave('keep')}>Keep and log out</button>
        <button type="button" class="button-danger" @click=${() => this.#leave('discard')}>Delete and log out</button>
        <button type="button" class="button-soft" autofocus @click=${() => this.#dialog?.close()}>Cancel</button>
      </div>
    </dialog>`
  }

  #place(event: Event): void {
    const button = this.renderRoot.querySelector('button')?.getBoundingClientRect()
    const menu = event.currentTarget as HTMLElement
    menu.style.left = `${button?.left ?? 0}px`
    menu.style.top = `${(button?.bottom ?? 0) + 4}px`
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog')
  }

  async #logout(): Promise<void> {
    this.renderRoot.querySelector<HTMLElement>('#menu')?.hidePopover()
    if (this.#engine.required.network.waiting === 0) return this.#leave('keep')
    this.asking = true
    await this.updateComplete
    this.#dialog?.showModal()
  }

  async #leave(waiting: 'keep' | 'discard'): Promise<void> {
    this.#dialog?.close()
    await this.#engine.required.logout(waiting)
  }
}
