// Icons, drawn here: 24 px grid, strokes in the text's colour. They are decoration; what a control does is said by its name.
import { svg, html, type SVGTemplateResult, type TemplateResult } from 'lit'
import type { MessageStatus } from '@skein/engine'
import { statusWords } from '../model/rows.ts'

export const icon = (paths: SVGTemplateResult, box = 'size-5'): TemplateResult =>
  html`<svg
    class=${`${box} shrink-0`}
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="1.75"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${paths}
  </svg>`

/** What points the way one reads. */
export const MIRRORED = 'size-5 rtl:-scale-x-100'

/** Those that a first open shows; the others stand in late-icons.ts. */
export const icons = {
  back: icon(svg`<path d="M15 5l-7 7 7 7" />`, MIRRORED),
  close: icon(svg`<path d="M6 6l12 12M18 6L6 18" />`),
  search: icon(svg`<circle cx="11" cy="11" r="6.25" /><path d="M20 20l-4.4-4.4" />`, 'size-4'),
  send: icon(svg`<path d="M12 19V5.5M6 11l6-6 6 6" />`),
  up: icon(svg`<path d="M12 19V5.5M6 11l6-6 6 6" />`),
  forwarded: icon(svg`<path d="M14 8l5 5-5 5" /><path d="M19 13h-8a6 6 0 0 0-6 6v.5" transform="translate(0 -1)" />`, 'size-3.5 rtl:-scale-x-100'),
  undo: icon(svg`<path d="M9 6L4.5 10.5 9 15" /><path d="M5 10.5h9a5 5 0 0 1 0 10h-3" transform="translate(0 -1)" />`, MIRRORED),
  down: icon(svg`<path d="M12 5v13.5M6 13l6 6 6-6" />`),
  reply: icon(svg`<path d="M10 8L5 13l5 5" /><path d="M5 13h8a6 6 0 0 1 6 6v.5" transform="translate(0 -1)" />`, MIRRORED),
  smile: icon(svg`<circle cx="12" cy="12" r="8.25" /><path d="M8.5 14.2a4.2 4.2 0 0 0 7 0M9.2 9.7h.01M14.8 9.7h.01" />`),
  more: icon(svg`<path d="M5.5 12h.01M12 12h.01M18.5 12h.01" stroke-width="2.6" />`),
  edit: icon(svg`<path d="M4.5 19.5l.9-4L16 4.9a1.9 1.9 0 0 1 2.7 0l.4.4a1.9 1.9 0 0 1 0 2.7L8.5 18.6z" />`),
  retry: icon(svg`<path d="M19 6.5v4.2h-4.2" /><path d="M18.6 10.6A7.2 7.2 0 1 0 19 14" />`),
  alert: icon(svg`<circle cx="12" cy="12" r="8.25" /><path d="M12 8v4.6M12 15.8h.01" />`, 'size-4'),
  cloudOff: icon(svg`<path d="M7.6 8.4A5.2 5.2 0 0 0 7 18.5h9.8M19.2 16.8A3.9 3.9 0 0 0 17 10.2a5.6 5.6 0 0 0-6-4.4M4 4l16 16" />`, 'size-4'),
  leave: icon(svg`<path d="M14 4.5H7A1.5 1.5 0 0 0 5.5 6v12A1.5 1.5 0 0 0 7 19.5h7M10.5 12h9M16.5 8.8l3.2 3.2-3.2 3.2" />`, MIRRORED),
  mail: icon(svg`<rect x="4" y="6" width="16" height="12" rx="2.5" /><path d="M4.5 8l7.5 5.2L19.5 8" />`),
  chats: icon(svg`<path d="M5 17.5V8a2.5 2.5 0 0 1 2.5-2.5h9A2.5 2.5 0 0 1 19 8v5.5a2.5 2.5 0 0 1-2.5 2.5H8.6z" />`, 'size-7'),
  clock: icon(svg`<circle cx="12" cy="12" r="8.25" /><path d="M12 7.5V12l3 2" />`, 'size-3'),
  pinned: icon(svg`<path d="M9 4.5h6l-.8 5.3 3 3.2H6.8l3-3.2zM12 13v6.5" />`, 'size-3.5'),
  muted: icon(
    svg`<path d="M9.6 5.1A5.5 5.5 0 0 1 17.5 10c0 2 .4 3.4 1 4.5M6.6 9a10 10 0 0 1-.1 1c0 4-2 5-2 6.5h12M10 19.5a2.2 2.2 0 0 0 4 0M4 4l16 16" />`,
    'size-3.5',
  ),
  archive: icon(
    svg`<rect x="4" y="5" width="16" height="4" rx="1.2" /><path d="M5.5 9v8.5A1.5 1.5 0 0 0 7 19h10a1.5 1.5 0 0 0 1.5-1.5V9M10 12.5h4" />`,
  ),
  newGroup: icon(svg`<circle cx="9.5" cy="8.5" r="3.25" /><path d="M4 19a5.5 5.5 0 0 1 11 0M18 8v6M15 11h6" />`),
  check: icon(svg`<path d="M5.5 12.5l4 4L18.5 7.5" />`),
  expand: icon(svg`<path d="M8 10l4 4 4-4" />`),
  outbox: icon(svg`<path d="M4.5 13.5v4A2 2 0 0 0 6.5 19.5h11a2 2 0 0 0 2-2v-4M12 14.5V4.8M8 8.6l4-4 4 4" />`),
  settings: icon(svg`<path d="M4.5 7h7.2M16.3 7h3.2M4.5 17h3.2M12.3 17h7.2" /><circle cx="14" cy="7" r="2.25" /><circle cx="10" cy="17" r="2.25" />`),
}

