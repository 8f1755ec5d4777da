// The rows of a chat that are no messages: the list's upper edge, the line between two days, and the line above what is new.
import { msg, str } from '@lit/localize'
import type { ChatItem } from '@skein/engine'
import { html, type TemplateResult } from 'lit'
import type { Row } from '../model/rows.ts'
import { spinner } from './icons.ts'

type Edge = Extract<Row, { kind: 'edge' }>

/** Always as high, whatever it says. */
export function edgeRow({ key, state, error }: Edge, { title, historyFrom }: ChatItem, retry: () => void): TemplateResult {
  return html`<div data-key=${key} class="flex h-16 w-full items-center justify-center gap-3 px-6 text-center text-small text-muted">
    ${
      state === 'loading'
        ? html`${spinner}<span>${msg('Loading earlier messages')}</span>`
        : state === 'error'
          ? html`<span class="min-w-0" role="alert">${error}</span
              ><button type="button" class="button-soft shrink-0" @click=${retry}>${msg('Try again')}</button>`
          : state === 'start'
            ? historyFrom > 0
              ? html`<span>${msg('You see what was said since you joined.')}</span>`
              : html`<span dir="auto">${msg(str`This is the beginning of your chat with ${title}.`)}</span>`
            : ''
    }
  </div>`
}

const dayButton = (label: string, look: string, pick: () => void): TemplateResult =>
  html`<button
    type="button"
    class="rounded-full bg-other px-3 py-1 text-tiny font-medium text-muted transition-colors hover:text-ink coarse:py-2 ${look}"
    title=${msg('Go to a date')}
    aria-label=${msg(str`${label}. Go to a date`)}
    @click=${pick}
  >
    ${label}
  </button>`

export const dayRow = (key: string, label: string, pick: () => void): TemplateResult =>
  html`<div data-key=${key} class="flex w-full justify-center pt-3 pb-3">${dayButton(label, '', pick)}</div>`

export const unreadRow = (key: string): TemplateResult =>
  html`<div data-key=${key} class="w-full pt-2 pb-3">
    <div class="mx-auto flex max-w-200 items-center gap-3 px-3 text-tiny font-semibold text-accent-ink @pane:px-6">
      <span class="h-px grow bg-accent/30"></span>${msg('New messages')}<span class="h-px grow bg-accent/30"></span>
    </div>
  </div>`

/** What happened to the chat. */
export const eventRow = (key: string, text: string): TemplateResult =>
  html`<div data-key=${key} class="w-full px-6 py-1.5">
    <p class="mx-auto max-w-120 text-center text-tiny wrap-anywhere text-muted" dir="auto">${text}</p>
  </div>`

/** In the middle of a chat in which nobody has written yet. */
export const emptyChat = (chat: ChatItem): TemplateResult =>
  html`<div class="pointer-events-none absolute inset-0 flex flex-col items-center justify-center gap-3 px-8 text-center">
    <chat-avatar size="large" .name=${chat.title} .person=${chat.peer ?? chat.id} .picture=${chat.picture}></chat-avatar>
    <p class="text-body font-semibold" dir="auto">${chat.title}</p>
    <p class="max-w-72 text-small text-muted">
      ${chat.removed ? msg('Nothing was written here.') : chat.historyFrom > 0 ? msg('You see what is said from the time on when you joined.') : msg('This is the beginning of your chat. Write the first words, also without a network.')}
    </p>
  </div>`

/** While nothing is there yet: the shape of what will come, shown only where it takes a moment. */
export const skeletons = (): TemplateResult =>
  html`<div
    class="pointer-events-none absolute inset-x-0 bottom-0 mx-auto flex max-w-200 animate-late flex-col gap-2 px-3 pb-2.5 @pane:px-6"
    role="status"
    aria-label=${msg('Loading messages')}
  >
    ${[
      ['w-3/5 h-9', 'self-start bg-other'],
      ['w-2/5 h-9', 'self-start bg-other mb-1.5'],
      ['w-1/2 h-15', 'self-end bg-own'],
      ['w-1/3 h-9', 'self-end bg-own mb-1.5'],
      ['w-3/5 h-20', 'self-start bg-other mb-1.5'],
      ['w-2/5 h-9', 'self-end bg-own'],
    ].map(([size, place]) => html`<span class="rounded-2xl opacity-60 ${size} ${place}"></span>`)}
  </div>`

/** The day of what stands at the top of the screen; seen while one scrolls. */
export const stickyDay = (label: string, shown: boolean, pick: () => void): TemplateResult =>
  html`<div
    ?inert=${!shown}
    class="pointer-events-none absolute inset-x-0 top-2 flex justify-center transition-opacity duration-200 ${shown ? '' : 'opacity-0'}"
  >
    ${dayButton(label, 'pointer-events-auto shadow-card', pick)}
  </div>`

/** A round button that floats over the list. */
export const floating = (name: string, icon: TemplateResult, press: () => unknown, badge = ''): TemplateResult =>
  html`<button
    type="button"
    class="pointer-events-auto relative flex size-10 animate-rise items-center justify-center rounded-full bg-raised text-muted shadow-menu transition-colors hover:text-ink coarse:size-11"
    aria-label=${name}
    title=${name}
    @click=${press}
  >
    ${icon}
    ${
      badge
        ? html`<span class="absolute -top-1.5 min-w-5 rounded-full bg-accent px-1.5 text-center text-tiny/5 font-semibold text-on-accent"
            >${badge}</span
          >`
        : ''
    }
  </button>`
