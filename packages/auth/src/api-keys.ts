// API keys: `skein_`, 130 random bits, and a checksum, so that who scans code for secrets finds them, and what is none is no question to the database.
import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { base32Of } from '@skein/protocol'
import type { RandomBytes } from './key-file.ts'

const pattern = /^(skein_[0-9a-hjkmnp-tv-z]{26})([0-9a-f]{8})$/
const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0')

/** A new key; whoever made it sees it once. */
export function newApiKey(randomBytes: RandomBytes): string {
  const key = `skein_${base32Of(randomBytes(17))}`
  return key + checksum(key)
}

/** Whether a text is meant to be an API key and no access token. */
export const looksLikeApiKey = (text: string): boolean => text.startsWith('skein_')

/** SHA-256, base64url: what the database holds; null for what is no key. A key has enough chance in it to need nothing slower. */
export function apiKeyHash(key: string): string | null {
  const [, body = '', sum] = pattern.exec(key) ?? []
  return sum !== undefined && sum === checksum(body) ? hash('sha256', key, 'base64url') : null
}