export const spinner: TemplateResult = html`<svg class="size-4 animate-spin" viewBox="0 0 16 16" fill="none" aria-hidden="true">
  <circle cx="8" cy="8" r="6" stroke="currentColor" stroke-opacity="0.25" stroke-width="1.75" />
  <path d="M14 8a6 6 0 0 0-6-6" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" />
</svg>`

/** The mark: three strands of a skein. */
export const mark = (box: string): TemplateResult =>
  html`<svg class=${box} viewBox="0 0 48 48" fill="none" aria-hidden="true">
    <rect width="48" height="48" rx="13" class="fill-accent" />
    <g stroke="#fff" stroke-width="3.2" stroke-linecap="round">
      <path d="M13 19.5c4-5.5 8-5.5 11 0s7 5.5 11 0" />
      <path d="M13 28.5c4-5.5 8-5.5 11 0s7 5.5 11 0" stroke-opacity="0.72" />
    </g>
  </svg>`

const statusPaths: Record<MessageStatus, SVGTemplateResult> = {
  queued: svg`<circle cx="9" cy="6" r="4.75" /><path d="M9 3.4V6l1.7 1.1" />`,
  sent: svg`<path d="M5 6.4l2.9 2.9L14 3.2" />`,
  delivered: svg`<path d="M1.5 6.4l2.9 2.9 6.1-6.1M8.4 9.3l6.1-6.1M7.6 8.5l.8.8" />`,
  seen: svg`<path d="M1.5 6.4l2.9 2.9 6.1-6.1M8.4 9.3l6.1-6.1M7.6 8.5l.8.8" />`,
  'set-aside': svg`<circle cx="9" cy="6" r="4.75" /><path d="M9 3.8v2.6M9 8.3h.01" />`,
}

/** The tick of an own message, and the same in words for assistive technology. */
export const statusMark = (status: MessageStatus): TemplateResult =>
  html`<svg
      class=${`h-3 w-4.5 shrink-0 ${status === 'seen' ? 'text-accent-ink' : status === 'set-aside' ? 'text-danger' : ''}`}
      viewBox="0 0 18 12"
      fill="none"
      stroke="currentColor"
      stroke-width="1.4"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      ${statusPaths[status]}</svg
    ><span class="sr-only">${statusWords(status)}</span>`
