// Which seqs of a chat are held as rows: ascending ranges, apart from each other.
import type { ChatRow } from '../store/rows.ts'

export type Ranges = [from: number, to: number][]

export function withRange(ranges: Ranges, from: number, to: number): Ranges {
  const result: Ranges = []
  let merged: [number, number] = [from, to]
  for (const range of ranges) {
    if (range[1] < merged[0] - 1 || range[0] > merged[1] + 1) result.push(range)
    else merged = [Math.min(merged[0], range[0]), Math.max(merged[1], range[1])]
  }
  return [...result, merged].sort((a, b) => a[0] - b[0])
}

export const withSeq = (ranges: Ranges, seq: number): Ranges => withRange(ranges, seq, seq)

/** The range that holds a seq. */
export const rangeAround = (ranges: Ranges, seq: number): [number, number] | undefined => ranges.find(([from, to]) => from <= seq && seq <= to)

export const withoutSeq = (ranges: Ranges, seq: number): Ranges =>
  ranges.flatMap(([from, to]): Ranges => {
    if (seq < from || seq > to) return [[from, to]]
    return [...(from < seq ? ([[from, seq - 1]] as Ranges) : []), ...(seq < to ? ([[seq + 1, to]] as Ranges) : [])]
  })

/** Without everything up to a seq. */
export const rangesAbove = (ranges: Ranges, seq: number): Ranges =>
  ranges.flatMap(([from, to]): Ranges => (to <= seq ? [] : [[Math.max(from, seq + 1), to]]))

/** The greatest seq up to `latest` that is not held; 0 when all are. */
export function lastGap(ranges: Ranges, latest: number): number {
  let gap = latest
  for (const [from, to] of ranges.toReversed()) if (to >= gap) gap = Math.min(gap, from - 1)
  return gap
}

export const countOf = (ranges: Ranges): number => ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0)

/** The first seq that this person may see. */
export const firstSeq = (chat: ChatRow | undefined): number => (chat?.historyFrom ?? 0) + 1

/** The newest seq that is known of. */
export const latestSeq = (chat: ChatRow): number => Math.max(chat.position?.seq ?? 0, chat.ranges.at(-1)?.[1] ?? 0)
