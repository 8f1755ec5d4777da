// A message's text, cut into words and links.
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

const emojiOnly = /^(?:\p{Emoji_Presentation}|\p{Emoji}\uFE0F|\p{Emoji_Modifier}|\u200d|\s){1,24}$/u

/** One to three emoji and nothing else are shown large. */
export function isLargeEmoji(text: string): boolean {
  if (text.length > 24 || !emojiOnly.test(text)) return false
  const count = [...new Intl.Segmenter().segment(text.replaceAll(/\s/gu, ''))].length
  return count > 0 && count <= 3
}
