// The links into a group: a new one to copy, and those that work, each to be revoked.
import { msg } from '@lit/localize'
import type { InviteLink } from '@skein/engine'
import type { ChatId } from '@skein/protocol'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { linkText, linkTimes } from '../model/groups.ts'
import { failureText } from '../model/failures.ts'
import { copyText } from '../state/clipboard.ts'
import { EngineController } from '../state/engine-context.ts'
import { sheet } from '../styles/sheet.ts'
import { formAlert } from './form-parts.ts'
import { spinner } from './icons.ts'
import { heading, smallButton } from './info-parts.ts'

const USUAL = 1

export class ChatInviteLinks extends LitElement {
  static override styles = sheet
  static override properties = {
    chat: {},
    links: { state: true },
    url: { state: true },
    copied: { state: true },
    busy: { state: true },
    failure: { state: true },
  }
  declare chat: ChatId
  declare links: readonly InviteLink[]
  /** Of the link just made: nobody is told it a second time. */
  declare url: string
  declare copied: boolean
  declare busy: boolean
  declare failure: string
  #engine = new EngineController(this)

  constructor() {
    super()
    this.links = []
    this.url = ''
    this.copied = false
    this.busy = false
    this.failure = ''
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('chat')) return
    this.url = this.failure = ''
    this.links = []
    void this.#try((groups) => this.#read(groups))
  }

  override render(): TemplateResult {
    return html`<section aria-labelledby="links">
      ${heading('links', msg('Invite link'))}
      <div class="grid gap-2 px-5 pb-2">${this.url ? this.#made() : this.#make()} ${formAlert(this.failure || undefined)}</div>
      <ul>
        ${this.links.map(
          (link) =>
            html`<li class="flex items-center gap-2 ps-5 pe-3">
              <p class="min-w-0 grow py-1 text-small text-muted">${linkText(link)}</p>
              ${smallButton(msg('Revoke'), () => void this.#try((groups) => this.#revoke(groups, link)), { danger: true, busy: this.busy })}
            </li>`,
        )}
      </ul>
    </section>`
  }

  #make(): TemplateResult {
    return html`<div class="flex items-center gap-2">
      <label class="sr-only" for="time">${msg('It works for')}</label>
      <select id="time" class="field h-9 w-auto! px-2 text-[16px] fine:text-small coarse:h-11">
        ${linkTimes().map(({ label }, index) => html`<option value=${index} ?selected=${index === USUAL}>${label}</option>`)}
      </select>
      <button type="button" class="button-soft grow" ?disabled=${this.busy} @click=${() => void this.#try((groups) => this.#create(groups))}>
        ${this.busy ? spinner : nothing}${msg('Make a link')}
      </button>
    </div>`
  }

  #made(): TemplateResult {
    return html`<div class="flex items-center gap-2">
        <input
          class="field h-9 min-w-0 px-2.5 text-[16px] fine:text-small coarse:h-11"
          aria-label=${msg('Invite link')}
          readonly
          .value=${this.url}
          @focus=${(event: FocusEvent) => (event.target as HTMLInputElement).select()}
        />
        <button type="button" class="button-strong" @click=${() => void this.#copy()}>${this.copied ? msg('Copied') : msg('Copy')}</button>
      </div>
      <p class="text-small text-muted" role="status">${msg('Copy it now: it is shown this once. Whoever has it can join.')}</p>`
  }

  async #copy(): Promise<void> {
    try {
      await copyText(this.url)
      this.copied = true
    } catch (error) {
      this.failure = failureText(error)
    }
  }

  async #read(groups: Groups): Promise<void> {
    this.links = await groups.links(this.chat)
  }

  async #create(groups: Groups): Promise<void> {
    const chosen = Number(this.renderRoot.querySelector('select')?.value ?? USUAL)
    const { url } = await groups.makeLink(this.chat, { expiresAt: Date.now() + (linkTimes()[chosen]?.ms ?? 0) })
    this.url = url
    this.copied = false
    await this.#read(groups)
    await this.updateComplete
    this.renderRoot.querySelector('input')?.focus()
  }

  async #revoke(groups: Groups, { id }: InviteLink): Promise<void> {
    await groups.revokeLink(this.chat, id)
    this.url = ''
    await this.#read(groups)
  }

  async #try(work: (groups: Groups) => Promise<void>): Promise<void> {
    this.busy = true
    this.failure = ''
    try {
      await work(this.#engine.required.groups)
    } catch (error) {
      this.failure = failureText(error)
    }
    this.busy = false
  }
}

type Groups = EngineController['required']['groups']
