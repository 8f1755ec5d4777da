// A line above everything else, with one thing to do about it.
import { msg } from '@lit/localize'
import { html, type TemplateResult } from 'lit'

export interface Notice {
  text: string
  action?: { label: string; press: () => void }
}

export const noticeBar = (notice: Notice): TemplateResult =>
  html`<section
    aria-label=${msg('Notice')}
    class="flex min-h-9 items-center justify-center gap-2 border-b border-line bg-raised px-4 py-1 text-center text-small"
  >
    <p dir="auto">${notice.text}</p>
    ${
      notice.action
        ? html`<button
            type="button"
            class="rounded-md px-2 py-1 font-semibold text-accent-ink hover:bg-hover coarse:min-h-11"
            @click=${notice.action.press}
          >
            ${notice.action.label}
          </button>`
        : ''
    }
  </section>`
