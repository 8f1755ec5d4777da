// The clock, randomness and hashing that every part is handed.
import { createHash, randomBytes } from 'node:crypto'

export const ports = {
  now: (): number => Date.now(),
  randomBytes: (count: number): Uint8Array => randomBytes(count),
  sha256: (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest(),
}
export type Ports = typeof ports
