// Awareness that cannot be forged (W1–W5): judged on the bytes, before Hocuspocus decodes them. What is not allowed is blanked, and nobody sees it.
import { MAX_AWARENESS_BYTES, MAX_AWARENESS_PER_SECOND, type UserId } from '@skein/protocol'
import * as decoding from 'lib0/decoding'

/** Who wears which awareness client id in one document, for as long as it is loaded: an id that is free for a moment is still somebody's (W4). */
export type Wearers = Map<number, UserId>
/** Ids that are remembered for one document; the oldest go first. */
const MAX_WEARERS = 1_000

const MAX_CLOCK = 2 ** 31
const allowedKeys = new Set(['user', 'typing', 'until'])

/** Frames a second of one connection. */
export class Rate {
  #second = 0
  #count = 0
  /** How many there were in this second, with this one. */
  count(now: number): number {
    const second = Math.floor(now / 1000)
    if (second !== this.#second) [this.#second, this.#count] = [second, 0]
    return ++this.#count
  }
}

/** Whether the payload may pass: one entry, small, under a client id of one's own, saying nothing but one's own typing. Claims the id. */
export function mayPass(
  payload: Uint8Array,
  user: UserId,
  sender: { wears: number | null },
  wearers: Wearers,
  reserved: ReadonlySet<number>,
): boolean {
  if (payload.length > MAX_AWARENESS_BYTES) return false
  try {
    const decoder = decoding.createDecoder(payload)
    const entries = decoding.readVarUint(decoder)
    if (entries === 0) return true
    const client = decoding.readVarUint(decoder)
    const clock = decoding.readVarUint(decoder)
    const state: unknown = JSON.parse(decoding.readVarString(decoder))
    if (entries !== 1 || decoding.hasContent(decoder) || clock > MAX_CLOCK || reserved.has(client)) return false
    // One id for each connection; a person's own id may move to their new socket.
    if ((sender.wears ?? client) !== client || (wearers.get(client) ?? user) !== user || !isTyping(state, user)) return false
    sender.wears = client
    wearers.set(client, user)
    const [oldest] = wearers.keys()
    if (wearers.size > MAX_WEARERS && oldest !== undefined) wearers.delete(oldest)
    return true
  } catch {
    return false
  }
}

function isTyping(state: unknown, user: UserId): boolean {
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return false
  if (!Object.keys(state).every((key) => allowedKeys.has(key))) return false
  const { user: claimed, typing, until }: { user?: unknown; typing?: unknown; until?: unknown } = state
  return claimed === user && typeof typing === 'boolean' && (until === undefined || typeof until === 'number')
}

/** Frames a second above which they are dropped, and above which the connection is closed. */
export const DROP_ABOVE = MAX_AWARENESS_PER_SECOND
export const CLOSE_ABOVE = MAX_AWARENESS_PER_SECOND * 20
