// All icons, for elements that are loaded when they are first needed: what only these show costs a first open nothing.
import { svg } from 'lit'
import { icon, icons as early, MIRRORED } from './icons.ts'

export const icons = {
  ...early,
  forward: icon(svg`<path d="M14 8l5 5-5 5" /><path d="M19 13h-8a6 6 0 0 0-6 6v.5" transform="translate(0 -1)" />`, MIRRORED),
  link: icon(svg`<path d="M10.5 13.5a3.5 3.5 0 0 0 5 0l3-3a3.5 3.5 0 0 0-5-5l-1 1M13.5 10.5a3.5 3.5 0 0 0-5 0l-3 3a3.5 3.5 0 0 0 5 5l1-1" />`),
  info: icon(svg`<circle cx="12" cy="12" r="8.25" /><path d="M12 11v4.8M12 8.2h.01" />`),
  plus: icon(svg`<path d="M12 5v14M5 12h14" />`),
  trash: icon(svg`<path d="M5 7h14M10 7V4.8h4V7M7 7l.8 12.2h8.4L17 7" />`),
  copy: icon(
    svg`<rect x="8.5" y="8.5" width="11" height="11" rx="2.5" /><path d="M15.5 8.5V7A2.5 2.5 0 0 0 13 4.5H7A2.5 2.5 0 0 0 4.5 7v6A2.5 2.5 0 0 0 7 15.5h1.5" />`,
  ),
  pin: icon(svg`<path d="M9 4.5h6l-.8 5.3 3 3.2H6.8l3-3.2zM12 13v6.5" />`),
  mute: icon(
    svg`<path d="M9.6 5.1A5.5 5.5 0 0 1 17.5 10c0 2 .4 3.4 1 4.5M6.6 9a10 10 0 0 1-.1 1c0 4-2 5-2 6.5h12M10 19.5a2.2 2.2 0 0 0 4 0M4 4l16 16" />`,
  ),
  bell: icon(svg`<path d="M6.5 10a5.5 5.5 0 0 1 11 0c0 4 2 5 2 6.5h-15c0-1.5 2-2.5 2-6.5zM10 19.5a2.2 2.2 0 0 0 4 0" />`),
  unread: icon(svg`<circle cx="12" cy="12" r="8.25" /><circle cx="12" cy="12" r="2.75" fill="currentColor" />`),
  keep: icon(svg`<path d="M12 4.5v9M8 10l4 4 4-4M5 18.5h14" />`),
  block: icon(svg`<circle cx="12" cy="12" r="8.25" /><path d="M6.2 6.2l11.6 11.6" />`),
  flag: icon(svg`<path d="M6 20V4.8M6 5.5c4-2 6.5 2 11.5 0v8c-5 2-7.5-2-11.5 0" />`),
  select: icon(svg`<circle cx="12" cy="12" r="8.25" /><path d="M8.5 12.3l2.5 2.5 4.6-5" />`),
  sent: icon(svg`<path d="M5 12.8l4.6 4.6L19.5 7" />`, 'size-7'),
  lock: icon(svg`<rect x="5.5" y="10.5" width="13" height="9" rx="2" /><path d="M8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5" />`, 'size-4'),
}
