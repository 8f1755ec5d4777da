// One line about the network, under the chats or under the chat: it takes room of its own, so that it covers nothing, at the edge where nothing moves by it. Nothing is shown while all
// is well. The same words are a status for assistive technology.
import { msg } from '@lit/localize'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { EngineController } from '../state/engine-context.ts'
import { emit } from '../state/events.ts'
import { GRACE_MS, networkLine } from '../model/network.ts'
import { sheet } from '../styles/sheet.ts'
import { icons } from './icons.ts'

export class ChatNetwork extends LitElement {
  static override styles = sheet
  #engine = new EngineController(this)
  #timer: ReturnType<typeof setTimeout> | undefined

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  override render(): TemplateResult | typeof nothing {
    const { engine } = this.#engine
    if (!engine) return nothing
    const { session, network } = engine
    const { text, countdown, quiet } = networkLine(network, session.status === 'logged-in' && session.needsPassword, Date.now())
    if (quiet) return html`<p role="status" class="sr-only">${text}</p>`
    const opens = session.status === 'logged-in' && !network.outdated
    const reloads = network.outdated || network.incomplete
    return html`<div
      class="relative flex min-h-11 items-center gap-2.5 border-t border-line bg-warn-soft px-4 py-1 pb-[max(4px,env(safe-area-inset-bottom))] text-small text-warn"
    >
      ${icons.cloudOff}
      <div class="min-w-0 grow">
        <p role="status" class="font-medium">${text}</p>
        ${countdown ? html`<p class="truncate text-tiny tabular-nums opacity-85" aria-hidden="true">${countdown}</p>` : nothing}
      </div>
      ${
        opens
          ? html`<button
              type="button"
              class="absolute inset-0 -outline-offset-2! hover:bg-hover"
              aria-label=${msg('Show what waits')}
              title=${msg('Show what waits')}
              @click=${() => emit(this, 'panel-chosen', { panel: 'outbox' })}
            ></button>`
          : nothing
      }
      <button
        type="button"
        class="relative -me-2 shrink-0 rounded-lg px-2 py-1.5 font-semibold hover:bg-hover coarse:min-h-11"
        @click=${() => (reloads ? location.reload() : engine.connect())}
      >
        ${reloads ? msg('Reload') : msg('Try now')}
      </button>
    </div>`
  }

  /** Counts down only while there is something to count, and only where it is shown. */
  override updated(): void {
    clearTimeout(this.#timer)
    const { connected, offlineSince } = this.#engine.engine?.network ?? { connected: true, offlineSince: null }
    if (connected || offlineSince === null) return
    const grace = GRACE_MS - (Date.now() - offlineSince)
    this.#timer = setTimeout(() => this.requestUpdate(), grace > 0 ? grace : 1_000)
  }
}
