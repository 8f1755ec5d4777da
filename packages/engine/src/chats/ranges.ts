// Which seqs of a chat are held as rows: ascending ranges, apart from each other.
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
