// Tokens of links that work once. They stand in the link alone; the database holds their hashes.
import { hash } from 'node:crypto'
import { base64url } from '@skein/protocol'
import type { RandomBytes } from './key-file.ts'

/** SHA-256, base64url: enough for 128 random bits. */
export const linkTokenHash = (token: string): string => hash('sha256', token, 'base64url')

/** 22 characters, so that a link stays one line of a mail. */
export function newLinkToken(randomBytes: RandomBytes): { token: string; tokenHash: string } {
  const token = base64url(randomBytes(16))
  return { token, tokenHash: linkTokenHash(token) }
}
