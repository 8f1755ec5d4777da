// What the panel about a chat is made of: rows with an icon, switches, and headings.
import { html, nothing, type TemplateResult } from 'lit'

export const heading = (id: string, text: string, action: unknown = nothing): TemplateResult =>
  html`<div class="flex min-h-11 items-center justify-between gap-2 ps-5 pe-3 pt-2">
    <h3 id=${id} class="text-small font-semibold text-muted">${text}</h3>
    ${action}
  </div>`

export const smallButton = (
  label: string,
  press: (event: Event) => void,
  more: { name?: string; danger?: boolean; busy?: boolean } = {},
): TemplateResult =>
  html`<button
    type="button"
    class="shrink-0 rounded-lg px-2.5 py-1.5 text-small font-medium hover:bg-hover disabled:opacity-60 coarse:min-h-11 ${more.danger ? 'text-danger' : 'text-accent-ink'}"
    aria-label=${more.name ?? label}
    ?disabled=${more.busy ?? false}
    @click=${press}
  >
    ${label}
  </button>`

/** One thing to press, with what is so now under it. */
export const actionRow = (icon: TemplateResult, label: string, detail: string, press: (event: MouseEvent) => void, danger = false): TemplateResult =>
  html`<button
    type="button"
    class="flex min-h-12 w-full items-center gap-4 px-5 py-2 text-start transition-colors hover:bg-hover ${danger ? 'text-danger' : ''}"
    @click=${press}
  >
    <span class=${danger ? '' : 'text-muted'}>${icon}</span>
    <span class="min-w-0 grow"
      ><span class="block text-body">${label}</span>${detail ? html`<span class="block text-small text-muted">${detail}</span>` : nothing}</span
    >
  </button>`

/** On or off. `icon` nothing: it stands under something else. */
export const switchRow = (icon: unknown, label: string, detail: string, on: boolean, change: (on: boolean) => void, busy = false): TemplateResult =>
  html`<button
    type="button"
    role="switch"
    aria-checked=${on}
    class="flex min-h-12 w-full items-center gap-4 px-5 py-2 text-start transition-colors hover:bg-hover disabled:opacity-60"
    ?disabled=${busy}
    @click=${() => change(!on)}
  >
    ${icon === nothing ? nothing : html`<span class="text-muted">${icon}</span>`}
    <span class="min-w-0 grow"
      ><span class="block text-body">${label}</span>${detail ? html`<span class="block text-small text-muted">${detail}</span>` : nothing}</span
    >
    <span
      class="flex h-5.5 w-9.5 shrink-0 items-center rounded-full border p-0.5 transition-colors ${on ? 'justify-end border-accent bg-accent' : 'border-faint'}"
      ><span class="size-4 rounded-full ${on ? 'bg-on-accent' : 'bg-faint'}"></span
    ></span>
  </button>`
