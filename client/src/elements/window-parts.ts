// What stands around the messages of a chat and keeps nothing of its own: the header, the line of what failed, and what stands where one would write.
import { msg, str } from '@lit/localize'
import type { ChatWindow, Engine, MessageItem, Person } from '@skein/engine'
import type { ChatId, UserId } from '@skein/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { plural } from '../languages/language.ts'
import { callsFor, countText, unreadIn } from '../model/lists.ts'
import { membersLine, presenceOf, typingOf } from '../model/people.ts'
import { authorName } from '../model/rows.ts'
import { lineOf } from '../model/text-parts.ts'
import { emit } from '../state/events.ts'
import { endOf } from '../state/placing.ts'
import type { ComposerBanner } from './chat-composer.ts'
import { defineElement } from './error-boundary.ts'
import { icons } from './icons.ts'

/** What the next words are: a message, an answer, a new text of an old message, or another try. */
export type Writing = { kind: 'message' } | { kind: 'reply' | 'edit' | 'retry'; item: MessageItem }

/** Events come from `host`. */
export function windowHeader(host: HTMLElement, { people, network, chats }: Engine, me: UserId, { chat, typing }: ChatWindow): TemplateResult {
  // Without a network nobody knows who is there.
  const peer = network.connected ? people.find((person) => person.id === chat.peer) : undefined
  const direct = chat.kind === 'direct'
  const others = unreadIn(chats, Date.now()) - callsFor(chat, Date.now())
  const typed = typingOf(typing, direct)
  const line = typed || (direct ? presenceOf(peer, Date.now()) : membersLine(chat, me))
  const options = ({ currentTarget }: MouseEvent): void => {
    const box = (currentTarget as HTMLElement).getBoundingClientRect()
    emit(host, 'chat-menu', { chat: chat.id, x: endOf(box), y: box.bottom })
  }
  return html`<header
    class="flex min-h-16 items-center gap-1 border-b border-line bg-canvas px-2 py-2 pt-[max(8px,env(safe-area-inset-top))] max-[240px]:gap-0 max-[240px]:px-0 @pane:px-5"
  >
    <button
      type="button"
      class="icon-button h-11! w-auto! min-w-11 gap-0.5 @pane:hidden!"
      aria-label=${others > 0 ? plural(others, 'Back to chats, # unread', 'Back to chats, # unread') : msg('Back to chats')}
      @click=${() => emit(host, 'chat-chosen', { chat: null })}
    >
      ${icons.back}${others > 0 ? html`<span class="rounded-full bg-accent px-1.5 text-tiny/5 font-semibold text-on-accent">${countText(others)}</span>` : nothing}
    </button>
    <h1 class="sr-only">${chat.title}</h1>
    <button
      type="button"
      class="flex min-h-11 min-w-0 grow items-center gap-3 rounded-xl px-1.5 text-start transition-colors hover:bg-hover"
      id="info"
      aria-label=${[msg(str`Info about ${chat.title}`), line].filter(Boolean).join(', ')}
      @click=${() => emit(host, 'chat-info', { open: true })}
    >
      <chat-avatar
        class="max-[240px]:hidden"
        .name=${chat.title}
        .person=${chat.peer ?? chat.id}
        .picture=${chat.picture}
        .online=${peer?.online ?? false}
      ></chat-avatar>
      <span class="min-w-0 grow">
        <span class="block truncate text-body font-semibold" dir="auto">${chat.title}</span>
        ${
          line
            ? html`<span class="block truncate text-small ${typed || peer?.online ? 'text-accent-ink' : 'text-muted'}" dir="auto">${line}</span>`
            : nothing
        }
      </span>
    </button>
    <button type="button" class="icon-button size-11!" aria-label=${msg('Chat options')} aria-haspopup="menu" @click=${options}>${icons.more}</button>
  </header>`
}

// Two parts that few chats have, loaded where one does. Where they cannot be had now, the next change asks again.
const withPinned = (): Promise<void> =>
  import('./chat-pinned.ts').then(
    ({ ChatPinned }) => defineElement('chat-pinned', ChatPinned),
    () => {},
  )
const withRefused = (): Promise<void> =>
  import('./chat-refused.ts').then(
    ({ ChatRefused }) => defineElement('chat-refused', ChatRefused),
    () => {},
  )

/** Its height is there before the element is, so that nothing moves twice. */
export function pinnedBar({ pinned, chat }: ChatWindow): TemplateResult | typeof nothing {
  if (!pinned.length) return nothing
  void withPinned()
  return html`<chat-pinned class="block h-13 shrink-0" .items=${pinned} .members=${chat.members}></chat-pinned>`
}

export function refusedPart({ outbox }: Engine, chat: ChatId): TemplateResult | typeof nothing {
  if (!outbox.some((item) => item.chatId === chat && item.state === 'aside' && item.kind !== 'message')) return nothing
  void withRefused()
  return html`<chat-refused .chat=${chat}></chat-refused>`
}

export const failureLine = (text: string): TemplateResult | typeof nothing =>
  text
    ? html`<p role="alert" class="mx-auto flex w-full max-w-200 items-center gap-2 px-6 py-1.5 text-small text-danger">${icons.alert}${text}</p>`
    : nothing

const note = (text: string, more: TemplateResult | typeof nothing): TemplateResult =>
  html`<p class="border-t border-line px-6 py-5 text-center text-small text-muted">${text} ${more}</p>`

export const leftNote = (): TemplateResult => note(msg('You are no longer in this chat. What was written stays readable here.'), nothing)

export const blockedNote = (title: string, unblock: () => void): TemplateResult =>
  note(
    msg(str`You have blocked ${title}. Neither of you can write to the other.`),
    html`<button type="button" class="rounded-md px-1 font-medium text-accent-ink hover:underline coarse:min-h-11" @click=${unblock}>
      ${msg('Unblock')}
    </button>`,
  )

/** Above the composer: what one answers or changes. */
export function bannerOf(writing: Writing, members: ChatWindow['chat']['members'], people: readonly Person[]): ComposerBanner | null {
  if (writing.kind === 'message') return null
  const title = {
    reply: msg(str`Reply to ${authorName(writing.item, members, people)}`),
    edit: msg('Edit message'),
    retry: msg('Change and send again'),
  }
  return { kind: writing.kind, title: title[writing.kind], text: lineOf(writing.item.text) }
}
