// An entry of the lists "Chats" and "People": one button whose name begins with the person's or chat's name.
import type { ChatItem, Person } from '@skein/engine'
import type { UserId } from '@skein/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { readDraft } from '../state/drafts.ts'
import { countText, previewOf } from '../model/lists.ts'
import { fullTime, listTime } from '../model/times.ts'
import { statusMark } from './icons.ts'

interface ChatEntry {
  me: UserId
  now: number
  online: boolean
  selected: boolean
  open: () => void
}

export function chatEntry(chat: ChatItem, { me, now, online, selected, open }: ChatEntry): TemplateResult {
  const { lastMessage, unread } = chat
  const draft = selected ? '' : readDraft(me, chat.id).trim()
  return html`<li class="px-2">
    <button
      type="button"
      class="flex w-full items-center gap-3 rounded-xl px-2.5 py-2.5 text-start transition-colors ${selected ? 'bg-chosen' : 'hover:bg-hover'}"
      aria-current=${selected ? 'true' : nothing}
      @click=${open}
    >
      <chat-avatar .name=${chat.title} .person=${chat.peer ?? chat.id} .online=${online}></chat-avatar>
      <span class="min-w-0 grow">
        <span class="flex items-baseline gap-2">
          <span class="min-w-0 grow truncate text-body font-medium ${chat.removed ? 'text-muted' : ''}" dir="auto">${chat.title}</span>
          ${online ? html`<span class="sr-only">online</span>` : nothing}
          ${lastMessage ? html`<time class="shrink-0 text-tiny text-muted" title=${fullTime(chat.lastAt)}>${listTime(chat.lastAt, now)}</time>` : nothing}
        </span>
        <span class="mt-0.5 flex h-5 items-center gap-1.5 text-small text-muted">
          ${
            draft
              ? html`<span class="min-w-0 grow truncate"><span class="font-medium text-danger">Draft:</span> ${draft}</span>`
              : html`${lastMessage?.own && lastMessage.deletedAt === null && !chat.removed ? statusMark(lastMessage.status) : nothing}
                  <span class="min-w-0 grow truncate ${unread ? 'text-ink' : ''}" dir="auto">${previewOf(chat)}</span>`
          }
          ${
            unread
              ? html`<span class="min-w-5 shrink-0 rounded-full bg-accent px-1.5 text-center text-tiny/5 font-semibold text-on-accent"
                  >${countText(unread)}<span class="sr-only"> unread</span></span
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
      <chat-avatar .name=${person.name} .person=${person.id} .online=${online}></chat-avatar>
      <span class="min-w-0 grow">
        <span class="block truncate text-body" dir="auto">${person.name}</span>
        ${presence ? html`<span class="block truncate text-small ${online ? 'text-accent-ink' : 'text-muted'}">${presence}</span>` : nothing}
      </span>
    </button>
  </li>`
}
