// An entry of the lists "Chats" and "People": one button whose name begins with the person's or chat's name.
import { msg } from '@lit/localize'
import type { ChatItem, Person } from '@skein/engine'
import type { UserId } from '@skein/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { draftOf } from '../state/draft-keeper.ts'
import { countText, isMuted, previewOf } from '../model/lists.ts'
import { fullTime, listTime } from '../model/times.ts'
import { icons, statusMark } from './icons.ts'

interface ChatEntry {
  me: UserId
  now: number
  online: boolean
  selected: boolean
  open: () => void
}

/** A number or sign, and what it says. */
export const badge = (look: string, shown: unknown, words: string): TemplateResult =>
  html`<span class="min-w-5 shrink-0 rounded-full px-1.5 text-center text-tiny/5 font-semibold ${look}"
    >${shown}<span class="sr-only"> ${words}</span></span
  >`

export function chatEntry(chat: ChatItem, { me, now, online, selected, open }: ChatEntry): TemplateResult {
  const { lastMessage, unread, markedUnread, mentioned } = chat
  const muted = isMuted(chat, now)
  const { who, text } = previewOf(chat)
  const draft = selected ? '' : draftOf(me, chat).trim()
  return html`<li class="px-2">
    <button
      type="button"
      class="flex w-full touch-manipulation items-center gap-3 rounded-xl px-2.5 py-2.5 text-start transition-colors select-none [-webkit-touch-callout:none] ${selected ? 'bg-chosen' : 'hover:bg-hover'}"
      data-chat=${chat.id}
      aria-haspopup="menu"
      aria-current=${selected ? 'true' : nothing}
      @click=${open}
    >
      <chat-avatar .name=${chat.title} .person=${chat.peer ?? chat.id} .picture=${chat.picture} .online=${online}></chat-avatar>
      <span class="min-w-0 grow">
        <span class="flex items-center gap-1.5">
          <span class="min-w-0 truncate text-body font-medium ${chat.removed ? 'text-muted' : ''}" dir="auto">${chat.title}</span>
          ${online ? html`<span class="sr-only">${msg('online')}</span>` : nothing}
          ${chat.pinned ? html`<span class="shrink-0 text-faint">${icons.pinned}<span class="sr-only">${msg('pinned')}</span></span>` : nothing}
          ${muted ? html`<span class="shrink-0 text-faint">${icons.muted}<span class="sr-only">${msg('muted')}</span></span>` : nothing}
          <span class="grow"></span>
          ${lastMessage ? html`<time class="shrink-0 text-tiny text-muted" title=${fullTime(chat.lastAt)}>${listTime(chat.lastAt, now)}</time>` : nothing}
        </span>
        <span class="mt-0.5 flex h-5 items-center gap-1 text-small text-muted">
          ${
            draft
              ? html`<span class="shrink-0 font-medium text-danger">${msg('Draft:')}</span>
                  <span class="min-w-0 grow truncate" dir="auto">${draft}</span>`
              : html`${lastMessage?.own && lastMessage.deletedAt === null && !chat.removed ? statusMark(lastMessage.status) : nothing}
                  ${who ? html`<span class="max-w-1/2 shrink-0 truncate ${unread || markedUnread ? 'text-ink' : ''}">${who}</span>` : nothing}
                  <span class="min-w-0 grow truncate ${unread || markedUnread ? 'text-ink' : ''}" dir="auto">${text}</span>`
          }
          ${mentioned ? badge('bg-accent text-on-accent', '@', msg('you are mentioned')) : nothing}
          ${
            unread
              ? badge(muted ? 'bg-faint/25 text-ink' : 'bg-accent text-on-accent', countText(unread), msg('unread'))
              : markedUnread
                ? html`<span class="size-2.5 shrink-0 rounded-full ${muted ? 'bg-faint' : 'bg-accent'}"
                    ><span class="sr-only">${msg('marked unread')}</span></span
                  >`
                : nothing
          }
        </span>
      </span>
    </button>
  </li>`
}

interface PersonEntry {
  presence: string
  online: boolean
  begin: () => void
}

export function personEntry(person: Person, { presence, online, begin }: PersonEntry): TemplateResult {
  return html`<li class="w-full px-2">
    <button
      type="button"
      class="flex w-full items-center gap-3 rounded-xl px-2.5 py-1.5 text-start transition-colors hover:bg-hover coarse:py-2"
      @click=${begin}
    >
      <chat-avatar .name=${person.name} .person=${person.id} .picture=${person.picture} .online=${online}></chat-avatar>
      <span class="min-w-0 grow">
        <span class="block truncate text-body" dir="auto">${person.name}</span>
        ${presence ? html`<span class="block truncate text-small ${online ? 'text-accent-ink' : 'text-muted'}">${presence}</span>` : nothing}
      </span>
    </button>
  </li>`
}
