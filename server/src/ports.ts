// The clock, randomness and hashing that every part is handed.
import { hash, randomBytes } from 'node:crypto'

export const ports = {
  now: (): number => Date.now(),
  randomBytes: (count: number): Uint8Array => randomBytes(count),
  sha256: (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer'),
}
export type Ports = typeof ports
