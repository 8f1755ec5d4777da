// Keys of issuers that tests start: made anew each time, published as a key set, and signing whatever claims they are given.
import { createHash, createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

export interface SigningKey {
  privateKey: KeyObject
  publicKey: KeyObject
  kid: string
}

export function newSigningKey(): SigningKey {
  const pair = generateKeyPairSync('ed25519')
  const { x = '' } = pair.publicKey.export({ format: 'jwk' })
  return { ...pair, kid: createHash('sha256').update(x).digest('base64url') }
}

export const publicKeys = (keys: SigningKey[]): object => ({
  keys: keys.map(({ publicKey, kid }) => ({ ...publicKey.export({ format: 'jwk' }), kid, alg: 'EdDSA', use: 'sig' })),
})

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

export function signedBy({ privateKey, kid }: SigningKey, claims: unknown): string {
  const head = `${encoded({ alg: 'EdDSA', typ: 'JWT', kid })}.${encoded(claims)}`
  return `${head}.${sign(null, Buffer.from(head), privateKey).toString('base64url')}`
}

/** As somebody signs who has no key of the issuer's. */
export const unsigned = (claims: unknown): string => `${encoded({ alg: 'none', typ: 'JWT' })}.${encoded(claims)}.`
export function signedBySecret(secret: string, claims: unknown): string {
  const head = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded(claims)}`
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`
}
