// Several messages at once. Pure.
import type { MessageItem, Person } from '@skein/engine'
import { plural } from '../languages/language.ts'
import { authorName, placeTime } from './rows.ts'
import { fullTime } from './times.ts'

export const selectedText = (count: number): string => plural(count, '# message selected', '# messages selected')

/** What can be selected: words that are there. */
export const selectable = (item: MessageItem): boolean => item.deletedAt === null && item.status !== 'set-aside'

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

/** In the order in which they stand, as they are now; what was deleted meanwhile is left out. */
export function inOrder(selected: ReadonlyMap<string, MessageItem>, shown: readonly MessageItem[]): MessageItem[] {
  const now = new Map(shown.map((item) => [item.key, item]))
  const items = [...selected.values()].map((item) => now.get(item.key) ?? item).filter(selectable)
  return items.sort(
    (a, b) => (a.seq || Number.MAX_SAFE_INTEGER) - (b.seq || Number.MAX_SAFE_INTEGER) || Date.parse(a.createdAt) - Date.parse(b.createdAt),
  )
}
