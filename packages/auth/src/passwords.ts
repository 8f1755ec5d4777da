// Passwords: argon2id, encoded with its parameters (PHC string), so that they can rise; a bounded queue, since each hash takes 19 MiB.
import { argon2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { RandomBytes } from './key-file.ts'

export interface Passwords {
  /** @throws TooManyHashes */
  hash: (password: string) => Promise<string>
  /**
   * Constant in shape: without a person (`null`) the same work is done and the answer is false.
   * @throws TooManyHashes
   */
  verify: (password: string, encoded: string | null) => Promise<boolean>
  /** Whether a hash was made with less than what is used now: then its password is hashed anew when it is next seen. */
  isOutdated: (encoded: string) => boolean
}

/** So many log-ins at once that another one would have to wait too long; try again later. */
export class TooManyHashes extends Error {
  constructor() {
    super('Too many passwords are being checked at this moment.')
    this.name = 'TooManyHashes'
  }
}

type Parameters = { memory: number; passes: number; parallelism: number }

/** OWASP's second choice for argon2id: 19 MiB, two passes. */
const present: Parameters = { memory: 19_456, passes: 2, parallelism: 1 }
const HASHES_AT_ONCE = 2
/** At about 50 ms each: nobody waits longer than 2 s. */
const HASHES_WAITING = 64
const saltBytes = 16
const hashBytes = 32

const derive = promisify(argon2)
const unpadded = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '')
const encode = (p: Parameters, salt: Uint8Array, hash: Uint8Array): string =>
  `$argon2id$v=19$m=${p.memory},t=${p.passes},p=${p.parallelism}$${unpadded(salt)}$${unpadded(hash)}`

const phc = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,86})$/

function decode(encoded: string): Parameters & { salt: Buffer; hash: Buffer } {
  const [, memory, passes, parallelism, salt = '', hash = ''] = phc.exec(encoded) ?? []
  if (!hash) throw new TypeError('Not an argon2id password hash')
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  }
}

/** Runs a few at once and lets a bounded number wait, first come first served. */
function createQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running < HASHES_AT_ONCE) running++
    else if (waiting.length >= HASHES_WAITING) throw new TooManyHashes()
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      // The place goes straight to the next one, so that nobody slips in between.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}

/** One for each process: the bound is on its memory. */
export function createPasswords(randomBytes: RandomBytes): Passwords {
  const queued = createQueue()
  const run = (password: string, salt: Uint8Array, tagLength: number, { memory, passes, parallelism }: Parameters): Promise<Buffer> =>
    // Two keyboards may spell the same letters in different code points.
    queued(() => derive('argon2id', { message: password.normalize('NFKC'), nonce: salt, tagLength, memory, passes, parallelism }))
  const nobody = encode(present, randomBytes(saltBytes), randomBytes(hashBytes))
  return {
    async hash(password) {
      const salt = randomBytes(saltBytes)
      return encode(present, salt, await run(password, salt, hashBytes, present))
    },
    async verify(password, encoded) {
      const { salt, hash, ...parameters } = decode(encoded ?? nobody)
      const equal = timingSafeEqual(await run(password, salt, hash.length, parameters), hash)
      return equal && encoded !== null
    },
    isOutdated(encoded) {
      const { memory, passes, hash } = decode(encoded)
      return memory < present.memory || passes < present.passes || hash.length < hashBytes
    },
  }
}
