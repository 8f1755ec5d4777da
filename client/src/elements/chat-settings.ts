// The settings: one dialog, section under section, the ones that people look for most first. In a page that embeds the chat, what belongs to that page is not here.
import { msg } from '@lit/localize'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { EngineController } from '../state/engine-context.ts'
import { notifying } from '../state/notifying.ts'
import { sheet } from '../styles/sheet.ts'
import { panel, section, showPanel } from './panel-parts.ts'

export class ChatSettings extends LitElement {
  static override styles = sheet
  #engine = new EngineController(this)

  /** The event `closed` ends the view. */
  override render(): TemplateResult | typeof nothing {
    const { engine } = this.#engine
    if (!engine) return nothing
    const own = !engine.embedded
    return panel(
      msg('Settings'),
      html`${own ? section('profile', msg('Profile'), html`<chat-settings-account></chat-settings-account>`) : nothing}
      ${section('look', msg('Appearance and sending'), html`<chat-settings-look .embedded=${engine.embedded}></chat-settings-look>`)}
      ${own && notifying.possible ? section('notifications', msg('Notifications'), html`<chat-settings-notifications></chat-settings-notifications>`) : nothing}
      ${own ? section('devices', msg('Devices'), html`<chat-settings-devices></chat-settings-devices>`) : nothing}
      ${section('storage', msg('On this device'), html`<chat-settings-storage></chat-settings-storage>`)}
      ${own ? section('leaving', msg('Delete account'), html`<chat-settings-leaving></chat-settings-leaving>`) : nothing}`,
      () => this.dispatchEvent(new Event('closed')),
    )
  }

  override firstUpdated(): void {
    showPanel(this.renderRoot)
  }
}
