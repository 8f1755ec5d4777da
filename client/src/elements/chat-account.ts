// Oneself: the button "Account" with a small menu, which leads to settings and outbox, and the question before logging out while words still wait.
import { msg } from '@lit/localize'
import { EngineError } from '@skein/engine'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { direction, plural } from '../languages/language.ts'
import { EngineController } from '../state/engine-context.ts'
import { emit } from '../state/events.ts'
import { forgetDrafts } from '../state/drafts.ts'
import { outboxCount } from '../model/outbox.ts'
import { sheet } from '../styles/sheet.ts'
import { icons } from './icons.ts'

export class ChatAccount extends LitElement {
  static override styles = sheet
  static override properties = { asking: { state: true }, unsaved: { state: true } }
  declare asking: boolean
  /** What waits could not be saved when it was to be kept. */
  declare unsaved: boolean
  #engine = new EngineController(this)

  constructor() {
    super()
    this.asking = false
    this.unsaved = false
  }

  override render(): TemplateResult | typeof nothing {
    const { engine } = this.#engine
    if (engine?.session.status !== 'logged-in') return nothing
    const { user, needsPassword } = engine.session
    const held = outboxCount(engine.outbox)
    const isStuck = engine.outbox.some(({ state }) => state === 'aside')
    return html`<button
        type="button"
        class="relative flex size-11 items-center justify-center rounded-full hover:bg-hover"
        aria-label=${msg('Account')}
        aria-describedby=${isStuck ? 'stuck' : nothing}
        title=${msg('Account')}
        popovertarget="menu"
      >
        <chat-avatar aria-hidden="true" .name=${user.name} .person=${user.id}></chat-avatar>
        ${
          isStuck
            ? html`<span class="absolute end-0 top-0 size-3 rounded-full border-2 border-side bg-danger"></span
                ><span id="stuck" class="sr-only">${msg('Something was not sent')}</span>`
            : nothing
        }
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
        ${this.#item(icons.outbox, msg('Outbox'), held, isStuck ? 'text-danger' : 'text-muted', () => emit(this, 'panel-chosen', { panel: 'outbox' }))}
        ${this.#item(
          icons.settings,
          msg('Settings'),
          !engine.embedded && user.emailConfirmed === false && !needsPassword ? msg('Email not confirmed') : '',
          'text-warn',
          () => emit(this, 'panel-chosen', { panel: 'settings' }),
        )}
        ${engine.embedded ? nothing : this.#item(icons.leave, msg('Log out'), '', '', () => void this.#logout())}
      </div>
      ${this.asking ? this.#question(engine.network.waiting) : nothing}`
  }

  /** `more`: what else there is to say of it. */
  #item(icon: TemplateResult, label: string, more: string, look: string, press: () => void): TemplateResult {
    const chosen = (): void => {
      this.renderRoot.querySelector<HTMLElement>('#menu')?.hidePopover()
      press()
    }
    return html`<button
      type="button"
      class="flex min-h-9 w-full items-center gap-3 rounded-lg px-2.5 py-1 text-start text-small hover:bg-hover coarse:min-h-11"
      @click=${chosen}
    >
      <span class="text-muted">${icon}</span
      ><span class="grow">${label}</span>${more ? html`<span class="text-tiny ${look}">${more}</span>` : nothing}
    </button>`
  }

  #question(waiting: number): TemplateResult {
    return html`<dialog
      class="m-auto w-[min(92vw,400px)] rounded-2xl bg-raised p-5 text-ink shadow-menu backdrop:bg-veil"
      aria-labelledby="title"
      aria-describedby="text"
      @close=${() => (this.asking = false)}
    >
      <h2 id="title" class="text-body font-semibold">${msg('Log out with words still waiting?')}</h2>
      <p id="text" role=${this.unsaved ? 'alert' : nothing} class="mt-2 text-small ${this.unsaved ? 'text-danger' : 'text-muted'}">
        ${
          this.unsaved
            ? msg('This device cannot save them just now, and logging out would lose them. Try again in a moment.')
            : plural(
                waiting,
                'One message or change of yours has not reached the server yet. Kept on this device, it is sent when you log in here again; nobody else sees it.',
                '# messages or changes of yours have not reached the server yet. Kept on this device, they are sent when you log in here again; nobody else sees them.',
              )
        }
      </p>
      <div class="mt-5 grid gap-2">
        <button type="button" class="button-strong" @click=${() => this.#leave('keep')}>${msg('Keep and log out')}</button>
        <button type="button" class="button-danger" @click=${() => this.#leave('discard')}>${msg('Delete and log out')}</button>
        <button type="button" class="button-soft" autofocus @click=${() => this.#dialog?.close()}>${msg('Cancel')}</button>
      </div>
    </dialog>`
  }

  #place(event: Event): void {
    const button = this.renderRoot.querySelector('button')?.getBoundingClientRect()
    const menu = event.currentTarget as HTMLElement
    if (!button) return
    menu.style.insetInlineStart = `${direction() === 'rtl' ? document.documentElement.clientWidth - button.right : button.left}px`
    menu.style.top = `${button.bottom + 4}px`
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog')
  }

  async #logout(): Promise<void> {
    if (this.#engine.required.network.waiting === 0) return this.#leave('keep')
    await this.#ask(false)
  }

  async #ask(unsaved: boolean): Promise<void> {
    this.asking = true
    this.unsaved = unsaved
    await this.updateComplete
    if (!this.#dialog?.open) this.#dialog?.showModal()
  }

  async #leave(waiting: 'keep' | 'discard'): Promise<void> {
    const { required: engine } = this.#engine
    if (waiting === 'discard' && engine.session.status === 'logged-in') forgetDrafts(engine.session.user.id)
    try {
      await engine.logout(waiting)
      this.#dialog?.close()
    } catch (error) {
      if (!(error instanceof EngineError && error.code === 'unsaved')) throw error
      await this.#ask(true)
    }
  }
}
