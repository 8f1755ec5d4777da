// The run that a device holds of a chat: the consecutive entries that end where its rows do, as they are offered to a server that has lost them.
import {
  entryOf,
  MAX_HEADS_PER_QUESTION,
  MAX_RUN_BYTES,
  MAX_RUN_ENTRIES,
  nextHead,
  type ChatId,
  type Entry,
  type Run,
  type Sha256,
} from '@skein/protocol'
import { type ChatRow, type Position } from '../store/rows.ts'
import { startOf } from '../store/start-of.ts'
import type { LocalStore } from '../store/store.ts'

export interface HeldRun {
  chat: ChatId
  entries: Entry[]
  /** The place before the first entry, and the one after each. */
  places: [Position, ...Position[]]
}

/** Leaves room in a request for what stands around its entries. */
const PIECE_BYTES = MAX_RUN_BYTES - 64 * 1024

/** Empty where the rows are not whole: then they prove nothing. */
export async function heldRun(store: LocalStore, row: ChatRow, position: Position, sha256: Sha256): Promise<HeldRun> {
  const start = row.runStart ?? startOf(row.id, sha256)
  const entries = (await store.list('entries', { group: row.id, from: start.rev + 1, to: position.rev })).map(entryOf)
  const places: [Position, ...Position[]] = [start]
  let place = start
  for (const entry of entries) {
    if (entry.rev !== place.rev + 1) break
    place = { rev: entry.rev, seq: entry.seq || place.seq, head: nextHead(place.head, entry, sha256) }
    places.push(place)
  }
  return place.rev === position.rev && place.head === position.head
    ? { chat: row.id, entries, places }
    : { chat: row.id, entries: [], places: [position] }
}

/** Places from the end backwards, at doubling distances, and the first: enough to find the last common one nearly. */
export function someOf({ places }: HeldRun): Position[] {
  const chosen: Position[] = []
  for (let back = 0; back < places.length && chosen.length < MAX_HEADS_PER_QUESTION - 1; back = back * 2 + 1) {
    const place = places.at(-1 - back)
    if (place) chosen.push(place)
  }
  return chosen.includes(places[0]) ? chosen : [...chosen, places[0]]
}

/** What follows the entry at index `from`, in pieces that a request may hold, each up to a tag as far as there is one. */
export function* piecesOf({ entries, places }: HeldRun, from: number): Generator<Run> {
  for (let index = from; index < entries.length;) {
    let end = index
    let tagged = index
    let bytes = 0
    for (const entry of entries.slice(index, index + MAX_RUN_ENTRIES)) {
      bytes += encoder.encode(JSON.stringify(entry)).length + 1
      if (bytes > PIECE_BYTES && end > index) break
      end++
      if (entry.tag !== null) tagged = end
    }
    if (tagged > index) end = tagged
    const { rev, head } = places[index] ?? places[0]
    yield { start: { rev, head }, entries: entries.slice(index, end) }
    index = end
  }
}
const encoder = new TextEncoder()
