// Refresh tokens: opaque, for the cookie alone. The database holds only their hashes.
import { createHmac, hash } from 'node:crypto'
import { base64url } from '@skein/protocol'
import type { RandomBytes } from './key-file.ts'

/** `<session id>.<32 bytes base64url>`. */
const pattern = /^([A-Za-z0-9_-]{22})\.[A-Za-z0-9_-]{43}$/

export interface RefreshTokens {
  /** A new session's id and its first token. */
  issue: () => { sessionId: string; token: string }
  /**
   * The token after this one. It follows from the old one and the server's key, so that two tabs that refresh at once
   * get the same one, though the server keeps no token (S2). `remade`: how often another was made in its place.
   */
  successor: (token: string, remade: number) => string
  /** SHA-256, base64url: what the database holds. */
  hash: (token: string) => string
  /** The session that a token names; null for what is no token. Says nothing about whether it is a good one. */
  sessionIdOf: (token: string) => string | null
}

export function createRefreshTokens(secret: Uint8Array, randomBytes: RandomBytes): RefreshTokens {
  const sessionIdOf = (token: string): string | null => pattern.exec(token)?.[1] ?? null
  return {
    issue() {
      const sessionId = base64url(randomBytes(16))
      return { sessionId, token: `${sessionId}.${base64url(randomBytes(32))}` }
    },
    successor: (token, remade) =>
      `${sessionIdOf(token)}.${createHmac('sha256', secret)
        .update(remade === 0 ? token : `${token} ${remade}`)
        .digest('base64url')}`,
    hash: (token) => hash('sha256', token, 'base64url'),
    sessionIdOf,
  }
}
