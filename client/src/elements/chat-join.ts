// Where a link into a group leads: joining it is a press, never the opening alone. What the group is called only its members are told.
import { msg } from '@lit/localize'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { codeOf, failureText } from '../model/failures.ts'
import { EngineController } from '../state/engine-context.ts'
import { emit } from '../state/events.ts'
import { sheet } from '../styles/sheet.ts'
import { formAlert, formPage, plainButton, submitButton } from './form-parts.ts'

export class ChatJoin extends LitElement {
  static override styles = sheet
  static override properties = { token: { attribute: false }, busy: { state: true }, failure: { state: true } }
  declare token: string
  declare busy: boolean
  declare failure: { text: string; isOver: boolean } | null
  #engine = new EngineController(this)

  constructor() {
    super()
    this.token = ''
    this.busy = false
    this.failure = null
  }

  override firstUpdated(): void {
    this.renderRoot.querySelector('button')?.focus()
  }

  override render(): TemplateResult {
    const isOver = this.failure?.isOver === true
    return formPage(
      msg('Join a group'),
      msg('Somebody invited you to a group. Its members will see your name.'),
      html`<form class="grid gap-2" novalidate @submit=${(event: SubmitEvent) => void this.#join(event)}>
        ${formAlert(this.failure?.text)} ${isOver ? nothing : submitButton(msg('Join group'), this.busy)}
        ${plainButton(isOver ? msg('Go to your chats') : msg('Not now'), this.busy, () => emit(this, 'join-done', { chat: null }))}
      </form>`,
    )
  }

  async #join(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (this.busy) return
    this.busy = true
    this.failure = null
    try {
      emit(this, 'join-done', { chat: await this.#engine.required.groups.join(this.token) })
    } catch (error) {
      const code = codeOf(error)
      this.failure = { text: failureText(error), isOver: code === 'no-such-link' || code === 'group-full' }
    }
    this.busy = false
    await this.updateComplete
    this.renderRoot.querySelector('button')?.focus()
  }
}
