// Oneself: the button "Account" with a small menu, which leads to settings and outbox, and out; while words still wait, by a question.
import { msg } from '@lit/localize'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { direction } from '../languages/language.ts'
import { EngineController } from '../state/engine-context.ts'
import { emit } from '../state/events.ts'
import { outboxCount } from '../model/network.ts'
import { sheet } from '../styles/sheet.ts'
import { icons } from './icons.ts'

export class ChatAccount extends LitElement {
  static override styles = sheet
  #engine = new EngineController(this)

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
        <chat-avatar aria-hidden="true" .name=${user.name} .person=${user.id} .picture=${user.picture}></chat-avatar>
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
      </div>`
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

  #place(event: Event): void {
    const button = this.renderRoot.querySelector('button')?.getBoundingClientRect()
    const menu = event.currentTarget as HTMLElement
    if (!button) return
    menu.style.insetInlineStart = `${direction() === 'rtl' ? document.documentElement.clientWidth - button.right : button.left}px`
    menu.style.top = `${button.bottom + 4}px`
  }

  async #logout(): Promise<void> {
    const { required: engine } = this.#engine
    const ask = (): void => emit(this, 'panel-chosen', { panel: 'logging-out' })
    if (engine.network.waiting > 0) return ask()
    // What keeps one from leaving is that a change which was set aside cannot be saved.
    await engine.logout('keep').catch(ask)
  }
}
