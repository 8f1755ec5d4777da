// Access tokens: EdDSA JWTs that live five minutes, tickets that open one socket, and the one function that verifies them (S1).
import type { KeyObject } from 'node:crypto'
import { errors, jwtVerify, SignJWT, type JWTHeaderParameters } from 'jose'
import { base64url, isUserId, TICKET_LIFETIME, type UserId } from '@skein/protocol'
import type { RandomBytes } from './key-file.ts'
import type { TokenKey } from './token-key.ts'

/** In seconds. */
export const ACCESS_TOKEN_LIFETIME = 300

const algorithm = 'EdDSA'
/** Neither passes for the other. */
const ACCESS = { typ: 'at+jwt', lifetime: ACCESS_TOKEN_LIFETIME }
const TICKET = { typ: 'skein-ticket+jwt', lifetime: TICKET_LIFETIME }
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

/** What a ticket that was verified opens, and until when, in seconds: as long as an access token of the same moment would. */
export interface VerifiedTicket {
  readonly sub: UserId
  readonly sid: string
  readonly until: number
}

interface Person {
  sub: UserId
  name: string
  sid: string
}

export interface AccessTokens {
  issue: (person: Person) => Promise<string>
  /** 'expired' only for a token that was good once. */
  verifyAccessToken: (token: string) => Promise<VerifiedClaims | 'expired' | 'invalid'>
  /** A ticket stands in a URL, where others may see it: it opens a socket within TICKET_LIFETIME, and nothing else. */
  issueTicket: (person: Person) => Promise<string>
  verifyTicket: (ticket: string) => Promise<VerifiedTicket | null>
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
  /** Access tokens that were found good: a device sends the same one with each request, and a signature costs more than most answers. */
  const good = new Map<string, VerifiedClaims>()

  function sign({ sub, name, sid }: Person, { typ, lifetime }: typeof ACCESS): Promise<string> {
    const iat = Math.floor(now() / 1000)
    const signing = key.signing(now())
    return new SignJWT({ sub, name, sid, iat, exp: iat + lifetime, iss: issuer, aud: audience, jti: base64url(randomBytes(16)) })
      .setProtectedHeader({ alg: algorithm, typ, kid: signing.id })
      .sign(signing.privateKey)
  }

  async function verify(token: string, { typ, lifetime }: typeof ACCESS): Promise<VerifiedClaims | 'expired' | 'invalid'> {
    if (token.length > maxLength) return 'invalid'
    try {
      const keyOf = async ({ kid }: JWTHeaderParameters): Promise<KeyObject> => {
        const found = await key.verifying(kid, now())
        if (!found) throw new errors.JWKSNoMatchingKey()
        return found
      }
      const { payload } = await jwtVerify(token, keyOf, {
        algorithms: [algorithm],
        issuer,
        audience,
        typ,
        requiredClaims: ['sub', 'name', 'sid', 'iat', 'exp', 'jti'],
        maxTokenAge: lifetime,
        currentDate: new Date(now()),
      })
      const { sub, name, sid, iat, exp, jti } = payload
      if (!isUserId(sub) || typeof name !== 'string' || typeof sid !== 'string' || typeof jti !== 'string') return 'invalid'
      if (iat === undefined || exp === undefined || exp - iat > lifetime) return 'invalid'
      return { sub, name, sid, iat, exp, jti } as VerifiedClaims
    } catch (error) {
      if (error instanceof errors.JWTExpired) return 'expired'
      if (error instanceof errors.JOSEError) return 'invalid'
      throw error
    }
  }

  return {
    issue: (person) => sign(person, ACCESS),
    async verifyAccessToken(token) {
      const known = good.get(token)
      if (known && known.iat * 1_000 <= now() && now() < known.exp * 1_000) return known
      const claims = await verify(token, ACCESS)
      good.delete(token)
      if (good.size >= MAX_REMEMBERED) good.clear()
      if (typeof claims !== 'string') good.set(token, claims)
      return claims
    },
    issueTicket: (person) => sign(person, TICKET),
    async verifyTicket(ticket) {
      const claims = await verify(ticket, TICKET)
      return typeof claims === 'string' ? null : { sub: claims.sub, sid: claims.sid, until: claims.iat + ACCESS_TOKEN_LIFETIME }
    },
  }
}
