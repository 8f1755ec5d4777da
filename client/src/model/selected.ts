// Several messages at once: what can be done with them. Pure.
import type { MessageItem, Person } from '@skein/engine'
import { plural } from '../languages/language.ts'
import { authorName, placeTime } from './rows.ts'
import { fullTime } from './times.ts'

export const selectedText = (count: number): string => plural(count, '# message selected', '# messages selected')

/** Only one's own words can be deleted for everyone. */
export const deletable = (items: readonly MessageItem[]): boolean => items.length > 0 && items.every(({ own }) => own)

/** What has a place in the chat can be hidden from oneself; what has none is taken back. */
export const hideable = (items: readonly MessageItem[]): boolean => items.length > 0 && items.every(({ seq }) => seq > 0)

/** One message as its words; several with who wrote each and when. */
export function copyOf(items: readonly MessageItem[], members: readonly { id: string; name: string }[], people: readonly Person[]): string {
  const [first] = items
  if (first && items.length === 1) return first.text
  return items.map((item) => `${authorName(item, members, people)}, ${fullTime(placeTime(item))}\n${item.text}`).join('\n\n')
}
