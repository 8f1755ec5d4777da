// What the dialogs about one message have in common.
import { msg } from '@lit/localize'
import { html, type TemplateResult } from 'lit'
import { icons } from './icons.ts'

export const dialogHead = (title: string, close: () => void): TemplateResult =>
  html`<div class="flex items-center gap-2 py-2 ps-4 pe-2">
    <h2 class="grow text-body font-semibold">${title}</h2>
    <button type="button" class="icon-button" aria-label=${msg('Close')} @click=${close}>${icons.close}</button>
  </div>`
