// The outbox over all chats: what waits and what was not taken, why, and what can be done about it. Everything in it comes from this device.
import { msg } from '@lit/localize'
import type { OutboxItem } from '@skein/engine'
import type { OperationId } from '@skein/protocol'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { copyText } from '../state/clipboard.ts'
import { downloadText } from '../state/download.ts'
import { EngineController } from '../state/engine-context.ts'
import { emit } from '../state/events.ts'
import { choicesOf, groupByChat, kindText, outboxLine, type OutboxGroup } from '../model/outbox.ts'
import { outboxCount } from '../model/network.ts'
import { failureText } from '../model/failures.ts'
import { fullTime, writtenTime } from '../model/times.ts'
import { sheet } from '../styles/sheet.ts'
import { icons } from './late-icons.ts'
import { alertText, card, panel, showPanel, textButton } from './panel-parts.ts'

const onItsWay = (): string => msg('It is on its way already. Change or delete it in the chat.')

export class ChatOutbox extends LitElement {
  static override styles = sheet
  static override properties = {
    editing: { state: true },
    discarding: { state: true },
    copied: { state: true },
    failure: { state: true },
    about: { state: true },
  }
  /** What is written anew, what is about to be discarded, and what was copied just now. The event `closed` ends the view. */
  declare editing: OperationId | null
  declare discarding: OperationId | null
  declare copied: OperationId | null
  declare failure: string
  /** The words of the messages that edits, deletions and reactions are about. */
  declare about: ReadonlyMap<string, string>
  #engine = new EngineController(this)
  #timer: ReturnType<typeof setInterval> | undefined
  #looked: readonly OutboxItem[] = []

  constructor() {
    super()
    this.editing = null
    this.discarding = null
    this.copied = null
    this.failure = ''
    this.about = new Map()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#timer = setInterval(() => this.requestUpdate(), 1_000)
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#timer)
  }
  override firstUpdated(): void {
    showPanel(this.renderRoot)
  }
  override updated(changed: PropertyValues<this>): void {
    if (changed.has('editing')) this.renderRoot.querySelector('textarea')?.focus()
    const outbox = this.#engine.engine?.outbox ?? []
    if (outbox === this.#looked) return
    this.#looked = outbox
    if (outbox.some(({ target }) => target !== null)) void this.#lookUp()
  }

  override render(): TemplateResult {
    const { outbox, chats } = this.#engine.required
    const groups = groupByChat(outbox, chats)
    const content = groups.length
      ? html`<p class="px-3 pb-4 text-small text-muted">${this.#about()}</p>
          ${repeat(
            groups,
            ({ chatId }) => chatId,
            (group) => this.#group(group),
          )}
          <div class="flex flex-wrap items-center gap-x-1 px-1 text-small text-muted">
            <span class="px-2">${msg('Keep a copy elsewhere:')}</span>
            ${textButton(msg('Text file'), () => void this.#export('text'))} ${textButton(msg('JSON file'), () => void this.#export('json'))}
          </div>`
      : html`<div class="flex h-full flex-col items-center justify-center gap-3 pb-16 text-center text-muted">
          <span class="flex size-16 items-center justify-center rounded-full bg-other text-good">${icons.sent}</span>
          <p class="text-body font-medium text-ink">${msg('Nothing is waiting')}</p>
          <p class="max-w-72 text-small text-balance">
            ${msg('Everything you wrote has reached the server. What you write offline stands here until it has, too.')}
          </p>
        </div>`
    return panel(msg('Outbox'), html`${this.failure ? html`<div class="px-3 pb-3">${alertText(this.failure)}</div>` : nothing}${content}`, () =>
      this.dispatchEvent(new Event('closed')),
    )
  }

  #about(): string {
    const { outbox, network } = this.#engine.required
    const hint = network.connected ? msg('What waits is sent by itself, in order.') : msg('What waits is sent by itself once you are online.')
    return `${outboxCount(outbox)}. ${hint}`
  }

