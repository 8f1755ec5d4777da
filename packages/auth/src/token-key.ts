// The keys that sign access tokens, in DATA_DIR/keys and never in the database. The newest signs; an older one verifies until its tokens have ended.
import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { base64url } from '@skein/protocol'
import { readOrCreate, replace, type RandomBytes } from './key-file.ts'

/** Every server has read a new key when it begins to sign: they look this often, and the key waits this long. In milliseconds. */
export const RELOAD_MS = 2_000
const AHEAD_MS = 15_000
/** Tokens of an old key live for five minutes, on a server whose clock may be a little behind. */
const TOKENS_END_MS = 6 * 60_000
/** A token that names a key that is not known has the file looked at, at most so often. */
const COOLDOWN_MS = 1_000

interface Key {
  /** The key's name in a token's header and in the JWKS: its RFC 7638 thumbprint. */
  readonly id: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly jwk: JWK
  /** When it begins to sign, in milliseconds; 0: it was there from the start. */
  readonly from: number
}

/** Where a key is in its life. */
export type KeyState = 'next' | 'signs' | 'verifies' | 'ended'

/** Signs access tokens and makes refresh tokens' successors. Times in milliseconds. */
export interface TokenKey {
  /** The key that signs now. */
  signing(now: number): Key
  /** The public part of the key that a token names; undefined when there is none, or its tokens have ended. */
  verifying(id: string | undefined, now: number): Promise<KeyObject | undefined>
  /** `{keys: [...]}` with public keys alone: those that sign, will sign, or still verify. */
  jwks(now: number): { keys: JWK[] }
  list(now: number): { id: string; from: number; state: KeyState }[]
  /** 32 bytes for refresh tokens alone; the same whichever key signs. */
  readonly refreshSecret: Uint8Array
  /** Reads the file again. @throws KeyFileError; what was read before stays in use. */
  reload(): Promise<void>
}

/** An Ed25519 private key in PKCS #8 is these bytes and the 32 bytes of its seed. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const base64url32 = /^[A-Za-z0-9_-]{43}$/

const keyOf = (seed: Uint8Array): KeyObject => createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' })
const jwkOf = (key: KeyObject): JWK => key.export({ format: 'jwk' }) as JWK
const newJwk = (randomBytes: RandomBytes): JWK => jwkOf(keyOf(randomBytes(32)))

/** What the file holds, newest key first. */
interface Ring {
  keys: { privateKey: KeyObject; from: number }[]
  refreshSecret: Uint8Array
}

function parseJwk(value: unknown): KeyObject {
  const { kty, crv, d, x } = Object(value) as Record<string, unknown>
  if (kty !== 'OKP' || crv !== 'Ed25519') throw new Error('it holds no Ed25519 key')
  if (typeof d !== 'string' || !base64url32.test(d)) throw new Error('its private part "d" is not 32 bytes of base64url')
  const key = keyOf(Buffer.from(d, 'base64url'))
  if (jwkOf(key).x !== x) throw new Error('its public part "x" does not belong to its private part "d"')
  return key
}

const secretOf = (privateKey: KeyObject): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', Buffer.from(String(jwkOf(privateKey).d), 'base64url'), new Uint8Array(0), 'skein/1 refresh tokens', 32))

/** One key alone, as it is made, or a list of them, as it is after a rotation. */
function parseRing(value: unknown): Ring {
  const { keys, refreshSecret } = Object(value) as { keys?: unknown; refreshSecret?: unknown }
  if (keys === undefined) {
    const privateKey = parseJwk(value)
    return { keys: [{ privateKey, from: 0 }], refreshSecret: secretOf(privateKey) }
  }
  if (!Array.isArray(keys) || !keys.length) throw new Error('it holds no list "keys"')
  if (typeof refreshSecret !== 'string' || !base64url32.test(refreshSecret)) throw new Error('its "refreshSecret" is not 32 bytes of base64url')
  const parsed = keys.map((entry: unknown) => {
    const { from } = Object(entry) as { from?: unknown }
    if (typeof from !== 'number' || !Number.isSafeInteger(from) || from < 0) throw new Error('a key has no time "from"')
    return { privateKey: parseJwk(entry), from }
  })
  return { keys: parsed.sort((a, b) => b.from - a.from), refreshSecret: new Uint8Array(Buffer.from(refreshSecret, 'base64url')) }
}

