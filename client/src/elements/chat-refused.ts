// Changes of this chat that were not taken: edits, deletions, reactions, pins. The message itself shows its old text again; the new words wait here.
import { msg } from '@lit/localize'
import type { OutboxItem } from '@skein/engine'
import type { ChatId } from '@skein/protocol'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { copyText } from '../state/clipboard.ts'
import { EngineController } from '../state/engine-context.ts'
import { failureText } from '../model/failures.ts'
import { reasonText } from '../model/reasons.ts'
import { sheet } from '../styles/sheet.ts'
import { icons } from './icons.ts'

const what = () => ({
  message: msg('Your message was not taken.'),
  edit: msg('Your edit was not taken.'),
  delete: msg('Your deletion was not taken.'),
  react: msg('Your reaction was not taken.'),
  pin: msg('Your pin was not taken.'),
  unpin: msg('Your pin was not taken.'),
})

export class ChatRefused extends LitElement {
  static override styles = sheet
  static override properties = { chat: {}, failure: { state: true } }
  declare chat: ChatId
  declare failure: string
  #engine = new EngineController(this)

  constructor() {
    super()
    this.failure = ''
  }

  override render(): TemplateResult | typeof nothing {
    const aside = this.#engine.engine?.outbox.filter((item) => item.chatId === this.chat && item.state === 'aside' && item.kind !== 'message') ?? []
    if (!aside.length) return nothing
    return html`<ul class="mx-auto max-h-48 max-w-200 overflow-y-auto px-3 pt-1 @pane:px-6" aria-label=${msg('Changes that were not taken')}>
      ${aside.map((item) => this.#item(item))} ${this.failure ? html`<li role="alert" class="text-small text-danger">${this.failure}</li>` : nothing}
    </ul>`
  }

  #item(item: OutboxItem): TemplateResult {
    const { required: engine } = this.#engine
    const button = (label: string, press: () => Promise<unknown>): TemplateResult =>
      html`<button
        type="button"
        class="rounded-md px-2 py-1 font-medium text-accent-ink hover:bg-hover coarse:min-h-11"
        @click=${() => this.#try(press())}
      >
        ${label}
      </button>`
    return html`<li class="mb-1.5 rounded-xl bg-danger-soft px-3 py-2 text-small">
      <p class="flex items-center gap-1.5 text-danger">${icons.alert}<span>${what()[item.kind]} ${reasonText(item.reason)}</span></p>
      ${item.text ? html`<p class="mt-1 line-clamp-3 wrap-anywhere whitespace-pre-wrap" dir="auto">${item.text}</p>` : nothing}
      <div class="-mx-2 mt-0.5">
        ${button(msg('Retry'), () => engine.retry(item.id))} ${item.text ? button(msg('Copy'), () => copyText(item.text)) : nothing}
        ${button(msg('Discard'), () => engine.discard(item.id))}
      </div>
    </li>`
  }

  #try(done: Promise<unknown>): void {
    this.failure = ''
    done.catch((error: unknown) => {
      this.failure = failureText(error)
    })
  }
}
