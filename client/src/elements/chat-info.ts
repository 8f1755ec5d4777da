// What there is to know of the open chat, and what can be changed of it: beside the chat on wide screens, in its place on narrow ones.
import { msg, str } from '@lit/localize'
import type { ChatItem, Engine, Me, Person } from '@skein/engine'
import { MAX_NAME_LENGTH, type ChatId, type UserId } from '@skein/protocol'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import { repeat } from 'lit/directives/repeat.js'
import { onward, startOf } from '../state/placing.ts'
import { plural } from '../languages/language.ts'
import { mutedText, offlineText } from '../model/chat-actions.ts'
import { memberRows, newcomersText, type MemberRow } from '../model/groups.ts'
import { countOfMembers, presenceOf } from '../model/people.ts'
import { failureText } from '../model/failures.ts'
import { EngineController } from '../state/engine-context.ts'
import { emit, type SkeinEvent } from '../state/events.ts'
import { MinuteController } from '../state/minute-controller.ts'
import { sheet } from '../styles/sheet.ts'
import type { ChatPicker } from './chat-picker.ts'
import type { ChatQuestion } from './chat-question.ts'
import { formAlert } from './form-parts.ts'
import { spinner } from './icons.ts'
import { icons } from './late-icons.ts'
import { actionRow, heading, smallButton, switchRow } from './info-parts.ts'

export class ChatInfo extends LitElement {
  static override styles = sheet
  static override properties = {
    chat: {},
    renaming: { state: true },
    member: { state: true },
    inviting: { state: true },
    busy: { state: true },
    failure: { state: true },
  }
  declare chat: ChatId
  declare renaming: boolean
  /** The member whose row is open. */
  declare member: UserId | null
  /** Who is chosen to be invited; null: nobody is being chosen. */
  declare inviting: readonly Person[] | null
  declare busy: boolean
  declare failure: string
  #engine = new EngineController(this)

  constructor() {
    super()
    this.busy = false
    this.#reset()
    this.addController(new MinuteController(this))
  }

