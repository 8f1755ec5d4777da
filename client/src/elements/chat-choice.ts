// What the dialogs have in common in which one chooses chats for some words: the words, a field to find a chat by its name, and the chats.
import { msg } from '@lit/localize'
import type { ChatItem, Engine } from '@skein/engine'
import { html, nothing, type TemplateResult } from 'lit'
import { filterChats } from '../model/lists.ts'
import { dialogHead } from './message-dialog.ts'

/** Chats offered at once; whoever looks for another types its name. */
const OFFERED = 50

export interface ChatChoice {
  title: string
  words: string
  typed: string
  failure: string
  type(text: string): void
  choose(chat: ChatItem): void
  close(): void
  /** What stands at a chat's end: what a press does, or that it is done. */
  state(chat: ChatItem): { text: string; done: boolean }
}

export const choiceDialog =
  'm-auto h-130 max-h-[calc(100dvh-32px)] w-100 max-w-[calc(100vw-32px)] flex-col overflow-hidden rounded-2xl bg-raised p-0 text-ink shadow-menu backdrop:bg-veil open:flex'

export function chatChoice(engine: Engine | undefined, choice: ChatChoice): TemplateResult {
  const open = (engine?.chats ?? []).filter((chat) => !chat.removed)
  const chats = filterChats(open, choice.typed).slice(0, OFFERED)
  return html`${dialogHead(choice.title, choice.close)}
    <div class="px-4 pb-2">
      <p class="mb-3 line-clamp-2 border-s-3 border-accent ps-2.5 text-small text-muted" dir="auto">${choice.words}</p>
      <input
        class="field h-10 px-3 text-[16px] fine:text-small coarse:h-11"
        type="search"
        aria-label=${msg('Find a chat')}
        placeholder=${msg('Find a chat')}
        .value=${choice.typed}
        @input=${(event: InputEvent) => choice.type((event.target as HTMLInputElement).value)}
      />
      ${choice.failure ? html`<p role="alert" class="pt-2 text-small text-danger">${choice.failure}</p>` : nothing}
    </div>
    <ul class="min-h-0 grow overflow-y-auto px-2 pb-2" aria-label=${msg('Chats')}>
      ${chats.map((chat) => row(chat, choice))}
      ${choice.typed && !chats.length ? html`<li class="px-3 py-6 text-center text-small text-muted">${msg('No chat has this name.')}</li>` : nothing}
    </ul>`
}

function row(chat: ChatItem, choice: ChatChoice): TemplateResult {
  const { text, done } = choice.state(chat)
  return html`<li>
    <button
      type="button"
      class="flex h-13 w-full items-center gap-3 rounded-lg px-2 text-start hover:bg-hover disabled:cursor-default"
      ?disabled=${done}
      @click=${() => choice.choose(chat)}
    >
      <chat-avatar .name=${chat.title} .person=${chat.peer ?? chat.id} .picture=${chat.picture}></chat-avatar>
      <span class="min-w-0 grow truncate text-body" dir="auto">${chat.title}</span>
      <span class="text-small font-medium ${done ? 'text-muted' : 'text-accent-ink'}">${text}</span>
    </button>
  </li>`
}
