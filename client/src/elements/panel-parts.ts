// What settings and outbox stand in: a dialog beside the hand's reach on wide screens, a full pane on a phone. And what both are made of.
import { msg } from '@lit/localize'
import { html, nothing, type TemplateResult } from 'lit'
import { icons, spinner } from './icons.ts'

/** Opened by `showPanel` once it is rendered; Esc, the cross and a click beside it close it. */
export function panel(title: string, content: unknown, closed: () => void): TemplateResult {
  const close = (event: Event): void => (event.currentTarget as HTMLElement).closest('dialog')?.close()
  const beside = (event: Event): void => {
    if (event.target === event.currentTarget) close(event)
  }
  const button = (icon: TemplateResult, look: string): TemplateResult =>
    html`<button type="button" class="icon-button size-11! ${look}" aria-label=${msg('Close')} title=${msg('Close')} @click=${close}>${icon}</button>`
  return html`<dialog
    class="fixed inset-0 m-0 size-full max-h-none max-w-none flex-col overflow-hidden border-0 bg-side p-0 text-ink backdrop:bg-veil open:flex min-[720px]:m-auto min-[720px]:h-[min(88dvh,46rem)] min-[720px]:w-[38rem] min-[720px]:animate-rise min-[720px]:rounded-2xl min-[720px]:shadow-menu"
    aria-labelledby="panel-title"
    @close=${closed}
    @click=${beside}
  >
    <header
      class="flex shrink-0 items-center gap-1 border-b border-line px-2 pt-[max(8px,env(safe-area-inset-top))] pb-2 min-[720px]:ps-5 min-[720px]:pt-2"
    >
      ${button(icons.back, 'min-[720px]:hidden!')}
      <h2 id="panel-title" class="grow truncate text-[1.0625rem] font-semibold" tabindex="-1" autofocus>${title}</h2>
      ${button(icons.close, 'hidden! min-[720px]:inline-flex!')}
    </header>
    <div class="relative min-h-0 grow overflow-y-auto overscroll-contain px-3 pt-4 pb-[max(24px,env(safe-area-inset-bottom))] min-[720px]:px-5">
      ${content}
    </div>
  </dialog>`
}

export function showPanel(root: ParentNode): void {
  root.querySelector('dialog')?.showModal()
}

/** A part of a panel, under its name. */
export const section = (id: string, title: string, content: unknown): TemplateResult =>
  html`<section class="mb-6" aria-labelledby=${id}>
    <h3 id=${id} class="px-3 pb-1.5 text-small font-semibold text-muted">${title}</h3>
    ${content}
  </section>`

export const card = (content: unknown): TemplateResult =>
  html`<div class="divide-y divide-line overflow-hidden rounded-xl border border-line bg-raised">${content}</div>`

/** One thing and its value; `press`: a form opens in its place. */
export const valueRow = (label: string, value: unknown, action: { label: string; name: string; press: () => void } | null): TemplateResult =>
  html`<div class="flex min-h-13 items-center gap-3 px-3.5 py-2">
    <div class="min-w-0 grow">
      <p class="text-small text-muted">${label}</p>
      <div class="text-body break-words">${value}</div>
    </div>
    ${action ? textButton(action.label, action.press, action.name) : nothing}
  </div>`

/** `name`: for assistive technology, where the label alone does not say what it is about. */
export const textButton = (label: string, press: () => void, name = label, look = 'text-accent-ink', disabled = false): TemplateResult =>
  html`<button
    type="button"
    class="shrink-0 rounded-lg px-2.5 py-1.5 text-small font-medium hover:bg-hover disabled:opacity-60 coarse:min-h-11 ${look}"
    aria-label=${name}
    ?disabled=${disabled}
    @click=${press}
  >
    ${label}
  </button>`

export const smallSubmit = (label: string, busy: boolean, look = 'button-strong'): TemplateResult =>
  html`<button type="submit" class=${look} ?disabled=${busy}>${busy ? spinner : nothing}${label}</button>`

export const alertText = (text: string): TemplateResult | typeof nothing =>
  text ? html`<p role="alert" class="text-small text-danger">${text}</p>` : nothing

export const statusText = (text: string): TemplateResult | typeof nothing =>
  text ? html`<p role="status" class="text-small text-muted">${text}</p>` : nothing