  #reset(): void {
    this.renaming = false
    this.member = null
    this.inviting = null
    this.failure = ''
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('chat') && changed.get('chat') !== undefined) this.#reset()
  }

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('header button')?.focus()
  }

  override render(): TemplateResult | typeof nothing {
    const { engine } = this.#engine
    const chat = engine?.chats.find(({ id }) => id === this.chat)
    if (engine?.session.status !== 'logged-in' || !chat) return nothing
    const group = chat.kind === 'group'
    const me = engine.session.user
    return html`<aside class="flex h-full flex-col bg-canvas" aria-label=${group ? msg('Group info') : msg('Contact info')} @keydown=${this.#keydown}>
      <header class="flex min-h-16 items-center gap-1 border-b border-line px-2 pt-[max(8px,env(safe-area-inset-top))] pb-2">
        <button type="button" class="icon-button size-11!" aria-label=${this.inviting ? msg('Back to info') : msg('Close info')} @click=${this.#back}>
          ${this.inviting ? icons.back : icons.close}
        </button>
        <h2 class="min-w-0 grow truncate text-body font-semibold">
          ${this.inviting ? msg('Invite people') : group ? msg('Group info') : msg('Contact info')}
        </h2>
      </header>
      ${
        this.inviting
          ? this.#invitations(chat, this.inviting)
          : html`<div class="min-h-0 grow overflow-y-auto overscroll-contain pb-[max(16px,env(safe-area-inset-bottom))]">
              ${this.#who(engine, chat)} ${this.failure ? html`<div class="px-5 pb-2">${formAlert(this.failure)}</div>` : nothing}
              ${this.#settings(engine, chat)} ${group ? this.#members(engine, chat, me) : nothing} ${this.#last(chat)}
            </div>`
      }
      <chat-question></chat-question>
    </aside>`
  }

  #who(engine: Engine, chat: ChatItem): TemplateResult {
    const person = engine.network.connected ? engine.people.find(({ id }) => id === chat.peer) : undefined
    const line = chat.kind === 'group' ? countOfMembers(chat.members.length) : presenceOf(person, Date.now())
    return html`<div class="flex flex-col items-center gap-1 px-5 pt-6 pb-4 text-center">
      ${
        chat.kind === 'group' && !chat.removed
          ? keyed(
              chat.id,
              html`<chat-picture
                class="mb-2"
                .name=${chat.title}
                .person=${chat.id}
                .picture=${chat.picture}
                .change=${(picture: string | null) => engine.groups.setPicture(chat.id, picture)}
              ></chat-picture>`,
            )
          : html`<chat-avatar class="mb-2" size="huge" .name=${chat.title} .person=${chat.peer ?? chat.id} .picture=${chat.picture}></chat-avatar>`
      }
      ${
        this.renaming
          ? html`<form class="flex w-full items-center gap-2" novalidate @submit=${(event: SubmitEvent) => void this.#rename(event, chat)}>
              <input
                class="field h-11 min-w-0 px-3 text-center text-[16px]"
                aria-label=${msg('Group name')}
                maxlength=${MAX_NAME_LENGTH}
                dir="auto"
                autocomplete="off"
                .value=${chat.title}
              />
              <button type="submit" class="button-strong h-11!" ?disabled=${this.busy}>${this.busy ? spinner : nothing}${msg('Save')}</button>
            </form>`
          : html`<div class="flex max-w-full items-center gap-1">
              <p class="min-w-0 text-title font-semibold tracking-tight rtl:tracking-normal break-words" dir="auto">${chat.title}</p>
              ${
                chat.kind === 'group' && !chat.removed
                  ? html`<button
                      type="button"
                      id="rename"
                      class="icon-button -me-9 coarse:-me-11"
                      aria-label=${msg('Rename group')}
                      @click=${() => void this.#beginRename()}
                    >
                      ${icons.edit}
                    </button>`
                  : nothing
              }
            </div>`
      }
      ${line ? html`<p class="text-small text-muted">${line}</p>` : nothing}
    </div>`
  }

  #settings(engine: Engine, chat: ChatItem): TemplateResult {
    const muted = mutedText(chat, Date.now())
    const kept = chat.offline.state !== 'off'
    const mute = (event: MouseEvent): void => {
      if (muted) return void engine.arrange(chat.id, { mutedUntil: null })
      const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
      emit(this, 'chat-menu', { chat: chat.id, x: onward(startOf(box), 20), y: box.bottom, only: 'mute' })
    }
    return html`<div class="border-t border-line py-1">
      ${chat.removed ? nothing : actionRow(muted ? icons.mute : icons.bell, muted ? msg('Unmute') : msg('Mute'), muted, mute)}
      ${switchRow(icons.keep, msg('Keep offline'), offlineText(chat.offline) || msg('All of this chat stays on this device.'), kept, (on) => void engine.keepOffline(chat.id, on))}
    </div>`
  }

  #members(engine: Engine, chat: ChatItem, me: Me): TemplateResult {
    const rows = memberRows(chat, me, engine.network.connected ? engine.people : null, Date.now())
    const mine = rows.find(({ own }) => own)
    const mayInvite = mine?.mayInvite === true && !chat.removed
    return html`<section class="border-t border-line py-1" aria-labelledby="members">
        ${heading('members', countOfMembers(rows.length), mayInvite ? smallButton(msg('Invite people'), () => void this.#beginInvite()) : nothing)}
        ${mayInvite ? html`<p class="px-5 pb-1 text-small text-muted">${newcomersText(chat)}</p>` : nothing}
        <ul aria-labelledby="members">
          ${repeat(
            rows,
            ({ id }) => id,
            (row) => this.#member(chat, row, chat.removed ? undefined : mine),
          )}
        </ul>
      </section>
      ${mayInvite && !engine.embedded ? html`<chat-invite-links class="border-t border-line py-1" .chat=${chat.id}></chat-invite-links>` : nothing}`
  }

  #member(chat: ChatItem, row: MemberRow, mine: MemberRow | undefined): TemplateResult {
    const open = this.member === row.id
    const line = [row.may, row.presence].filter(Boolean).join(' · ')
    const look = html`<chat-avatar .name=${row.name} .person=${row.id} .picture=${row.picture} .online=${row.online}></chat-avatar>
      <span class="min-w-0 grow">
        <span class="block truncate text-body" dir="auto"
          >${row.own ? html`${row.name} <span class="text-muted">${msg('(you)')}</span>` : row.name}</span
        >
        ${line ? html`<span class="block truncate text-small ${row.online ? 'text-accent-ink' : 'text-muted'}">${line}</span>` : nothing}
      </span>`
    if (row.own) return html`<li class="flex min-h-13 items-center gap-3 px-5 py-1">${look}</li>`
    return html`<li class=${open ? 'bg-hover' : ''}>
      <button
        type="button"
        class="flex min-h-13 w-full items-center gap-3 px-5 py-1 text-start transition-colors hover:bg-hover"
        aria-expanded=${open}
        @click=${() => (this.member = open ? null : row.id)}
      >
        ${look}<span class="shrink-0 text-faint transition-transform ${open ? 'rotate-180' : ''}">${icons.expand}</span>
      </button>
      ${open ? this.#memberActions(chat, row, mine) : nothing}
    </li>`
  }

  #memberActions(chat: ChatItem, row: MemberRow, mine: MemberRow | undefined): TemplateResult {
    const { groups } = this.#engine.required
    const allow = (abilities: { mayInvite?: boolean; mayRemove?: boolean }): void => void this.#try(() => groups.allow(chat.id, row.id, abilities))
    return html`<div class="pb-1">
      ${actionRow(icons.mail, msg('Write to them'), '', () => void this.#write(row))}
      ${mine?.mayInvite ? switchRow(icons.newGroup, msg('May invite'), '', row.mayInvite, (on) => allow({ mayInvite: on }), this.busy) : nothing}
      ${mine?.mayRemove ? switchRow(icons.block, msg('May remove others'), '', row.mayRemove, (on) => allow({ mayRemove: on }), this.busy) : nothing}
      ${mine?.mayRemove ? actionRow(icons.leave, msg('Remove from group'), '', () => void this.#remove(chat, row), true) : nothing}
    </div>`
  }

  #last(chat: ChatItem): TemplateResult | typeof nothing {
    if (chat.removed) return nothing
    const more = (event: MouseEvent): void => emit(this, 'chat-menu', { chat: chat.id, x: event.clientX, y: event.clientY })
    if (chat.kind === 'direct')
      return html`<div class="border-t border-line py-1">${actionRow(icons.more, msg('More'), msg('Pin, archive, block, report'), more)}</div>`
    return html`<div class="border-t border-line py-1">${actionRow(icons.leave, msg('Leave group'), '', () => this.#leave(chat), true)}</div>`
  }

  #invitations(chat: ChatItem, chosen: readonly Person[]): TemplateResult {
    const count = chosen.length
    return html`<chat-picker
        class="mt-3 min-h-0 grow"
        .chosen=${chosen}
        .without=${new Set(chat.members.map(({ id }) => id))}
        @people-picked=${({ detail }: SkeinEvent<'people-picked'>) => (this.inviting = detail.people)}
      ></chat-picker>
      <div class="grid gap-2 border-t border-line p-3 pb-[max(12px,env(safe-area-inset-bottom))]">
        ${formAlert(this.failure || undefined)}
        <button type="button" class="button-strong h-11!" ?disabled=${count === 0 || this.busy} @click=${() => void this.#invite(chat, chosen)}>
          ${this.busy ? spinner : nothing}${count === 0 ? msg('Choose people') : plural(count, 'Invite # person', 'Invite # people')}
        </button>
      </div>`
  }

  async #beginRename(): Promise<void> {
    this.renaming = true
    await this.updateComplete
    const input = this.renderRoot.querySelector('input')
    input?.focus()
    input?.select()
  }

  async #rename(event: SubmitEvent, chat: ChatItem): Promise<void> {
    event.preventDefault()
    const title = this.renderRoot.querySelector('input')?.value.trim() ?? ''
    if (title === chat.title || (await this.#try(() => this.#engine.required.groups.rename(chat.id, title || null)))) {
      this.renaming = false
      await this.updateComplete
      this.renderRoot.querySelector<HTMLElement>('#rename')?.focus()
    }
  }

  async #beginInvite(): Promise<void> {
    this.failure = ''
    this.inviting = []
    await this.updateComplete
    const picker = this.renderRoot.querySelector<ChatPicker>('chat-picker')
    await picker?.updateComplete
    picker?.focus()
  }

  /** One after another: where one cannot be invited, those before are in it, and the rest stay chosen. */
  async #invite(chat: ChatItem, chosen: readonly Person[]): Promise<void> {
    const { groups } = this.#engine.required
    for (const [index, { id }] of chosen.entries()) {
      if (await this.#try(() => groups.invite(chat.id, { id }))) continue
      this.inviting = chosen.slice(index)
      return
    }
    this.inviting = null
    await this.updateComplete
    this.focus()
  }

  async #write({ id }: MemberRow): Promise<void> {
    await this.#try(async () => {
      const chat = await this.#engine.required.directChat(id)
      emit(this, 'chat-info', { open: false })
      emit(this, 'chat-chosen', { chat })
    })
  }

  async #remove(chat: ChatItem, { id, name }: MemberRow): Promise<void> {
    const done = await this.#question?.ask({
      title: msg(str`Remove ${name} from the group?`),
      text: msg('They read nothing more of it from now on, and do not come back by a link.'),
      action: msg('Remove'),
      danger: true,
      run: () => this.#engine.required.groups.remove(chat.id, id),
    })
    // What had the focus is gone.
    if (done) this.focus()
  }

  #leave(chat: ChatItem): void {
    void this.#question?.ask({
      title: msg(str`Leave “${chat.title}”?`),
      text: msg('What was said so far stays readable here. To come back, somebody has to invite you.'),
      action: msg('Leave group'),
      danger: true,
      run: async () => {
        await this.#engine.required.groups.leave(chat.id)
        emit(this, 'chat-info', { open: false })
      },
    })
  }

  get #question(): ChatQuestion | null {
    return this.renderRoot.querySelector<ChatQuestion>('chat-question')
  }

  #back = (): void => {
    this.failure = ''
    if (this.inviting) this.inviting = null
    else if (this.renaming) this.renaming = false
    else emit(this, 'chat-info', { open: false })
  }

  #keydown(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || event.composedPath().some((part) => part instanceof HTMLDialogElement)) return
    event.preventDefault()
    event.stopPropagation()
    this.#back()
  }

  /** Whether it went well. */
  async #try(work: () => Promise<void>): Promise<boolean> {
    this.busy = true
    this.failure = ''
    try {
      await work()
      return true
    } catch (error) {
      this.failure = failureText(error)
      return false
    } finally {
      this.busy = false
    }
  }
}
