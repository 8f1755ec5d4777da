// Marks and unread counts of a chat's row. A mark only rises.
import type { UserId } from '@skein/protocol'
import type { LocalStore } from '../store/store.ts'
import type { ChatRow, Marks, MessageRow } from '../store/rows.ts'
import { latestSeq } from './history.ts'
import { rangeAround } from './ranges.ts'

/** The row with greater marks where `marks` has them; null when nothing rises. */
export function withMarks(row: ChatRow, marks: Readonly<Record<string, Marks>>): ChatRow | null {
  let next: ChatRow | null = null
  for (const [user, [delivered, seen]] of Object.entries(marks)) {
    const before = (next ?? row).marks[user as UserId] ?? [0, 0]
    const after: Marks = [Math.max(before[0], delivered, seen), Math.max(before[1], seen)]
    if (after[0] === before[0] && after[1] === before[1]) continue
    next = { ...(next ?? row), marks: { ...(next ?? row).marks, [user]: after } }
  }
  return next
}

/** Counts again after one's own seen mark rose: exactly where the rows above it are held, else no more than there can be. `fresh` are rows that are written with this one. */
export async function withUnread(row: ChatRow, self: UserId, store: LocalStore, fresh: readonly MessageRow[] = []): Promise<ChatRow> {
  const seen = row.marks[self]?.[1] ?? 0
  const end = latestSeq(row)
  if (seen >= end) return { ...row, unread: 0, countedTo: end }
  const range = rangeAround(row.ranges, seen + 1)
  if (!range || range[1] < end) return { ...row, unread: Math.min(row.unread, end - seen), countedTo: Math.max(row.countedTo, end) }
  const authors = new Map<number, UserId>()
  for (const { seq, authorId } of await store.list('messages', { group: row.id, from: seen + 1, to: end })) authors.set(seq, authorId)
  for (const { seq, authorId } of fresh) if (seq > seen) authors.set(seq, authorId)
  return { ...row, unread: [...authors.values()].filter((author) => author !== self).length, countedTo: end }
}
