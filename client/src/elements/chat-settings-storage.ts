// Settings: what this device holds, whether it stays, and clearing what the server has too.
import { msg, str } from '@lit/localize'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { EngineController } from '../state/engine-context.ts'
import { failureText } from '../model/failures.ts'
import { bytesText, keepingText, usedPercent } from '../model/storage.ts'
import { sheet } from '../styles/sheet.ts'
import { alertText, card, statusText, textButton } from './panel-parts.ts'

export class ChatSettingsStorage extends LitElement {
  static override styles = sheet
  static override properties = { asking: { state: true }, busy: { state: true }, said: { state: true }, failure: { state: true } }
  declare asking: boolean
  declare busy: boolean
  declare said: string
  declare failure: string
  #engine = new EngineController(this)

  constructor() {
    super()
    this.asking = false
    this.busy = false
    this.said = ''
    this.failure = ''
  }

  override render(): TemplateResult | typeof nothing {
    const storage = this.#engine.engine?.storage
    if (!storage) return nothing
    const used = msg(str`${bytesText(storage.usedBytes)} of ${bytesText(storage.budgetBytes)}`)
    const percent = usedPercent(storage)
    return card(
      html`<div class="px-3.5 py-3">
          <p class="flex justify-between gap-3"><span>${msg('Messages')}</span><span class="text-muted">${used}</span></p>
          <div
            class="mt-2 overflow-hidden rounded-full bg-other"
            role="meter"
            aria-label=${msg('Room used by messages')}
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=${percent}
            aria-valuetext=${used}
          >
            <svg class="block h-2 w-full text-accent rtl:-scale-x-100" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
              <rect width=${percent} height="1" fill="currentColor" />
            </svg>
          </div>
          <p class="mt-2 text-small ${storage.failed ? 'text-danger' : 'text-muted'}">${keepingText(storage)}</p>
        </div>
        <div class="px-1 py-1">
          ${textButton(this.asking ? msg('Clear older messages from this device?') : msg('Clear older messages'), this.#press, undefined, undefined, this.busy)}
          <p class="px-2.5 pb-1.5 text-small text-muted">
            ${msg('They stay on the server, and come again when you read back. What waits, the newest of each chat, and chats that you keep offline stay here.')}
          </p>
          <div class="px-2.5">${statusText(this.said)}${alertText(this.failure)}</div>
        </div>`,
    )
  }

  #press = (): void => {
    if (this.asking) void this.#clear()
    else this.said = this.failure = ''
    this.asking = !this.asking
  }

  async #clear(): Promise<void> {
    this.busy = true
    try {
      const bytes = await this.#engine.required.clearHistory()
      this.said = bytes ? msg(str`About ${bytesText(bytes)} were cleared.`) : msg('There was nothing to clear.')
    } catch (error) {
      this.failure = failureText(error)
    }
    this.busy = false
  }
}
