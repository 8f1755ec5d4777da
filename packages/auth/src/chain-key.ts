// The keys under the chain's tags: numbered, old ones kept, in DATA_DIR/keys and never in the database, so that a restored database can still be healed.
import { hash, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { base64url } from '@skein/protocol'
import { readOrCreate, type RandomBytes } from './key-file.ts'

/** Makes and verifies tags: `<key number>.<16 bytes base64url>`. */
export interface ChainKey {
  /** With the newest key. */
  tag: (bytes: Uint8Array) => string
  /** With the key that the tag names; false when there is no such key. */
  verifyTag: (bytes: Uint8Array, tag: string) => boolean
}

const blockBytes = 64
const tagPattern = /^([1-9][0-9]{0,8})\.([A-Za-z0-9_-]{22})$/

/** HMAC-SHA-256 as two one-shot hashes, a sixth of what `createHmac` costs for short input (RT13). */
function hmacOf(key: Uint8Array): (bytes: Uint8Array) => Buffer {
  const inner = new Uint8Array(blockBytes).fill(0x36)
  const outer = new Uint8Array(blockBytes).fill(0x5c)
  key.forEach((byte, i) => {
    inner[i] = byte ^ 0x36
    outer[i] = byte ^ 0x5c
  })
  return (bytes) => hash('sha256', Buffer.concat([outer, hash('sha256', Buffer.concat([inner, bytes]), 'buffer')]), 'buffer')
}

function parseKeys(value: unknown): Map<number, Uint8Array> {
  const { keys } = Object(value) as { keys?: unknown }
  if (!Array.isArray(keys) || !keys.length) throw new Error('it holds no list "keys"')
  const byNumber = new Map<number, Uint8Array>()
  for (const entry of keys) {
    const { number, key } = Object(entry) as Record<string, unknown>
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 1) throw new Error('a key has no number')
    if (typeof key !== 'string' || !/^[A-Za-z0-9_-]{43}$/.test(key)) throw new Error(`key ${number} is not 32 bytes of base64url`)
    if (byNumber.has(number)) throw new Error(`key ${number} stands there twice`)
    byNumber.set(number, Buffer.from(key, 'base64url'))
  }
  return byNumber
}

/**
 * Reads `chain.json` in the keys' folder, or makes it with key 1 (mode 0600).
 * @throws KeyFileError when the file is damaged or cannot be read.
 */
export async function openChainKey(dir: string, randomBytes: RandomBytes): Promise<ChainKey> {
  const keys = await readOrCreate(join(dir, 'chain.json'), {
    create: () => ({ keys: [{ number: 1, key: base64url(randomBytes(32)) }] }),
    parse: parseKeys,
    advice: 'Bring it back from a copy. Without it a restored database takes back from each person only their own words.',
    randomBytes,
  })
  const hmacs = new Map(Array.from(keys, ([number, key]) => [number, hmacOf(key)]))
  const newest = Math.max(...keys.keys())
  const mac = (number: number, bytes: Uint8Array): Uint8Array | undefined => hmacs.get(number)?.(bytes).subarray(0, 16)
  return {
    tag: (bytes) => `${newest}.${base64url(mac(newest, bytes) ?? new Uint8Array(0))}`,
    verifyTag(bytes, tag) {
      const [, number, text] = tagPattern.exec(tag) ?? []
      const expected = mac(Number(number), bytes)
      const offered = Buffer.from(text ?? '', 'base64url')
      // Compared as text too: two spellings of the same bytes would be two tags.
      return expected !== undefined && offered.length === 16 && timingSafeEqual(expected, offered) && base64url(offered) === text
    },
  }
}
