// UX 21: the keys of the page, in a list that `?` opens.
import { msg } from '@lit/localize'
import { html, LitElement, type TemplateResult } from 'lit'
import { sheet } from '../styles/sheet.ts'

/** As keyboards of this device name them. */
const isApple = /Mac|iPhone|iPad/.test(navigator.platform)
const [control, alt] = isApple ? ['⌘', '⌥'] : ['Ctrl', 'Alt']

const keysOfPage = (): readonly [keys: readonly string[], does: string][] => [
  [[control, 'K'], msg('Find a chat or somebody')],
  [[alt, '↑'], msg('The chat above')],
  [[alt, '↓'], msg('The chat below')],
  [['Enter'], msg('Send')],
  [['Shift', 'Enter'], msg('New line')],
  [['↑'], msg('Edit your last message, in an empty field')],
  [['Esc'], msg('Leave what is open')],
  [['?'], msg('This list')],
]

export class ChatKeys extends LitElement {
  static override styles = sheet

  open(): void {
    if (!this.#dialog?.open) this.#dialog?.showModal()
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog')
  }

  override render(): TemplateResult {
    return html`<dialog
      class="m-auto w-[min(92vw,400px)] animate-rise rounded-2xl bg-raised p-5 text-ink shadow-menu backdrop:bg-veil"
      aria-labelledby="title"
    >
      <h2 id="title" class="text-body font-semibold">${msg('Keys')}</h2>
      <dl class="mt-3 grid gap-2 text-small">
        ${keysOfPage().map(
          ([keys, does]) =>
            html`<div class="flex items-center justify-between gap-4">
              <dt class="text-muted">${does}</dt>
              <dd class="flex shrink-0 gap-1">
                ${keys.map((key) => html`<kbd class="min-w-6 rounded-md border border-line bg-side px-1.5 py-0.5 text-center font-sans">${key}</kbd>`)}
              </dd>
            </div>`,
        )}
      </dl>
      <button type="button" class="button-soft mt-5 w-full" @click=${() => this.#dialog?.close()}>${msg('Close')}</button>
    </dialog>`
  }
}
