// Chooses the chat whose composer gets what another app shared. Nothing is sent by it. Loaded when something is shared.
import { msg } from '@lit/localize'
import { html, LitElement, type TemplateResult } from 'lit'
import { EngineController } from '../state/engine-context.ts'
import { emit } from '../state/events.ts'
import { sheet } from '../styles/sheet.ts'
import { chatChoice, choiceDialog } from './chat-choice.ts'

export class ChatShare extends LitElement {
  static override styles = sheet
  static override properties = { words: {}, typed: { state: true } }
  declare words: string
  declare typed: string
  #engine = new EngineController(this)

  constructor() {
    super()
    this.words = ''
    this.typed = ''
  }

  override firstUpdated(): void {
    this.renderRoot.querySelector('dialog')?.showModal()
  }

  override render(): TemplateResult {
    const done = (chat: Parameters<typeof emit<'share-done'>>[2]['chat']): void => emit(this, 'share-done', { chat })
    return html`<dialog aria-label=${msg('Share to')} class=${choiceDialog} @close=${() => done(null)}>
      ${chatChoice(this.#engine.engine, {
        title: msg('Share to'),
        words: this.words,
        typed: this.typed,
        failure: '',
        type: (text) => (this.typed = text),
        choose: ({ id }) => done(id),
        close: () => done(null),
        state: () => ({ text: msg('Choose'), done: false }),
      })}
    </dialog>`
  }
}
