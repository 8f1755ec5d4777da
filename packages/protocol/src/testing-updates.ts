// For tests: updates written byte by byte, so that also those can be made that no Yjs writes.
import * as encoding from 'lib0/encoding'

export interface WireStruct {
  /** 8 is ContentAny; the rest as Yjs numbers them. */
  ref?: number
  root?: string
  origin?: [client: number, clock: number]
  rightOrigin?: [client: number, clock: number]
  parentSub?: string
  values?: unknown[]
  /** Written instead of the content. */
  content?: (encoder: encoding.Encoder) => void
}
export interface WireBlock {
  client: number
  clock: number
  structs: WireStruct[]
}

const ints = (encoder: encoding.Encoder, ...numbers: number[]): void => numbers.forEach((n) => encoding.writeVarUint(encoder, n))

export function wireUpdate(blocks: WireBlock[], deletes: [client: number, clock: number, length: number][] = []): Uint8Array {
  return encoding.encode((encoder) => {
    ints(encoder, blocks.length)
    for (const { client, clock, structs } of blocks) {
      ints(encoder, structs.length, client, clock)
      for (const struct of structs) writeStruct(encoder, struct)
    }
    ints(encoder, deletes.length)
    for (const [client, clock, length] of deletes) ints(encoder, client, 1, clock, length)
  })
}

function writeStruct(encoder: encoding.Encoder, struct: WireStruct): void {
  const { ref = 8, root, origin, rightOrigin, parentSub, values = [], content } = struct
  encoding.writeUint8(encoder, ref | (origin ? 0x80 : 0) | (rightOrigin ? 0x40 : 0) | (parentSub === undefined ? 0 : 0x20))
  if (ref === 0 || ref === 10) return content?.(encoder)
  if (origin) ints(encoder, ...origin)
  if (rightOrigin) ints(encoder, ...rightOrigin)
  if (!origin && !rightOrigin) {
    ints(encoder, 1)
    encoding.writeVarString(encoder, root ?? '')
    if (parentSub !== undefined) encoding.writeVarString(encoder, parentSub)
  }
  if (content) return content(encoder)
  ints(encoder, values.length)
  for (const value of values) encoding.writeAny(encoder, value as never)
}

/** Numbers below `n`, the same for the same seed (mulberry32). */
export function seeded(seed: number): (n: number) => number {
  let state = seed
  return (n) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % n
  }
}

/** An operation id that is different for each number. */
export const testId = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`
export const testMessage = (n: number, text = `message ${n}`): object => ({ type: 'message', id: testId(n), text, at: '2026-01-01T00:00:00.000Z' })

/**
 * An update that is nearly one of a person who writes into `own` under the client ids 77 to 80: clocks that may leave a gap, origins that may point anywhere,
 * structs without content, another's root or client id (1001, and 1, the ledger's), deletions, and bytes damaged on the way.
 */
export function mutatedUpdate(
  pick: (n: number) => number,
  serial: () => number,
  about: { own: string; other: string; next: (client: number) => number },
): Uint8Array {
  const anyClient = (): number => [77, 78, 79, 80][pick(4)] ?? 77
  const client = (): number => (pick(12) ? anyClient() : ([1001, 1][pick(2)] ?? 1))
  const named = Array.from({ length: 1 + pick(3) }, client)
  // Two blocks of one client are an attack of their own; most updates have none.
  const blocks: WireBlock[] = (pick(6) ? [...new Set(named)] : named).map((id) => {
    const next = about.next(id)
    const clock = pick(3) ? next : Math.max(0, next - 1 + pick(3))
    return {
      client: id,
      clock,
      structs: Array.from({ length: 1 + pick(3) }, (_, i) => ({
        ...originOrRoot(id, clock + i),
        ...(pick(60) ? {} : { rightOrigin: [77, 0] as [number, number] }),
        values: Array.from({ length: pick(20) ? 1 + pick(2) : 0 }, () => testMessage(serial())),
      })),
    }
  })
  function originOrRoot(id: number, clock: number): { origin: [number, number] } | { root: string } {
    if (pick(2)) return { root: pick(20) ? about.own : about.other }
    const of = pick(2) ? id : client()
    return { origin: [of, of === id && pick(3) ? Math.max(0, clock - 1) : Math.max(0, about.next(of) - 1 + pick(2))] }
  }
  const update = wireUpdate(blocks, pick(60) ? [] : [[77, pick(3), 1]])
  const damage = pick(16)
  if (damage === 0) update[pick(update.length)] = pick(256)
  if (damage === 1) return update.slice(0, pick(update.length))
  if (damage === 2) return Uint8Array.from([...update, pick(256)])
  return update
}
