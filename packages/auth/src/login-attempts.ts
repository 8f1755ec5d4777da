// A log-in that is under way at an OpenID provider, as the cookie of the browser that began it holds it: sealed, so that nobody reads one or makes one.
import { createHmac } from 'node:crypto'
import { EncryptJWT, errors, jwtDecrypt } from 'jose'
import { base64url } from '@skein/protocol'
import type { RandomBytes } from './key-file.ts'
import type { LoginSecrets } from './openid-provider.ts'

/** How long somebody may take at the provider, in seconds. */
export const LOGIN_ATTEMPT_LIFETIME = 10 * 60
const AUDIENCE = 'skein openid'

export interface LoginAttempt extends LoginSecrets {
  /** Where in the app the person goes on afterwards. */
  readonly returnTo: string
  /** The token of the link that invited them; empty when there was none. */
  readonly invitation: string
}

export interface LoginAttempts {
  /** A new one, with secrets of its own, and what the cookie holds. */
  begin(where: Pick<LoginAttempt, 'returnTo' | 'invitation'>): Promise<{ attempt: LoginAttempt; sealed: string }>
  /** null for what this server did not seal, or too long ago. */
  open(sealed: string): Promise<LoginAttempt | null>
}

/** `secret`: the server's, from which a key for this alone is made. `now` in milliseconds. */
export function createLoginAttempts({
  secret,
  now,
  randomBytes,
}: {
  secret: Uint8Array
  now: () => number
  randomBytes: RandomBytes
}): LoginAttempts {
  const key = createHmac('sha256', secret).update(AUDIENCE).digest()
  const random = (): string => base64url(randomBytes(32))
  return {
    async begin(where) {
      const attempt = { ...where, state: random(), nonce: random(), verifier: random() }
      const sealed = await new EncryptJWT(attempt)
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setAudience(AUDIENCE)
        .setExpirationTime(Math.floor(now() / 1000) + LOGIN_ATTEMPT_LIFETIME)
        .encrypt(key)
      return { attempt, sealed }
    },

    async open(sealed) {
      try {
        const { payload } = await jwtDecrypt<LoginAttempt>(sealed, key, {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
          audience: AUDIENCE,
          requiredClaims: ['exp', 'state', 'nonce', 'verifier', 'returnTo', 'invitation'],
          currentDate: new Date(now()),
        })
        const { state, nonce, verifier, returnTo, invitation } = payload
        return { state, nonce, verifier, returnTo, invitation }
      } catch (error) {
        if (error instanceof errors.JOSEError) return null
        throw error
      }
    },
  }
}
