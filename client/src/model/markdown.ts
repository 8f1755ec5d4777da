// A message's words as Markdown: bold, italic, code, lists, quotes, links, and nothing else. Loaded when first needed: marked reads, what it finds becomes this file's own
// plain tree, and whatever is not of the subset (headings, tables, images, HTML, …) is never looked for, so it stays the words that somebody typed.
import { Lexer, Tokenizer, type Token, type Tokens } from 'marked'
import { partsOf } from './text-parts.ts'

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'break' }
  | { kind: 'code'; text: string }
  | { kind: 'strong' | 'emphasis'; inlines: Inline[] }
  | { kind: 'link'; href: string; inlines: Inline[] }

export type Block =
  | { kind: 'paragraph'; inlines: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'quote'; blocks: Block[] }
  | { kind: 'list'; ordered: boolean; start: number; items: Block[][] }

/** What is within each other beyond this is words. (marked recurses without a bound: 4,000 quotes within each other overflow its stack.) */
const MAX_NESTING = 6
/** Words with more marks than this, or with as much blank space in one place, stay as they are: what marked does with them grows with their square. */
const MAX_MARKS = 2_000
const blank = /\s{500}/u

const none = (): undefined => undefined

class Subset extends Tokenizer {
  override heading = none
  override lheading = none
  override hr = none
  override html = none
  override tag = none
  override def = none
  override table = none
  override reflink = none
  override del = none
  override url = none
  override autolink = none
  /** Four spaces in front are no code: people indent what they write. */
  override code = none

  #depth = 0

  #within<T>(look: () => T): T | undefined {
    if (this.#depth >= MAX_NESTING) return undefined
    this.#depth++
    try {
      return look()
    } finally {
      this.#depth--
    }
  }

  override blockquote(src: string): Tokens.Blockquote | undefined {
    return this.#within(() => super.blockquote(src))
  }
  override list(src: string): Tokens.List | undefined {
    return this.#within(() => super.list(src))
  }
  override emStrong(src: string, masked: string, before?: string): Tokens.Em | Tokens.Strong | undefined {
    return this.#within(() => super.emStrong(src, masked, before))
  }
  /** Only a star and a backtick lose the backslash before them: ¯\\_(ツ)_/¯ keeps its arm. */
  override escape(src: string): Tokens.Escape | undefined {
    const token = super.escape(src)
    return token && (/[*`]/.test(token.text) ? token : { ...token, text: token.raw })
  }
  override link(src: string): Tokens.Link | Tokens.Image | undefined {
    return src.startsWith('!') ? undefined : super.link(src)
  }
}

const options = { gfm: true, breaks: true }

/** Every address leads to a page or a mail, and nowhere else. */
function safeHref(href: string): string | null {
  if (!URL.canParse(href)) return null
  const url = new URL(href)
  return url.protocol === 'http:' || url.protocol === 'https:' || url.protocol === 'mailto:' ? url.href : null
}

export function blocksOf(text: string): Block[] {
  if ((text.match(/[*_`[\]<>!-]/g)?.length ?? 0) > MAX_MARKS || blank.test(text)) return lines(text)
  const lexer = new Lexer({ ...options, tokenizer: new Subset(options) })
  try {
    return blocks(lexer.lex(text))
  } catch {
    // Whatever it cannot read is words, and no message breaks the screen of those who get it.
    return lines(text)
  }
}

function lines(text: string): Block[] {
  return [{ kind: 'paragraph', inlines: words(text.trim()) }]
}

function blocks(tokens: readonly Token[]): Block[] {
  return tokens.flatMap((token): Block[] => {
    if (token.type === 'space') return []
    if (token.type === 'code') {
      const { text, lang } = token as Tokens.Code
      // Behind the fence stands a language's name, which is not shown, or words, which are.
      return text && /^[\w+#.-]*$/.test(lang ?? '') ? [{ kind: 'code', text }] : lines(token.raw)
    }
    if (token.type === 'blockquote') return [{ kind: 'quote', blocks: blocks(token.tokens ?? []) }]
    if (token.type === 'list') {
      const { ordered, start, items, raw } = token as Tokens.List
      const found = items.map(itemBlocks)
      // A dash alone is a dash.
      if (found.every((item) => item.length === 0)) return lines(raw)
      return [{ kind: 'list', ordered, start: start === '' ? 1 : start, items: found }]
    }
    return 'tokens' in token && token.tokens ? [{ kind: 'paragraph', inlines: inlines(token.tokens) }] : lines(token.raw)
  })
}

/** `[ ]` at its beginning is no box to tick here. */
function itemBlocks({ tokens, task, raw }: Tokens.ListItem): Block[] {
  const found = blocks(tokens.filter(({ type }) => type !== 'checkbox'))
  const box = task ? /\[[ xX]\]\s/.exec(raw)?.[0] : undefined
  const [first] = found
  if (box && first?.kind === 'paragraph') first.inlines.unshift({ kind: 'text', text: box })
  return found
}

function inlines(tokens: readonly Token[], inLink = false): Inline[] {
  return tokens.flatMap((token): Inline[] => {
    const inner = 'tokens' in token && token.tokens ? token.tokens : null
    if (token.type === 'br') return [{ kind: 'break' }]
    if (token.type === 'codespan') return [{ kind: 'code', text: (token as Tokens.Codespan).text }]
    if ((token.type === 'strong' || token.type === 'em') && inner)
      return [{ kind: token.type === 'em' ? 'emphasis' : 'strong', inlines: inlines(inner, inLink) }]
    if (token.type === 'link' && inner && !inLink) {
      const href = safeHref((token as Tokens.Link).href)
      return href === null ? words(token.raw) : [{ kind: 'link', href, inlines: inlines(inner, true) }]
    }
    if (token.type === 'escape') return [{ kind: 'text', text: (token as Tokens.Escape).text }]
    if (token.type === 'text' && inner) return inlines(inner, inLink)
    return inLink ? [{ kind: 'text', text: token.raw }] : words(token.raw)
  })
}

/** Addresses that stand in the words are links without being marked as such. */
function words(text: string): Inline[] {
  return partsOf(text).map((part) => (part.kind === 'text' ? part : { kind: 'link', href: part.href, inlines: [{ kind: 'text', text: part.text }] }))
}
