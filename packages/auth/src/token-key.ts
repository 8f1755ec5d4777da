// The key that signs access tokens, in DATA_DIR/keys and never in the database.
import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { readOrCreate, type RandomBytes } from './key-file.ts'

/** Signs access tokens and makes refresh tokens' successors. */
export interface TokenKey {
  /** The key's name in a token's header and in the JWKS: its RFC 7638 thumbprint. */
  readonly id: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** `{keys: [...]}` with the public key alone. */
  readonly jwks: { keys: JWK[] }
  /** 32 bytes derived from the private key, for refresh tokens alone. */
  readonly refreshSecret: Uint8Array
}

/** An Ed25519 private key in PKCS #8 is these bytes and the 32 bytes of its seed. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const base64url32 = /^[A-Za-z0-9_-]{43}$/

const keyOf = (seed: Uint8Array): KeyObject => createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' })
const jwkOf = (key: KeyObject): JWK => key.export({ format: 'jwk' }) as JWK

function parseJwk(value: unknown): KeyObject {
  const { kty, crv, d, x } = Object(value) as Record<string, unknown>
  if (kty !== 'OKP' || crv !== 'Ed25519') throw new Error('it holds no Ed25519 key')
  if (typeof d !== 'string' || !base64url32.test(d)) throw new Error('its private part "d" is not 32 bytes of base64url')
  const key = keyOf(Buffer.from(d, 'base64url'))
  if (jwkOf(key).x !== x) throw new Error('its public part "x" does not belong to its private part "d"')
  return key
}

/**
 * Reads `token-ed25519.json` in the keys' folder, or makes it (mode 0600).
 * @throws KeyFileError when the file is damaged or cannot be read.
 */
export async function openTokenKey(dir: string, randomBytes: RandomBytes): Promise<TokenKey> {
  const privateKey = await readOrCreate(join(dir, 'token-ed25519.json'), {
    create: () => jwkOf(keyOf(randomBytes(32))),
    parse: parseJwk,
    advice: 'Bring it back from a copy, or move it away: a new one is then made, and everybody logs in again.',
    randomBytes,
  })
  const publicKey = createPublicKey(privateKey)
  const jwk = jwkOf(publicKey)
  const id = await calculateJwkThumbprint(jwk)
  const seed = Buffer.from(String(jwkOf(privateKey).d), 'base64url')
  const refreshSecret = new Uint8Array(hkdfSync('sha256', seed, new Uint8Array(0), 'skein/1 refresh tokens', 32))
  return { id, privateKey, publicKey, jwks: { keys: [{ ...jwk, kid: id, alg: 'EdDSA', use: 'sig' }] }, refreshSecret }
}
