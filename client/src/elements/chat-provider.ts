// Hands the engine, the language and the look to the elements inside it, for pages that put the parts of the chat together in their own way.
import { ContextProvider } from '@lit/context'
import type { Engine } from '@skein/engine'
import { html, LitElement, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit'
import { direction, isLanguageSettled, language, speak } from '../languages/language.ts'
import { engineContext } from '../state/engine-context.ts'
import { preferences } from '../state/preferences.ts'
import { sheet } from '../styles/sheet.ts'

export class ChatProvider extends LitElement {
  static override styles = sheet
  static override properties: PropertyDeclarations = { engine: { attribute: false }, language: {} }
  /** What the elements talk through; nothing here closes it. */
  declare engine: Engine | undefined
  /** The language of everything in the chat (`hu`, `hu-HU`); empty, or one that there is not: what the person has chosen, else what their browser asks for. */
  declare language: string
  #provider = new ContextProvider(this, { context: engineContext })
  #unsubscribe: (() => void) | undefined
  #unsubscribeLook: (() => void) | undefined

  constructor() {
    super()
    this.language = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#unsubscribeLook = preferences.subscribe(() => {
      this.#look()
      this.#speak()
    })
    if (this.hasUpdated) this.#follow()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
    this.#unsubscribeLook?.()
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('language')) this.#speak()
    // Whatever language the page around it has.
    Object.assign(this, { lang: language(), dir: direction() })
    if (!changed.has('engine')) return
    this.#follow()
    this.#look()
  }

  override render(): TemplateResult | typeof nothing {
    return isLanguageSettled() ? html`<slot></slot>` : nothing
  }

  /** Light or dark, and the colour, are the embedding page's. */
  #look(): void {
    const { theme, density, accent } = preferences
    const isEmbedded = this.engine?.embedded === true
    Object.assign(this.dataset, { theme: isEmbedded ? 'system' : theme, accent: isEmbedded ? 'indigo' : accent, density })
  }

  #speak(): void {
    void speak(this.language, preferences.language).then(() => this.requestUpdate())
  }

  #follow(): void {
    this.#unsubscribe?.()
    this.#provider.setValue(this.engine)
    this.#unsubscribe = this.engine?.subscribe(() => this.requestUpdate())
  }
}
