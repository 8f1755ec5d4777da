// Settings: how the chat looks, and which key sends. Each choice holds at once, on this device.
import { msg } from '@lit/localize'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { isLanguageGiven } from '../languages/language.ts'
import { LANGUAGES } from '../languages/known.ts'
import { CHOICES, preferences, type Preferences } from '../state/preferences.ts'
import { sheet } from '../styles/sheet.ts'
import { card } from './panel-parts.ts'

const isApple = /Mac|iPhone|iPad/.test(navigator.platform)

const labels = (): Record<string, string> => ({
  system: msg('As the system'),
  light: msg('Light'),
  dark: msg('Dark'),
  comfortable: msg('Comfortable'),
  compact: msg('Compact'),
  indigo: msg('Indigo'),
  teal: msg('Teal'),
  green: msg('Green'),
  rose: msg('Rose'),
  orange: msg('Orange'),
  graphite: msg('Graphite'),
  enter: 'Enter',
  'mod-enter': `${isApple ? '⌘' : 'Ctrl'} + Enter`,
})

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
      ${isLanguageGiven() ? nothing : this.#languages()} ${this.embedded ? nothing : this.#segments('theme', msg('Light or dark'))}
      ${this.embedded ? nothing : this.#swatches()} ${this.#segments('density', msg('Density'))}
      ${this.#segments('sendKey', msg('Send with'), msg('The other way breaks the line.'))}
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
      aria-label=${labels()[value] ?? value}
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
          >${labels()[value]}</span
        >
      </label>`
    return this.#group(legend, html`<div class="flex rounded-lg border border-line p-0.5">${CHOICES[key].map(option)}</div>`, help)
  }

  /** Each in its own words: whoever cannot read the page still finds theirs. */
  #languages(): TemplateResult {
    const option = (value: Preferences['language']): TemplateResult =>
      html`<option value=${value} lang=${value === 'browser' ? nothing : value} ?selected=${preferences.language === value}>
        ${value === 'browser' ? msg('As the browser') : LANGUAGES[value].name}
      </option>`
    return html`<label class="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-3.5 py-3">
      <span class="text-body">${msg('Language')}</span>
      <select
        class="field h-9 w-auto! px-2 text-[16px] fine:text-small coarse:h-11"
        @change=${({ currentTarget }: Event) => preferences.set({ language: CHOICES.language[(currentTarget as HTMLSelectElement).selectedIndex] ?? 'browser' })}
      >
        ${CHOICES.language.map(option)}
      </select>
    </label>`
  }

  #swatches(): TemplateResult {
    const option = (value: string): TemplateResult =>
      html`<label class="relative flex size-8 items-center justify-center coarse:size-11" title=${labels()[value] ?? value}>
        ${this.#radio('accent', value)}
        <span
          class="swatch-${value} size-5.5 rounded-full ring-offset-2 ring-offset-raised peer-checked:ring-2 peer-checked:ring-ink peer-focus-visible:outline-2 peer-focus-visible:outline-offset-5 peer-focus-visible:outline-accent-ink"
        ></span>
      </label>`
    return this.#group(msg('Colour'), html`<div class="-mx-1 flex">${CHOICES.accent.map(option)}</div>`)
  }
}
