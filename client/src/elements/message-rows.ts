// The rows of a chat that are no messages: the list's upper edge, the line between two days, and the line above what is new.
import type { ChatItem } from '@skein/engine'
import { html, type TemplateResult } from 'lit'
import type { Row } from '../model/rows.ts'
import { spinner } from './icons.ts'

type Edge = Extract<Row, { kind: 'edge' }>

/** Always as high, whatever it says. */
export function edgeRow({ key, state, error }: Edge, title: string, retry: () => void): TemplateResult {
  return html`<div data-key=${key} class="flex h-16 w-full items-center justify-center gap-3 px-6 text-center text-small text-muted">
    ${
      state === 'loading'
        ? html`${spinner}<span>Loading earlier messages</span>`
        : state === 'error'
          ? html`<span class="min-w-0" role="alert">${error}</span
              ><button type="button" class="button-soft shrink-0" @click=${retry}>Try again</button>`
          : state === 'start'
            ? html`<span dir="auto">This is the beginning of your chat with ${title}.</span>`
            : ''
    }
  </div>`
}

export const dayRow = (key: string, label: string): TemplateResult =>
  html`<div data-key=${key} class="flex w-full justify-center pt-3 pb-3">
    <span class="rounded-full bg-other px-3 py-1 text-tiny font-medium text-muted">${label}</span>
  </div>`

export const unreadRow = (key: string): TemplateResult =>
  html`<div data-key=${key} class="w-full pt-2 pb-3">
    <div class="mx-auto flex max-w-200 items-center gap-3 px-3 text-tiny font-semibold text-accent-ink @pane:px-6">
      <span class="h-px grow bg-accent/30"></span>New messages<span class="h-px grow bg-accent/30"></span>
    </div>
  </div>`

/** In the middle of a chat in which nobody has written yet. */
export const emptyChat = (chat: ChatItem): TemplateResult =>
  html`<div class="pointer-events-none absolute inset-0 flex flex-col items-center justify-center gap-3 px-8 text-center">
    <chat-avatar size="large" .name=${chat.title} .person=${chat.peer ?? chat.id}></chat-avatar>
    <p class="text-body font-semibold" dir="auto">${chat.title}</p>
    <p class="max-w-72 text-small text-muted">
      ${chat.removed ? 'Nothing was written here.' : 'This is the beginning of your chat. Write the first words, also without a network.'}
    </p>
  </div>`
