// Settings: how the chat looks, and which key sends. Each choice holds at once, on this device.
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { CHOICES, preferences, type Preferences } from '../state/preferences.ts'
import { sheet } from '../styles/sheet.ts'
import { card } from './panel-parts.ts'

const isApple = /Mac|iPhone|iPad/.test(navigator.platform)

const LABELS: Record<string, string> = {
  system: 'As the system',
  light: 'Light',
  dark: 'Dark',
  comfortable: 'Comfortable',
  compact: 'Compact',
  indigo: 'Indigo',
  teal: 'Teal',
  green: 'Green',
  rose: 'Rose',
  orange: 'Orange',
  graphite: 'Graphite',
  enter: 'Enter',
  'mod-enter': isApple ? '⌘ + Enter' : 'Ctrl + Enter',
}

export class ChatSettingsLook extends LitElement {
  static override styles = sheet
  static override properties = { embedded: { type: Boolean } }
  /** Light or dark, and the colour, are the page's then. */
  declare embedded: boolean
  #unsubscribe: (() => void) | undefined

  constructor() {
    super()
    this.embedded = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#unsubscribe = preferences.subscribe(() => this.requestUpdate())
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unsubscribe?.()
  }

  override render(): TemplateResult {
    return card(html`
      ${this.embedded ? nothing : this.#segments('theme', 'Light or dark')} ${this.embedded ? nothing : this.#swatches()}
      ${this.#segments('density', 'Density')} ${this.#segments('sendKey', 'Send with', 'The other way breaks the line.')}
    `)
  }

  #group(legend: string, options: unknown, help = ''): TemplateResult {
    return html`<fieldset class="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-3.5 py-3">
      <legend class="sr-only">${legend}</legend>
      <div aria-hidden="true">
        <p class="text-body">${legend}</p>
        ${help ? html`<p class="text-small text-muted">${help}</p>` : nothing}
      </div>
      ${options}
    </fieldset>`
  }

  #radio(key: keyof Preferences, value: string): TemplateResult {
    return html`<input
      class="peer absolute inset-0 size-full cursor-pointer opacity-0"
      type="radio"
      name=${key}
      value=${value}
      aria-label=${LABELS[value] ?? value}
      .checked=${preferences[key] === value}
      @change=${() => preferences.set({ [key]: value })}
    />`
  }

  #segments(key: 'theme' | 'density' | 'sendKey', legend: string, help = ''): TemplateResult {
    const option = (value: string): TemplateResult =>
      html`<label class="relative">
        ${this.#radio(key, value)}
        <span
          class="flex h-8 items-center rounded-md px-3 text-small whitespace-nowrap text-muted peer-checked:bg-chosen peer-checked:font-medium peer-checked:text-accent-ink peer-focus-visible:outline-2 peer-focus-visible:outline-accent-ink coarse:h-11"
          >${LABELS[value]}</span
        >
      </label>`
    return this.#group(legend, html`<div class="flex rounded-lg border border-line p-0.5">${CHOICES[key].map(option)}</div>`, help)
  }

  #swatches(): TemplateResult {
    const option = (value: string): TemplateResult =>
      html`<label class="relative flex size-8 items-center justify-center coarse:size-11" title=${LABELS[value] ?? value}>
        ${this.#radio('accent', value)}
        <span
          class="swatch-${value} size-5.5 rounded-full ring-offset-2 ring-offset-raised peer-checked:ring-2 peer-checked:ring-ink peer-focus-visible:outline-2 peer-focus-visible:outline-offset-5 peer-focus-visible:outline-accent-ink"
        ></span>
      </label>`
    return this.#group('Colour', html`<div class="-mx-1 flex">${CHOICES.accent.map(option)}</div>`)
  }
}
