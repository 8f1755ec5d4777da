// All emoji with their names, by group, and the search in them. Loaded when somebody first asks for them: names by Unicode, further words by emojilib.
import words from 'emojilib'
import groups from 'unicode-emoji-json/data-by-group.json'
import { fold } from './lists.ts'

export interface Emoji {
  emoji: string
  name: string
}
export interface EmojiGroup {
  name: string
  emojis: readonly Emoji[]
}

/** What came later is drawn as two signs or none on many devices. */
const NEWEST_VERSION = 15.1

const known: readonly { name: string; emojis: readonly { emoji: string; name: string; emoji_version: string }[] }[] = groups
const wordsOf: Partial<Record<string, string[]>> = words

export const emojiGroups: readonly EmojiGroup[] = known.map(({ name, emojis }) => ({
  name,
  emojis: emojis.filter((one) => Number(one.emoji_version) <= NEWEST_VERSION).map((one) => ({ emoji: one.emoji, name: one.name })),
}))

const searched = emojiGroups
  .flatMap(({ emojis }) => emojis)
  .map((one) => ({ one, words: [...fold(one.name).split(/[\s:,-]+/u), ...(wordsOf[one.emoji] ?? []).flatMap((word) => fold(word).split('_'))] }))

/** Every word typed begins a word of the emoji's; those whose own name it begins come first. */
export function findEmoji(typed: string): Emoji[] {
  const wanted = fold(typed).split(/\s+/u).filter(Boolean)
  const found = searched.filter(({ words: own }) => wanted.every((word) => own.some((mine) => mine.startsWith(word))))
  const begins = ({ one }: { one: Emoji }): boolean => fold(one.name).startsWith(wanted.join(' '))
  return [...found.filter(begins), ...found.filter((one) => !begins(one))].map(({ one }) => one)
}
