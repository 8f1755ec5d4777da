// All emoji, to put one into what one writes or to react with it: by group, or by a word. Loaded when first asked for.
import { msg } from '@lit/localize'
import { html, LitElement, type TemplateResult } from 'lit'
import { language } from '../languages/language.ts'
import { EDGE, leftFor } from '../state/placing.ts'
import { emojiIn, type Emoji, type EmojiTable } from '../model/emoji.ts'
import { emit } from '../state/events.ts'
import { sheet } from '../styles/sheet.ts'

/** By what Unicode calls them. */
const groupNames = (): Partial<Record<string, string>> => ({
  'Smileys & Emotion': msg('Smileys and feelings'),
  'People & Body': msg('People and body'),
  'Animals & Nature': msg('Animals and nature'),
  'Food & Drink': msg('Food and drink'),
  'Travel & Places': msg('Travel and places'),
  Activities: msg('Activities'),
  Objects: msg('Objects'),
  Symbols: msg('Symbols'),
  Flags: msg('Flags'),
})

export class ChatEmoji extends LitElement {
  static override styles = sheet
  static override properties = { typed: { state: true }, table: { state: true } }
  declare typed: string
  /** While it is open. */
  declare table: EmojiTable | null
  #before: Element | null = null

  constructor() {
    super()
    this.typed = ''
    this.table = null
  }

  /** Shows the picker above or below a point of the viewport. The event `emoji-chosen` says what was chosen. */
  async open(x: number, y: number): Promise<void> {
    this.#before = document.activeElement
    this.typed = ''
    this.table = await emojiIn(language())
    await this.updateComplete
    const panel = this.#panel
    if (!panel) return
    panel.showPopover()
    document.addEventListener('pointerdown', this.#elsewhere, { capture: true })
    // What the rectangle says is still smaller: it grows as it appears.
    const { offsetWidth: width, offsetHeight: height } = panel
    const fits = (top: number): number => Math.max(EDGE, Math.min(top, innerHeight - height - EDGE))
    panel.style.left = `${leftFor(x, width)}px`
    panel.style.top = `${fits(y - height > EDGE ? y - height : y)}px`
    // A finger would get a keyboard over what it came for.
    if (matchMedia('(pointer: fine)').matches) panel.querySelector('input')?.focus()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener('pointerdown', this.#elsewhere, { capture: true })
  }

  get #panel(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>('[popover]')
  }

  override render(): TemplateResult {
    return html`<div
      popover="manual"
      role="dialog"
      aria-label=${msg('Emoji')}
      class="fixed inset-auto m-0 h-88 w-86 max-w-[calc(100vw-16px)] animate-rise flex-col rounded-xl border-0 bg-raised p-0 text-ink shadow-menu open:flex"
      @keydown=${this.#keydown}
    >
      ${this.table ? this.#content(this.table) : ''}
    </div>`
  }

  #content(table: EmojiTable): TemplateResult {
    const groups = this.typed.trim()
      ? [{ name: msg('Found'), emojis: table.find(this.typed) }]
      : table.groups.map(({ name, emojis }) => ({ name: groupNames()[name] ?? name, emojis }))
    return html`<div class="p-2">
        <input
          class="field h-9 px-3 text-[16px] fine:text-small coarse:h-11"
          type="search"
          aria-label=${msg('Find an emoji')}
          placeholder=${msg('Find an emoji')}
          .value=${this.typed}
          @input=${(event: InputEvent) => (this.typed = (event.target as HTMLInputElement).value)}
        />
      </div>
      <div class="min-h-0 grow overflow-y-auto overscroll-contain px-2 pb-2">
        ${groups.map(
          ({ name, emojis }) =>
            html`<section aria-label=${name}>
              <h2 class="px-1 pt-2 pb-1 text-tiny font-semibold text-muted">${emojis.length ? name : msg('Nothing has this name')}</h2>
              <div class="grid grid-cols-8 [contain-intrinsic-size:auto_400px] [content-visibility:auto]">
                ${emojis.map((one) => this.#emoji(one))}
              </div>
            </section>`,
        )}
      </div>`
  }

  #emoji({ emoji, name }: Emoji): TemplateResult {
    return html`<button
      type="button"
      tabindex="-1"
      aria-label=${name}
      title=${name}
      class="aspect-square rounded-lg text-[22px]/none hover:bg-hover focus-visible:bg-hover"
      @click=${() => this.#close(emoji)}
    >
      ${emoji}
    </button>`
  }

  #close(emoji?: string): void {
    document.removeEventListener('pointerdown', this.#elsewhere, { capture: true })
    this.#panel?.hidePopover()
    this.table = null
    if (this.#before instanceof HTMLElement) this.#before.focus({ preventScroll: true })
    if (emoji !== undefined) emit(this, 'emoji-chosen', { emoji })
  }

  #elsewhere = (event: PointerEvent): void => {
    if (!event.composedPath().includes(this)) this.#close()
  }

  /** From the field down into the rows, and by arrows among them; Enter in the field takes the first. */
  #keydown(event: KeyboardEvent): void {
    const buttons = [...this.renderRoot.querySelectorAll<HTMLButtonElement>('section button')]
    const at = buttons.findIndex((button) => button.matches(':focus'))
    const field = this.renderRoot.querySelector('input')
    const columns = 8
    if (event.key === 'Escape') this.#close()
    else if (event.key === 'Enter' && at < 0) buttons[0]?.click()
    else if (event.key === 'Tab' || (event.key === 'ArrowDown' && at < 0)) (at < 0 ? buttons[0] : field)?.focus()
    else if (at < 0) return
    else {
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key]
      if (!step) return
      ;(at + step < 0 ? field : buttons[Math.min(at + step, buttons.length - 1)])?.focus()
    }
    event.preventDefault()
  }
}
