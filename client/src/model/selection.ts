// Several messages at once: which they are. Pure.
import type { MessageItem } from '@skein/engine'

/** What can be selected: words that are there. */
export const selectable = (item: MessageItem): boolean => item.deletedAt === null && item.status !== 'set-aside'

/** In the order in which they stand, as they are now; what was deleted meanwhile is left out. */
export function inOrder(selected: ReadonlyMap<string, MessageItem>, shown: readonly MessageItem[]): MessageItem[] {
  const now = new Map(shown.map((item) => [item.key, item]))
  const items = [...selected.values()].map((item) => now.get(item.key) ?? item).filter(selectable)
  return items.sort(
    (a, b) => (a.seq || Number.MAX_SAFE_INTEGER) - (b.seq || Number.MAX_SAFE_INTEGER) || Date.parse(a.createdAt) - Date.parse(b.createdAt),
  )
}
