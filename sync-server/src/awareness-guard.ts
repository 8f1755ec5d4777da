// Awareness that cannot be forged (W1–W5): judged on the bytes, before Hocuspocus decodes them. What is not allowed is blanked, and nobody sees it.
import type { Connection } from '@hocuspocus/server'
import { MAX_AWARENESS_BYTES, MAX_AWARENESS_PER_SECOND, type UserId } from '@skein/protocol'
import * as decoding from 'lib0/decoding'
import { removeAwarenessStates, type Awareness } from 'y-protocols/awareness'

/** Ids that are remembered for one document; the oldest go first. */
export const MAX_WEARERS = 1_000

const FORGET_MS = 1_000
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

/** A connection that speaks under one awareness client id. */
export interface Wearer {
  wears: number | null
  connection: Connection | null
}

/** Who wears which awareness client id in one document, for as long as it is loaded: an id that is free for a moment is still somebody's (W4). */
export class Wearers {
  readonly #awareness: Awareness
  readonly #worn = new Map<number, { user: UserId; by: Wearer }>()

  constructor(awareness: Awareness) {
    this.#awareness = awareness
  }

  /** Whether the payload may pass: one entry, small, under a client id of one's own, saying nothing but one's own typing. Claims the id. */
  mayPass(payload: Uint8Array, user: UserId, sender: Wearer, reserved: ReadonlySet<number>): boolean {
    if (payload.length > MAX_AWARENESS_BYTES) return false
    try {
      const decoder = decoding.createDecoder(payload)
      const entries = decoding.readVarUint(decoder)
      if (entries === 0) return true
      const client = decoding.readVarUint(decoder)
      const clock = decoding.readVarUint(decoder)
      const state: unknown = JSON.parse(decoding.readVarString(decoder))
      if (entries !== 1 || decoding.hasContent(decoder) || clock > MAX_CLOCK || reserved.has(client)) return false
      const held = this.#worn.get(client)
      // One id for each connection; a person's own id may move to their new socket.
      if ((sender.wears ?? client) !== client || (held && held.user !== user) || !isTyping(state, user)) return false
      if (held && held.by !== sender) takeOff(client, held.by)
      sender.wears = client
      this.#worn.set(client, { user, by: sender })
      if (this.#worn.size > MAX_WEARERS) this.#forgetOldest()
      return true
    } catch {
      return false
    }
  }

  /** The sender's connection has ended, and with it what it said: a last word never comes (W1). */
  left(sender: Wearer): void {
    const client = sender.wears
    if (client === null) return
    sender.wears = null
    removeAwarenessStates(this.#awareness, [client], null)
  }

  #forgetOldest(): void {
    const [oldest] = this.#worn.keys()
    if (oldest === undefined) return
    this.#worn.delete(oldest)
    // Not at once: that it has gone may still be waiting to be sent.
    const { meta, states } = this.#awareness
    setTimeout(() => !this.#worn.has(oldest) && !states.has(oldest) && meta.delete(oldest), FORGET_MS).unref()
  }
}

/** The id has moved to another connection: the end of this one no longer ends what is said under it. */
function takeOff(client: number, wearer: Wearer): void {
  const { connection } = wearer
  wearer.wears = null
  connection?.document.getClients(connection).delete(client)
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
