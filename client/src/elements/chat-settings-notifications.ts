// Settings: whether this device tells of new messages while the page is in the background.
import { msg } from '@lit/localize'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { preferences } from '../state/preferences.ts'
import { sheet } from '../styles/sheet.ts'
import { switchRow } from './info-parts.ts'
import { alertText, card } from './panel-parts.ts'

/** Absent in an insecure context, and in some browsers. */
const permission = (): NotificationPermission | null => ('Notification' in globalThis ? Notification.permission : null)

export class ChatSettingsNotifications extends LitElement {
  static override styles = sheet
  #unsubscribe: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#unsubscribe = preferences.subscribe(() => this.requestUpdate())
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unsubscribe?.()
  }

  override render(): TemplateResult {
    const may = permission()
    const detail =
      may === null
        ? msg('This browser shows no notifications of this page.')
        : msg('While this page is open in the background. Your system shows their words; muted chats stay quiet.')
    return card(
      html`<div class="-mx-1.5">
        ${switchRow(nothing, msg('Tell me of new messages'), detail, may === 'granted' && preferences.notify === 'on', (on) => void this.#choose(on), may === null)}
        ${
          may === 'denied'
            ? html`<div class="px-5 pb-2.5">
                ${alertText(msg('Your browser does not let this page show notifications. Allow them in the browser’s settings of this page, then try again.'))}
              </div>`
            : nothing
        }
      </div>`,
    )
  }

  async #choose(on: boolean): Promise<void> {
    const may = on ? await Notification.requestPermission() : 'default'
    preferences.set({ notify: may === 'granted' ? 'on' : 'off' })
  }
}
