// What can be done with several messages at once; stands where one writes. Loaded when first asked for.
import { msg } from '@lit/localize'
import type { MessageItem } from '@skein/engine'
import type { ChatId } from '@skein/protocol'
import { html, LitElement, type TemplateResult } from 'lit'
import { numberText } from '../languages/language.ts'
import { failureText } from '../model/failures.ts'
import { copyOf, deletable, hideable, selectedText } from '../model/selected.ts'
import { UNDO_MS } from '../model/times.ts'
import { copyText } from '../state/clipboard.ts'
import { EngineController } from '../state/engine-context.ts'
import { emit } from '../state/events.ts'
import { sheet } from '../styles/sheet.ts'
import { icons } from './late-icons.ts'

export class ChatSelection extends LitElement {
  static override styles = sheet
  static override properties = { chat: {}, items: { attribute: false }, sure: { state: true }, failure: { state: true } }
  declare chat: ChatId
  /** In the order in which they stand. */
  declare items: readonly MessageItem[]
  /** Delete was pressed once: what it does cannot be undone for long. */
  declare sure: boolean
  declare failure: string
  #engine = new EngineController(this)

  constructor() {
    super()
    this.items = []
    this.sure = false
    this.failure = ''
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    // The same messages come anew with each word and tick that arrives.
    const before = (changed.get('items') ?? this.items) as readonly MessageItem[]
    if (before.map(({ key }) => key).join() !== this.items.map(({ key }) => key).join()) this.sure = false
  }

  /** The question stands in the place of the button that had the focus. */
  override updated(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('sure') && this.sure) this.renderRoot.querySelector<HTMLElement>('.button-soft')?.focus()
  }

  override render(): TemplateResult {
    const { items } = this
    const action = (name: string, icon: TemplateResult, press: () => unknown, look = ''): TemplateResult =>
      html`<button type="button" class="icon-button size-11! ${look}" aria-label=${name} title=${name} @click=${press}>${icon}</button>`
    const answer = (name: string, press: () => unknown): TemplateResult =>
      html`<button type="button" class="button-soft shrink-0 text-danger" @click=${press}>${name}</button>`
    return html`<div
      role="toolbar"
      aria-label=${msg('Selected messages')}
      class="mx-auto flex min-h-18 max-w-200 items-center gap-1 border-t border-line px-2 py-2 @pane:px-5"
    >
      ${action(msg('Cancel selection'), icons.close, () => this.#leave())}
      <p class="min-w-0 grow truncate px-2 text-body ${this.failure ? 'text-danger' : 'font-medium'}" role="status">
        ${
          this.failure ||
          html`<span class="sr-only @pane:not-sr-only">${selectedText(items.length)}</span
            ><span class="@pane:hidden" aria-hidden="true">${numberText(items.length)}</span>`
        }
      </p>
      ${
        this.sure
          ? html`${deletable(items) ? answer(msg('Delete for everyone?'), () => this.#do(this.#delete())) : ''}
            ${hideable(items) ? answer(msg('Delete for me'), () => this.#hide()) : ''}`
          : html`${action(msg('Copy'), icons.copy, () => this.#do(copyText(copyOf(items, this.#members, this.#people))))}
            ${action(msg('Forward'), icons.forward, () => emit(this, 'selection-forward', { items: [...items] }))}
            ${deletable(items) || hideable(items) ? action(msg('Delete'), icons.trash, () => (this.sure = true), 'text-danger') : ''}`
      }
    </div>`
  }

  get #members() {
    return this.#engine.required.chats.find(({ id }) => id === this.chat)?.members ?? []
  }
  get #people() {
    return this.#engine.required.people
  }

  #leave(): void {
    emit(this, 'selection-left', null)
  }

  /** What did not work is said, and all stays selected. */
  #do(done: Promise<unknown>): void {
    this.failure = ''
    done.then(
      () => this.#leave(),
      (error: unknown) => (this.failure = failureText(error)),
    )
  }

  #hide(): void {
    emit(this, 'selection-hide', { items: this.items })
    this.#leave()
  }

  async #delete(): Promise<void> {
    for (const { id, authorId } of this.items) await this.#engine.required.delete(this.chat, { id, author: authorId }, { undoMs: UNDO_MS })
  }
}
