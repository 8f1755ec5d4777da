// Access tokens: EdDSA JWTs that live five minutes, and the one function that verifies them (S1).
import { errors, jwtVerify, SignJWT } from 'jose'
import { base64url, isUserId, type UserId } from '@skein/protocol'
import type { RandomBytes } from './key-file.ts'
import type { TokenKey } from './token-key.ts'

/** In seconds. */
export const ACCESS_TOKEN_LIFETIME = 300

const algorithm = 'EdDSA'
const type = 'at+jwt'
/** Longer is no token of ours; nothing is decoded of it. */
const maxLength = 4096

/** Tokens that are remembered as good. */
const MAX_REMEMBERED = 10_000

declare const verified: unique symbol

/** Claims of a token that was verified; made by `verifyAccessToken` alone. Times in seconds. */
export interface VerifiedClaims {
  readonly [verified]: true
  readonly sub: UserId
  readonly name: string
  /** The session's id. */
  readonly sid: string
  readonly iat: number
  readonly exp: number
  readonly jti: string
}

export interface AccessTokens {
  issue: (person: { sub: UserId; name: string; sid: string }) => Promise<string>
  /** 'expired' only for a token that was good once. */
  verifyAccessToken: (token: string) => Promise<VerifiedClaims | 'expired' | 'invalid'>
}

/** `issuer` and `audience` name this server; a token for another one is refused. `now` in milliseconds. */
export function createAccessTokens(ports: {
  key: TokenKey
  issuer: string
  audience: string
  now: () => number
  randomBytes: RandomBytes
}): AccessTokens {
  const { key, issuer, audience, now, randomBytes } = ports
  /** Tokens whose signature was found good, until they end: a device sends the same one with each request, and a signature costs more than most answers. */
  const good = new Map<string, VerifiedClaims>()
  return {
    issue({ sub, name, sid }) {
      const iat = Math.floor(now() / 1000)
      return new SignJWT({ sub, name, sid, iat, exp: iat + ACCESS_TOKEN_LIFETIME, iss: issuer, aud: audience, jti: base64url(randomBytes(16)) })
        .setProtectedHeader({ alg: algorithm, typ: type, kid: key.id })
        .sign(key.privateKey)
    },
    async verifyAccessToken(token) {
      if (token.length > maxLength) return 'invalid'
      const known = good.get(token)
      if (known && known.exp * 1_000 > now() && known.iat * 1_000 <= now()) return known
      good.delete(token)
      try {
        const { payload } = await jwtVerify(token, key.publicKey, {
          algorithms: [algorithm],
          issuer,
          audience,
          typ: type,
          requiredClaims: ['sub', 'name', 'sid', 'iat', 'exp', 'jti'],
          maxTokenAge: ACCESS_TOKEN_LIFETIME,
          currentDate: new Date(now()),
        })
        const { sub, name, sid, iat, exp, jti } = payload
        if (!isUserId(sub) || typeof name !== 'string' || typeof sid !== 'string' || typeof jti !== 'string') return 'invalid'
        if (iat === undefined || exp === undefined || exp - iat > ACCESS_TOKEN_LIFETIME) return 'invalid'
        const claims = { sub, name, sid, iat, exp, jti } as VerifiedClaims
        if (good.size >= MAX_REMEMBERED) good.clear()
        good.set(token, claims)
        return claims
      } catch (error) {
        if (error instanceof errors.JWTExpired) return 'expired'
        if (error instanceof errors.JOSEError) return 'invalid'
        throw error
      }
    },
  }
}
