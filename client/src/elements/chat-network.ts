// One line about the network, over the content so that nothing moves; nothing is shown while all is well. The same words are a status for assistive technology.
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { EngineController } from '../state/engine-context.ts'
import { networkLine } from '../model/network.ts'
import { sheet } from '../styles/sheet.ts'
import { icons } from './icons.ts'

export class ChatNetwork extends LitElement {
  static override styles = sheet
  #engine = new EngineController(this)
  #timer: ReturnType<typeof setInterval> | undefined

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  override render(): TemplateResult | typeof nothing {
    const { engine } = this.#engine
    if (!engine) return nothing
    const line = networkLine(engine.network, Date.now())
    return html`<div
      class=${line.quiet ? '' : 'pointer-events-auto mx-auto flex min-h-9 w-fit max-w-full items-center gap-2 rounded-full bg-warn-soft ps-4 pe-2 text-small text-warn shadow-menu'}
    >
      ${line.quiet ? nothing : icons.cloudOff}
      <p role="status" class=${line.quiet ? 'sr-only' : 'min-w-0 truncate'}>${line.text}</p>
      ${line.countdown ? html`<span class="hidden shrink-0 tabular-nums @pane:inline" aria-hidden="true">${line.countdown}</span>` : nothing}
      ${
        line.quiet
          ? nothing
          : html`<button
              type="button"
              class="shrink-0 rounded-md px-2 py-1 font-semibold underline-offset-2 hover:underline"
              @click=${() => (engine.network.outdated ? location.reload() : engine.connect())}
            >
              ${engine.network.outdated ? 'Reload' : 'Try now'}
            </button>`
      }
    </div>`
  }

  /** Counts down only while there is something to count. */
  override updated(): void {
    const counting = (this.#engine.engine?.network.nextTryAt ?? null) !== null && this.#engine.engine?.network.connected === false
    if (counting && !this.#timer) this.#timer = setInterval(() => this.requestUpdate(), 1_000)
    if (!counting) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }
}
