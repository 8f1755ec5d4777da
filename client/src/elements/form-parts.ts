// What the screens before the chat are made of: one form in the middle of the page. Errors stand where they happen, in words.
import { msg, str } from '@lit/localize'
import { html, nothing, type TemplateResult } from 'lit'
import { icons, mark, spinner } from './icons.ts'

export const formPage = (title: string, text: string, content: unknown): TemplateResult =>
  html`<main class="flex min-h-full items-center justify-center px-5 py-10">
    <div class="w-full max-w-88">
      <div class="mb-7 text-center">
        ${mark('mx-auto mb-5 size-14')}
        <h1 class="text-title font-semibold tracking-tight rtl:tracking-normal">${title}</h1>
        <p class="mt-1.5 text-body text-balance break-words text-muted">${text}</p>
      </div>
      ${content}
    </div>
  </main>`

export const formAlert = (text: string | undefined): TemplateResult | typeof nothing =>
  text
    ? html`<p role="alert" class="flex gap-2 rounded-lg bg-danger-soft px-3 py-2.5 text-small text-danger">
        <span class="mt-px">${icons.alert}</span>${text}
      </p>`
    : nothing

export interface FieldLook {
  id: string
  label: string
  type: string
  autocomplete: string
  limit: number
  value?: string
  problem: string | undefined
  /** Stands under the field while nothing is wrong. */
  help?: string
}

export function formField({ id, label, type, autocomplete, limit, value, problem, help }: FieldLook): TemplateResult {
  const about = problem ? `${id}-problem` : help ? `${id}-help` : nothing
  return html`<div>
    <label class="mb-1.5 block text-small font-medium" for=${id}>${label}</label>
    <input
      class="field h-11 px-3 text-[16px]"
      id=${id}
      name=${id}
      type=${type}
      value=${value ?? nothing}
      autocomplete=${autocomplete as 'name'}
      autocapitalize=${id === 'name' ? 'words' : 'none'}
      spellcheck="false"
      dir="auto"
      maxlength=${limit}
      aria-invalid=${problem ? 'true' : 'false'}
      aria-describedby=${about}
      required
    />
    ${problem ? html`<p id="${id}-problem" role="alert" class="mt-1.5 text-small text-danger">${problem}</p>` : nothing}
    ${!problem && help ? html`<p id="${id}-help" class="mt-1.5 text-small text-muted">${help}</p>` : nothing}
  </div>`
}

export const submitButton = (label: string, busy: boolean): TemplateResult =>
  html`<button type="submit" class="button-strong h-11! text-body!" ?disabled=${busy}>${busy ? spinner : nothing}${label}</button>`

/** Another way than the form above it. */
export const providerButton = (label: string, busy: boolean, press: () => void): TemplateResult =>
  html`<div class="mt-4 grid gap-4">
    <div class="flex items-center gap-3 text-small text-muted">
      <span class="h-px grow bg-line"></span>${msg('or')}<span class="h-px grow bg-line"></span>
    </div>
    <button type="button" class="button-soft h-11! min-w-0 text-body!" ?disabled=${busy} @click=${press}>
      <span class="truncate">${msg(str`Continue with ${label}`)}</span>
    </button>
  </div>`

export const plainButton = (label: string, busy: boolean, press: () => void): TemplateResult =>
  html`<button type="button" class="button h-11! text-accent-ink hover:bg-hover text-body!" ?disabled=${busy} @click=${press}>${label}</button>`
