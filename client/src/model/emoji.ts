// All emoji with their names, by group, and the search in them. Loaded when somebody first asks for them: English names by Unicode with further words by emojilib, those of other
// languages by CLDR, each loaded when it is what is shown.
import words from 'emojilib'
import groups from 'unicode-emoji-json/data-by-group.json'
import type { Language } from '../languages/known.ts'
import { fold } from './lists.ts'

export interface Emoji {
  emoji: string
  name: string
}
export interface EmojiGroup {
  /** By what Unicode calls it. */
  name: string
  emojis: readonly Emoji[]
}
export interface EmojiTable {
  groups: readonly EmojiGroup[]
  /** Every word typed begins a word of the emoji's, in the language that is shown or in English; those whose own name it begins come first. */
  find(typed: string): Emoji[]
}

/** What came later is drawn as two signs or none on many devices. */
const NEWEST_VERSION = 15.1

const known: readonly { name: string; emojis: readonly { emoji: string; name: string; emoji_version: string }[] }[] = groups
const wordsOf: Partial<Record<string, string[]>> = words

/** What CLDR has of one sign: its name, and words that people look for it by. */
interface Annotation {
  default?: string[]
  tts?: string[]
}
type Annotations = Partial<Record<string, Annotation>>
const loaders: Record<Exclude<Language, 'en'>, () => Promise<{ default: { annotations: { annotations: Annotations } } }>> = {
  hu: () => import('cldr-annotations-full/annotations/hu/annotations.json'),
  ar: () => import('cldr-annotations-full/annotations/ar/annotations.json'),
}

const tables = new Map<Language, EmojiTable>()
/** In English where the language's own names cannot be had. */
export async function emojiIn(language: Language): Promise<EmojiTable> {
  const made = tables.get(language)
  if (made) return made
  const annotations = language === 'en' ? null : await loaders[language]().catch(() => null)
  if (language !== 'en' && annotations === null) return emojiIn('en')
  const table = tableOf(annotations?.default.annotations.annotations ?? {}, annotations ? new Intl.DisplayNames(language, { type: 'region' }) : null)
  tables.set(language, table)
  return table
}

const spaces = /[\s:,_-]+/u
const wordsIn = (texts: readonly string[]): string[] => texts.flatMap((text) => fold(text).split(spaces))

function tableOf(annotations: Annotations, regions: Intl.DisplayNames | null): EmojiTable {
  // CLDR's signs stand without the mark that asks for colours.
  const of = (sign: string): Annotation | undefined => annotations[sign] ?? annotations[sign.replaceAll('\u{FE0F}', '')]
  const nameOf = (emoji: string, english: string): string => {
    const country = regions && countryOf(emoji)
    if (country) return regions.of(country) ?? english
    // What is joined of several, and has no name of its own, is called by its parts: a family.
    const parts = emoji.split('\u{200D}').map((sign) => of(sign)?.tts?.[0] ?? '')
    return of(emoji)?.tts?.[0] ?? (parts.every(Boolean) ? parts.join(', ') : english)
  }
  const searched: { one: Emoji; words: string[]; english: string }[] = []
  const shown = known.map(({ name: group, emojis }) => ({
    name: group,
    emojis: emojis
      .filter((one) => Number(one.emoji_version) <= NEWEST_VERSION)
      .map(({ emoji, name: english }) => {
        const one = { emoji, name: nameOf(emoji, english) }
        searched.push({ one, english, words: wordsIn([one.name, english, ...(of(emoji)?.default ?? []), ...(wordsOf[emoji] ?? [])]) })
        return one
      }),
  }))
  return {
    groups: shown,
    find(typed) {
      const wanted = fold(typed).split(/\s+/u).filter(Boolean)
      const found = searched.filter(({ words: own }) => wanted.every((word) => own.some((mine) => mine.startsWith(word))))
      const begins = ({ one, english }: (typeof searched)[number]): boolean =>
        [one.name, english].some((name) => fold(name).startsWith(wanted.join(' ')))
      return [...found.filter(begins), ...found.filter((one) => !begins(one))].map(({ one }) => one)
    },
  }
}

/** HU of 🇭🇺, which is written with two letters of their own kind. */
function countryOf(emoji: string): string | null {
  if (!/^\p{Regional_Indicator}{2}$/u.test(emoji)) return null
  return Array.from(emoji, (sign) => String.fromCodePoint((sign.codePointAt(0) ?? 0) - 0x1f1e6 + 0x41)).join('')
}
