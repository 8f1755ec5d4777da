// How many unread messages the server counts, made this device's own.
import type { ChatRow, Marks } from '../store/rows.ts'
import { latestSeq } from './ranges.ts'
import { othersIn, type Held } from './unread.ts'

/** The server's count: it holds where it was counted from the mark that this device has, and is carried on to what this device has heard since. */
export async function withServerCount(
  row: ChatRow,
  { unread, seq, marks }: { unread: number; seq: number; marks: Readonly<Record<string, Marks>> },
  held: Held,
): Promise<ChatRow> {
  if ((row.marks[held.self]?.[1] ?? 0) !== (marks[held.self]?.[1] ?? 0)) return row
  const end = Math.max(latestSeq(row), row.countedTo)
  const since = await othersIn(row, held, seq, end)
  return since === null ? row : { ...row, unread: unread + since, countedTo: Math.max(seq, end), exact: true }
}
