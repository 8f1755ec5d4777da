// A device goes back to the last common place: what it has of a lost branch leaves its rows, to be read anew (RT17).
import type { UserId } from '@skein/protocol'
import { messageKey, sizeOf, type ChatRow, type MarkRow, type MessageRow, type Position } from '../store/rows.ts'
import { put, type Change, type LocalStore } from '../store/store.ts'
import { withoutChat } from './ingest.ts'
import { rangeAround, withoutSeq, withRange, type Ranges } from './ranges.ts'
import { hiddenUpTo } from './wish-answers.ts'

const capped = (marks: ChatRow['marks'], seq: number): ChatRow['marks'] =>
  Object.fromEntries(Object.entries(marks).map(([user, [delivered, seen]]) => [user, [Math.min(delivered, seq), Math.min(seen, seq)]]))

/** The chat's next row, and the changes that go with it; `common` null: nothing that is held is known to be common. */
export async function cutBack(
  { self, store }: { self: UserId; store: LocalStore },
  row: ChatRow,
  common: Position | null,
  mark: MarkRow | undefined,
): Promise<{ next: ChatRow; changes: Change[] }> {
  const { rev, seq } = common ?? { rev: 0, seq: 0 }
  const [entries, messages] = await Promise.all([store.list('entries', { group: row.id, from: rev + 1 }), store.list('messages', { group: row.id })])
  const isLost = (message: MessageRow): boolean => message.seq > seq || message.rev > rev
  const lost = messages.filter(isLost)
  const changes: Change[] = [
    ...entries.map((entry): Change => ({ remove: 'entries', key: `${row.id}/${entry.rev}` })),
    ...lost.map((message): Change => ({ remove: 'messages', key: messageKey(row.id, message.authorId, message.id) })),
  ]
  let ranges: Ranges = []
  for (const [from, to] of row.ranges) if (from <= seq) ranges = withRange(ranges, from, Math.min(to, seq))
  for (const message of lost) ranges = withoutSeq(ranges, message.seq)
  const kept = messages.filter((message) => !isLost(message))
  const last = kept.at(-1)
  const marks = capped(row.marks, seq)
  if (mark) changes.push(put('marks', { chat: row.id, marks: [Math.min(mark.marks[0], seq), Math.min(mark.marks[1], seq)] }))
  const seen = marks[self]?.[1] ?? 0
  const unseen = kept.filter((message) => message.seq > seen)
  const isCounted = seen >= seq || ((rangeAround(ranges, seen + 1)?.[1] ?? 0) >= seq && unseen.length === seq - seen)
  const unread = isCounted ? unseen.filter((message) => message.authorId !== self).length : Math.min(row.unread, seq - seen)
  const next: ChatRow = {
    ...hiddenUpTo(row, seq),
    position: common,
    ranges,
    // Marks of a lost branch are void, and counts start anew.
    marks,
    markPos: 0,
    bytes: Math.max(0, row.bytes - sizeOf(entries) - sizeOf(lost)),
    lastMessage: last ? withoutChat(last) : null,
    unread,
    exact: isCounted,
    countedTo: Math.min(row.countedTo, seq),
    othersSeq: Math.min(row.othersSeq, seq),
    n: row.n + 1,
    forked: false,
    cuts: (row.cuts ?? 0) + 1,
    events: (row.events ?? []).filter((event) => event.rev <= rev),
  }
  if (!common) delete next.runStart
  // What was pinned at that place nobody has kept: the server is asked.
  delete next.pins
  return { next, changes }
}