const pathIn = (dir: string): string => join(dir, 'token-ed25519.json')
const read = (dir: string, randomBytes: RandomBytes, create = (): unknown => newJwk(randomBytes)): Promise<Ring> =>
  readOrCreate(pathIn(dir), {
    create,
    parse: parseRing,
    advice: 'Bring it back from a copy, or move it away: a new one is then made, and everybody logs in again.',
    randomBytes,
  })

const opened = (ring: Ring): Promise<Key[]> =>
  Promise.all(
    ring.keys.map(async ({ privateKey, from }) => {
      const publicKey = createPublicKey(privateKey)
      const jwk = jwkOf(publicKey)
      const id = await calculateJwkThumbprint(jwk)
      return { id, privateKey, publicKey, from, jwk: { ...jwk, kid: id, alg: 'EdDSA', use: 'sig' } }
    }),
  )

/** Of keys by their beginnings, the newest first: an older one ends with the tokens that it signed before the next one began. */
function stateOf(keys: readonly { from: number }[], index: number, now: number): KeyState {
  const signing = Math.max(
    0,
    keys.findIndex(({ from }) => from <= now),
  )
  if (index < signing) return 'next'
  if (index === signing) return 'signs'
  return now < (keys[index - 1]?.from ?? 0) + TOKENS_END_MS ? 'verifies' : 'ended'
}

/**
 * Reads `token-ed25519.json` in the keys' folder, or makes it (mode 0600).
 * @throws KeyFileError when the file is damaged or cannot be read.
 */
export async function openTokenKey(dir: string, randomBytes: RandomBytes): Promise<TokenKey> {
  const ring = await read(dir, randomBytes)
  let keys = await opened(ring)
  let lookedAt = -Infinity
  const alive = (now: number): Key[] => keys.filter((_, index) => stateOf(keys, index, now) !== 'ended')
  const reload = async (): Promise<void> => {
    // Whoever took the file away did not ask a server that runs for another one.
    const again = await read(dir, randomBytes, () => {
      throw new Error('it is not there any more')
    })
    keys = await opened(again)
  }
  return {
    signing(now) {
      const key = keys.find((_, index) => stateOf(keys, index, now) === 'signs')
      if (!key) throw new Error('No key signs')
      return key
    },
    async verifying(id, now) {
      const find = (): Key | undefined => alive(now).find((key) => key.id === id)
      if (!find() && id !== undefined && Math.abs(now - lookedAt) >= COOLDOWN_MS) {
        lookedAt = now
        // A file that cannot be read leaves the keys as they are; who reloads says so.
        await reload().catch(() => undefined)
      }
      return find()?.publicKey
    },
    jwks: (now) => ({ keys: alive(now).map(({ jwk }) => jwk) }),
    list: (now) => keys.map(({ id, from }, index) => ({ id, from, state: stateOf(keys, index, now) })),
    refreshSecret: ring.refreshSecret,
    reload,
  }
}

/**
 * Adds a key that signs from a little later on, when every server has read it; drops those whose tokens have ended. Running servers notice by themselves.
 * @throws KeyFileError
 */
export async function rotateTokenKey(dir: string, randomBytes: RandomBytes, now: number): Promise<{ id: string; from: number }> {
  const ring = await read(dir, randomBytes)
  const from = now + AHEAD_MS
  const jwk = newJwk(randomBytes)
  const old = ring.keys.filter((_, index) => stateOf(ring.keys, index, now) !== 'ended')
  const keys = [{ ...jwk, from }, ...old.map((key) => ({ ...jwkOf(key.privateKey), from: key.from }))]
  await replace(pathIn(dir), { refreshSecret: base64url(ring.refreshSecret), keys }, randomBytes)
  return { id: await calculateJwkThumbprint(jwk), from }
}
