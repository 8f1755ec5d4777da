// A message's text, cut into words, links and the people it names.
export type TextPart = { kind: 'text'; text: string } | { kind: 'link'; text: string; href: string }

const link = /\bhttps?:\/\/[^\s<>"']+/giu
const trailing = /[.,;:!?)\]}]+$/u

/** Links are http and https only; the full stop after an address belongs to the sentence. */
export function partsOf(text: string): TextPart[] {
  const parts: TextPart[] = []
  let end = 0
  for (const match of text.matchAll(link)) {
    const address = balanced(match[0])
    if (!URL.canParse(address)) continue
    if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) })
    parts.push({ kind: 'link', text: address, href: new URL(address).href })
    end = match.index + address.length
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) })
  return parts
}

/** Keeps a closing bracket that was opened inside the address. */
function balanced(address: string): string {
  const cut = address.replace(trailing, '')
  const next = address.at(cut.length)
  return next === ')' && cut.split('(').length > cut.split(')').length ? `${cut})` : cut
}

/** A quick look at whether the text may hold Markdown, before what reads it is loaded. */
export const mayBeMarkdown = (text: string): boolean => /[*_`]|\]\(|^[ \t]{0,20}(?:[-+>]|\d{1,9}[.)]\s)/mu.test(text)

const LINE_LENGTH = 200
/** A message in one line, without the marks of Markdown. */
export const lineOf = (text: string): string =>
  text
    .slice(0, LINE_LENGTH * 2)
    .replaceAll(/^[ \t]{0,3}(?:>[ \t]?)+/gmu, '')
    .replaceAll(/\[([^\]]{1,200})\]\([^)\s]{1,400}\)/gu, '$1')
    .replaceAll(/(?<![\p{L}\p{N}])(\*\*|__|[*_`])(?=\S)([^*_`]+)(?<=\S)\1(?![\p{L}\p{N}])/gu, '$2')
    .replaceAll(/\s+/gu, ' ')
    .trim()
    .slice(0, LINE_LENGTH)

export interface Named {
  id: string
  name: string
}
export type NamedPart = { kind: 'text'; text: string } | { kind: 'mention'; text: string; id: string }

/** Words with `@name` of somebody whom the message mentions set apart; of two names that fit the longer one. */
export function withMentions(text: string, people: readonly Named[]): NamedPart[] {
  const parts: NamedPart[] = []
  const longest = people.toSorted((a, b) => b.name.length - a.name.length)
  let from = 0
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    if (at < from || /[\p{L}\p{N}]/u.test(text.charAt(at - 1))) continue
    const who = longest.find(({ name }) => text.startsWith(name, at + 1) && !/[\p{L}\p{N}]/u.test(text.charAt(at + 1 + name.length)))
    if (!who) continue
    if (at > from) parts.push({ kind: 'text', text: text.slice(from, at) })
    from = at + 1 + who.name.length
    parts.push({ kind: 'mention', text: text.slice(at, from), id: who.id })
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) })
  return parts
}

const emojiOnly = /^(?:\p{Emoji_Presentation}|\p{Emoji}\uFE0F|\p{Emoji_Modifier}|\u200d|\s){1,24}$/u

/** One to three emoji and nothing else are shown large. */
export function isLargeEmoji(text: string): boolean {
  if (text.length > 24 || !emojiOnly.test(text)) return false
  const count = [...new Intl.Segmenter().segment(text.replaceAll(/\s/gu, ''))].length
  return count > 0 && count <= 3
}
