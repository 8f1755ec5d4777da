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
