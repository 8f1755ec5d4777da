// Marks and unread counts of a chat's row. A mark only rises.
import type { UserId } from '@skein/protocol'
import type { LocalStore } from '../store/store.ts'
import type { ChatRow, Marks, MessageRow } from '../store/rows.ts'
import { latestSeq, rangeAround } from './ranges.ts'

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

/** Where rows are read from: the store, and those that are about to be written. */
export interface Held {
  self: UserId
  store: LocalStore
  fresh?: readonly MessageRow[]
}

/** Messages of others in (after, to]; null where not all of them are held, whatever the ranges say: a full disk may have kept the row that tells of what it lost from being written. */
export async function othersIn(row: ChatRow, { self, store, fresh = [] }: Held, after: number, to: number): Promise<number | null> {
  if (after >= to) return 0
  const range = rangeAround(row.ranges, after + 1)
  if (!range || range[1] < to) return null
  const rows = [...(await store.list('messages', { group: row.id, from: after + 1, to })), ...fresh]
  const authors = new Map(rows.filter(({ seq }) => seq > after && seq <= to).map(({ seq, authorId }) => [seq, authorId]))
  if (authors.size < to - after) return null
  return [...authors.values()].filter((author) => author !== self).length
}

/** Greater marks, and the unread count put right where one's own seen mark rose: from the rows between, else from those above; else it is left to the server. Null when nothing rises. */
export async function withMarksCounted(before: ChatRow, marks: Readonly<Record<string, Marks>>, held: Held): Promise<ChatRow | null> {
  const { self } = held
  const row = withMarks(before, marks)
  if (!row) return null
  const was = before.marks[self]?.[1] ?? 0
  const seen = row.marks[self]?.[1] ?? 0
  if (seen === was) return row
  const end = Math.max(latestSeq(row), row.countedTo)
  if (seen >= end) return { ...row, unread: 0, countedTo: end, exact: true }
  const passed = row.exact && seen <= row.countedTo ? await othersIn(row, held, was, seen) : null
  if (passed !== null) return { ...row, unread: row.unread - passed }
  const above = await othersIn(row, held, seen, end)
  if (above !== null) return { ...row, unread: above, countedTo: end, exact: true }
  return { ...row, unread: Math.min(row.unread, end - seen), countedTo: end, exact: false }
}
