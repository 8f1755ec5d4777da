// A message's words on the screen: plain, or with the Markdown in them. Made of templates alone, so that nothing anybody writes is ever read as HTML.
import { html, type TemplateResult } from 'lit'
import type { Block, Inline } from '../model/markdown.ts'
import { partsOf, withMentions, type Named } from '../model/text-parts.ts'

export interface WordsOptions {
  /** Whom the message mentions. */
  named: readonly Named[]
  me: string
  /** Stands at the end of the last line where there is room. */
  tail: TemplateResult
}

const paragraph = (content: unknown, tail: unknown, first: boolean): TemplateResult =>
  html`<p class="flow-root text-body wrap-anywhere whitespace-pre-wrap ${first ? '' : 'mt-2'}" dir="auto">${content}${tail}</p>`

export function plainWords(text: string, options: WordsOptions): TemplateResult {
  const content = partsOf(text).map((part) => (part.kind === 'text' ? plain(part.text, options) : link(part.href, part.text)))
  return paragraph(content, options.tail, true)
}

export function richWords(blocks: readonly Block[], options: WordsOptions): TemplateResult {
  const ends = blocks.at(-1)?.kind === 'paragraph'
  return html`${blocks.map((block, index) => one(block, options, index === 0, ends && index === blocks.length - 1))}${ends ? '' : html`<p class="flow-root">${options.tail}</p>`}`
}

function one(block: Block, options: WordsOptions, first: boolean, last = false): TemplateResult {
  const gap = first ? '' : 'mt-2'
  if (block.kind === 'paragraph') return paragraph(inline(block.inlines, options), last ? options.tail : '', first)
  if (block.kind === 'code')
    return html`<pre
      class="${gap} overflow-x-auto rounded-lg bg-hover px-3 py-2 font-mono text-small outline-offset-1"
      dir="ltr"
      tabindex="0"
    ><code>${block.text}</code></pre>`
  if (block.kind === 'quote')
    return html`<blockquote class="${gap} border-s-3 border-current/25 ps-2.5" dir="auto">${within(block.blocks, options)}</blockquote>`
  const items = block.items.map((item) => html`<li class="ps-0.5">${within(item, options)}</li>`)
  return block.ordered
    ? html`<ol class="${gap} list-decimal ps-6.5" start=${block.start} dir="auto">
        ${items}
      </ol>`
    : html`<ul class="${gap} list-disc ps-5" dir="auto">
        ${items}
      </ul>`
}

const within = (blocks: readonly Block[], options: WordsOptions): TemplateResult[] => blocks.map((block, index) => one(block, options, index === 0))

function inline(inlines: readonly Inline[], options: WordsOptions): unknown[] {
  return inlines.map((part) => {
    switch (part.kind) {
      case 'text':
        return plain(part.text, options)
      case 'break':
        return html`<br />`
      case 'code':
        return html`<code class="rounded-sm bg-hover px-1 py-px font-mono text-[0.9em]">${part.text}</code>`
      case 'strong':
        return html`<strong class="font-semibold">${inline(part.inlines, options)}</strong>`
      case 'emphasis':
        return html`<em>${inline(part.inlines, options)}</em>`
      default:
        return link(part.href, inline(part.inlines, options))
    }
  })
}

const link = (href: string, content: unknown): TemplateResult =>
  html`<a
    class="text-accent-ink underline decoration-current/35 underline-offset-2 hover:decoration-current"
    href=${href}
    target="_blank"
    rel="noopener noreferrer"
    >${content}</a
  >`

function plain(text: string, { named, me }: WordsOptions): unknown {
  if (!named.length || !text.includes('@')) return text
  return withMentions(text, named).map((part) =>
    part.kind === 'text'
      ? part.text
      : html`<span class="rounded-sm px-0.5 font-medium text-accent-ink ${part.id === me ? 'bg-accent/15' : 'bg-accent/10'}" data-mention
          >${part.text}</span
        >`,
  )
}