  #group({ chatId, title, items }: OutboxGroup): TemplateResult {
    return html`<section class="mb-5" aria-labelledby="chat-${chatId}">
      <h3 id="chat-${chatId}" class="px-1">
        <button
          type="button"
          class="max-w-full truncate rounded-md px-2 py-1 text-start text-small font-semibold hover:bg-hover coarse:min-h-11"
          title=${msg('Open this chat')}
          dir="auto"
          @click=${() => {
            this.renderRoot.querySelector('dialog')?.close()
            emit(this, 'chat-chosen', { chat: chatId })
          }}
        >
          ${title}
        </button>
      </h3>
      ${card(
        html`<ul class="divide-y divide-line" aria-labelledby="chat-${chatId}">
          ${repeat(
            items,
            ({ id }) => id,
            (item) => this.#item(item),
          )}
        </ul>`,
      )}
    </section>`
  }

  #item(item: OutboxItem): TemplateResult {
    const now = Date.now()
    const line = outboxLine(item, this.#engine.required.network.connected, now)
    const about = this.about.get(item.id)
    return html`<li class="px-3.5 pt-2.5 pb-1.5">
      <p class="flex items-baseline gap-2 text-small text-muted">
        <span class="font-medium">${kindText(item)}</span>
        <time class="ms-auto shrink-0" datetime=${new Date(item.createdAt).toISOString()} title=${fullTime(item.createdAt)}
          >${writtenTime(item.createdAt, now)}</time
        >
      </p>
      ${about ? html`<p class="mt-1 line-clamp-2 border-s-2 border-line ps-2 text-small text-muted wrap-anywhere" dir="auto">${about}</p>` : nothing}
      ${this.editing === item.id ? this.#editor(item) : this.#words(item)}
      <p class="mt-1 flex items-center gap-1.5 text-small ${line.failed ? 'text-danger' : 'text-muted'}">
        ${line.failed ? icons.alert : icons.clock}<span>${line.text}</span>
        ${line.countdown ? html`<span class="tabular-nums" aria-hidden="true">· ${line.countdown}</span>` : nothing}
      </p>
      ${item.unsaved ? html`<p class="mt-1 text-small text-danger">${msg('Not saved on this device: keep this page open until it is sent.')}</p>` : nothing}
      ${this.editing === item.id ? nothing : this.#choices(item)}
    </li>`
  }

  #words(item: OutboxItem): TemplateResult | typeof nothing {
    if (!item.text) return nothing
    return html`<p class="mt-1 line-clamp-6 text-body whitespace-pre-wrap wrap-anywhere" dir="auto">${item.text}</p>`
  }

  #choices(item: OutboxItem): TemplateResult | typeof nothing {
    const { required: engine } = this.#engine
    const may = choicesOf(item, engine.network.connected)
    const asks = this.discarding === item.id
    const discard = (): void => {
      if (!asks) return void (this.discarding = item.id)
      this.discarding = null
      void this.#try(async () => ((await engine.discard(item.id)) ? '' : onItsWay()))
    }
    const copy = async (): Promise<string> => {
      await copyText(item.text)
      this.copied = item.id
      return ''
    }
    const retry = async (): Promise<string> => (await engine.retry(item.id), '')
    return html`<div class="-mx-2.5 flex flex-wrap" @focusout=${() => (this.copied = null)}>
      ${may.retry ? textButton(msg('Retry'), () => void this.#try(retry)) : nothing}
      ${may.edit ? textButton(msg('Edit'), () => (this.editing = item.id)) : nothing}
      ${may.copy ? textButton(this.copied === item.id ? msg('Copied') : msg('Copy'), () => void this.#try(copy)) : nothing}
      ${may.discard ? textButton(asks ? msg('Discard for good?') : msg('Discard'), discard, undefined, asks ? 'text-danger' : undefined) : nothing}
      ${asks ? textButton(msg('Keep'), () => (this.discarding = null)) : nothing}
    </div>`
  }

  #editor(item: OutboxItem): TemplateResult {
    const save = async (event: Event): Promise<void> => {
      event.preventDefault()
      const text = this.renderRoot.querySelector('textarea')?.value.trim() ?? ''
      if (!text) return
      await this.#try(async () => ((await this.#engine.required.editQueued(item.id, text)) ? '' : onItsWay()))
      if (!this.failure) this.editing = null
    }
    const keydown = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.isComposing) return
      // Not the whole view.
      event.preventDefault()
      event.stopPropagation()
      this.editing = null
    }
    return html`<form class="mt-1.5 grid gap-2" @submit=${save} @keydown=${keydown}>
      <textarea
        class="field field-sizing-content max-h-48 min-h-20 px-3 py-2 text-[16px]"
        aria-label=${msg('Words')}
        dir="auto"
        .value=${item.text}
      ></textarea>
      <div class="flex gap-2">
        <button type="submit" class="button-strong">${item.state === 'aside' ? msg('Save and send') : msg('Save')}</button>
        <button type="button" class="button-soft" @click=${() => (this.editing = null)}>${msg('Cancel')}</button>
      </div>
    </form>`
  }

  /** `act` resolves with what is to be said, if anything. */
  async #try(act: () => Promise<string>): Promise<void> {
    try {
      this.failure = await act()
    } catch (error) {
      this.failure = failureText(error)
    }
  }

  async #lookUp(): Promise<void> {
    const told = JSON.parse(await this.#engine.required.exportOutbox('json')) as { id: string; about?: string | null }[]
    this.about = new Map(told.flatMap(({ id, about }) => (about ? [[id, about]] : [])))
  }

  async #export(format: 'text' | 'json'): Promise<void> {
    await this.#try(async () => {
      const text = await this.#engine.required.exportOutbox(format)
      if (format === 'text') downloadText('skein-outbox.txt', text, 'text/plain')
      else downloadText('skein-outbox.json', text, 'application/json')
      return ''
    })
  }
}
