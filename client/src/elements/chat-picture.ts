// The picture of oneself or of a group, large, with what one does to it: choose another one, or take it away.
import { msg } from '@lit/localize'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { failureText } from '../model/failures.ts'
import { squarePicture } from '../state/square-picture.ts'
import { sheet } from '../styles/sheet.ts'
import { spinner } from './icons.ts'
import { alertText, statusText, textButton } from './panel-parts.ts'

export class ChatPicture extends LitElement {
  static override styles = sheet
  static override properties = {
    name: {},
    person: {},
    picture: {},
    change: { attribute: false },
    sending: { state: true },
    said: { state: true },
    failure: { state: true },
  }
  declare name: string
  /** What the colour follows from, as of <chat-avatar>. */
  declare person: string
  declare picture: string | null
  /** Gives it this one, as a data URI; null: none. */
  declare change: (picture: string | null) => Promise<void>
  /** What is on its way to the server. */
  declare sending: { picture: string | null } | null
  declare said: string
  declare failure: string

  constructor() {
    super()
    this.name = ''
    this.person = ''
    this.picture = null
    this.sending = null
    this.said = ''
    this.failure = ''
  }

  override render(): TemplateResult {
    const { picture } = this.sending ?? this
    const button = (label: string, press: () => void): TemplateResult => textButton(label, press, undefined, undefined, this.sending !== null)
    return html`<div class="flex flex-col items-center gap-1">
      <span class="relative">
        <chat-avatar size="huge" .name=${this.name} .person=${this.person} .picture=${picture}></chat-avatar>
        ${
          this.sending
            ? html`<span class="absolute inset-0 flex animate-late items-center justify-center rounded-full bg-veil text-on-accent">${spinner}</span>`
            : nothing
        }
      </span>
      <div class="flex flex-wrap justify-center">
        ${button(this.picture ? msg('Change picture') : msg('Add a picture'), () => this.#input?.click())}
        ${this.picture ? button(msg('Remove picture'), () => void this.#send(null)) : nothing}
      </div>
      <input class="hidden" type="file" accept="image/*" aria-label=${msg('Picture')} @change=${(event: Event) => void this.#chosen(event)} />
      ${statusText(this.said)}${alertText(this.failure)}
    </div>`
  }

  get #input(): HTMLInputElement | null {
    return this.renderRoot.querySelector('input')
  }

  async #chosen(event: Event): Promise<void> {
    const input = event.currentTarget as HTMLInputElement
    const file = input.files?.[0]
    if (!file || this.sending) return
    // Another group may be shown by the time it is made.
    const { change } = this
    const picture = await squarePicture(file)
    // The same file may be chosen again.
    input.value = ''
    if (picture) return this.#send(picture, change)
    this.said = ''
    this.failure = msg('This file cannot be shown as a picture. Choose a JPEG, PNG or WebP.')
  }

  async #send(picture: string | null, change = this.change): Promise<void> {
    this.sending = { picture }
    this.said = ''
    this.failure = ''
    try {
      await change(picture)
      this.said = picture ? msg('The picture was changed.') : msg('The picture was removed.')
    } catch (error) {
      this.failure = failureText(error)
    }
    this.sending = null
    await this.updateComplete
    // The button that was pressed may be gone; who has gone on elsewhere stays there.
    if (document.activeElement === document.body) this.renderRoot.querySelector('button')?.focus()
  }
}
