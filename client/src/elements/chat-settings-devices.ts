// Settings: the devices on which one is logged in, and ending them. Asks the server, so it says when that cannot be done.
import { msg, str } from '@lit/localize'
import type { DeviceItem } from '@skein/engine'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { EngineController } from '../state/engine-context.ts'
import { failureText } from '../model/failures.ts'
import { lastSeen } from '../model/times.ts'
import { sheet } from '../styles/sheet.ts'
import { spinner } from './icons.ts'
import { alertText, card, textButton } from './panel-parts.ts'

export class ChatSettingsDevices extends LitElement {
  static override styles = sheet
  static override properties = { devices: { state: true }, asking: { state: true }, busy: { state: true }, failure: { state: true } }
  declare devices: readonly DeviceItem[] | null
  /** The device that is about to be logged out, or 'others'. */
  declare asking: string | null
  declare busy: boolean
  declare failure: string
  #engine = new EngineController(this)
  #read = (): void => void this.#do(async () => {})

  constructor() {
    super()
    this.devices = null
    this.asking = null
    this.busy = false
    this.failure = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.getRootNode().addEventListener('devices-changed', this.#read)
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.getRootNode().removeEventListener('devices-changed', this.#read)
  }
  override firstUpdated(): void {
    this.#read()
  }

  override render(): TemplateResult {
    const { devices } = this
    if (!devices) {
      const waiting = html`<div class="flex min-h-13 items-center gap-3 px-3.5 py-2 text-small text-muted">
        ${this.failure ? html`<span class="grow">${alertText(this.failure)}</span>${textButton(msg('Try again'), this.#read)}` : spinner}
      </div>`
      return card(waiting)
    }
    const others = devices.filter(({ current }) => !current)
    return html`${card(
        html`<ul class="divide-y divide-line" aria-label=${msg('Devices')}>
            ${[...devices].sort((a, b) => Number(b.current) - Number(a.current)).map((device) => this.#device(device))}
          </ul>
          ${
            others.length > 1
              ? html`<div class="px-1 py-1">
                  ${this.#end('others', msg('Log out all other devices'), msg('Log out all other devices?'), undefined, () => this.#engine.required.account.endOtherDevices())}
                </div>`
              : nothing
          }`,
      )}
      <div class="px-3.5 pt-1.5">${alertText(this.failure)}</div>`
  }

  #device({ id, name, lastUsedAt, current }: DeviceItem): TemplateResult {
    const label = name ?? msg('Unknown device')
    return html`<li class="flex min-h-13 items-center gap-3 px-3.5 py-2">
      <div class="min-w-0 grow">
        <p class="truncate text-body">${label}</p>
        <p class="text-small ${current ? 'font-medium text-accent-ink' : 'text-muted'}">
          ${current ? msg('This device') : msg(str`Last used ${lastSeen(lastUsedAt, Date.now())}`)}
        </p>
      </div>
      ${current ? nothing : this.#end(id, msg('Log out'), msg('Log out?'), msg(str`Log out ${label}`), () => this.#engine.required.account.endDevice(id))}
    </li>`
  }

  /** The second press does it. */
  #end(id: string, label: string, question: string, name: string | undefined, act: () => Promise<void>): TemplateResult {
    const asks = this.asking === id
    const press = (): void => {
      if (!asks) return void (this.asking = id)
      this.asking = null
      void this.#do(act)
    }
    return textButton(asks ? question : label, press, asks ? question : name, asks ? 'text-danger' : undefined, this.busy)
  }

  async #do(act: () => Promise<void>): Promise<void> {
    this.busy = true
    this.failure = ''
    try {
      await act()
      this.devices = await this.#engine.required.account.devices()
    } catch (error) {
      this.failure = failureText(error)
    }
    this.busy = false
  }
}
