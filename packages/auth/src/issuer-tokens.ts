// Tokens of the one other issuer that a server may trust: verified here as strictly as Skein's own (S1), by its key set or by a shared secret.
import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTVerifyOptions } from 'jose'
import { boundedFetch } from './bounded-fetch.ts'
import { identityOfClaims, type VouchedIdentity } from './identity-claims.ts'

/** A token whose end is further away is no token for a person at a screen, in seconds. */
const MAX_LIFETIME = 24 * 60 * 60
/** Clocks may differ so much, in seconds. */
const TOLERANCE = 30
const MAX_TOKEN_LENGTH = 16_384
/** A key set is waited for so long, and asked for again at most so often; in milliseconds. */
const TIMEOUT_MS = 5_000
const COOLDOWN_MS = 30_000

/** `email` is null also where the issuer says that it did not verify it. */
export interface IssuedIdentity extends VouchedIdentity {
  /** In milliseconds, by the issuer's clock. */
  readonly issuedAt: number
  /** In milliseconds. */
  readonly expiresAt: number
}

export interface IssuerTokens {
  readonly issuer: string
  /** 'expired' only for a token that was good once; 'unreachable': the issuer's keys cannot be had now. */
  verify(token: string): Promise<IssuedIdentity | 'expired' | 'invalid' | 'unreachable'>
}

export type IssuerKeys = { jwksUrl: string } | { secret: string }

/** The algorithms are pinned by the kind of key: a public one can never pass for a secret. */
const ASYMMETRIC = ['EdDSA', 'Ed25519', 'ES256', 'PS256', 'RS256']
const SYMMETRIC = ['HS256']

/** `now` in milliseconds. */
export function createIssuerTokens({
  issuer,
  audience,
  keys,
  now,
}: {
  issuer: string
  audience: string
  keys: IssuerKeys
  now: () => number
}): IssuerTokens {
  const options = (): JWTVerifyOptions => ({
    algorithms: 'secret' in keys ? SYMMETRIC : ASYMMETRIC,
    issuer,
    audience,
    requiredClaims: ['sub', 'exp', 'iat'],
    maxTokenAge: MAX_LIFETIME,
    clockTolerance: TOLERANCE,
    currentDate: new Date(now()),
  })
  const secret = 'secret' in keys ? new TextEncoder().encode(keys.secret) : null
  const remote =
    'jwksUrl' in keys
      ? createRemoteJWKSet(new URL(keys.jwksUrl), { timeoutDuration: TIMEOUT_MS, cooldownDuration: COOLDOWN_MS, [customFetch]: boundedFetch })
      : null
  const verified = async (token: string) => {
    if (secret) return jwtVerify(token, secret, options())
    if (remote) return jwtVerify(token, remote, options())
    throw new TypeError('No keys')
  }

  return {
    issuer,
    async verify(token) {
      if (token.length > MAX_TOKEN_LENGTH) return 'invalid'
      try {
        const { payload } = await verified(token)
        const { exp, iat, email_verified: isVerified } = payload
        const identity = identityOfClaims(payload)
        if (identity === null || exp === undefined || iat === undefined || exp > now() / 1000 + MAX_LIFETIME) return 'invalid'
        const email = isVerified === false || isVerified === 'false' ? null : identity.email
        return { ...identity, email, issuedAt: iat * 1000, expiresAt: exp * 1000 }
      } catch (error) {
        if (error instanceof errors.JWTExpired) return 'expired'
        return isAboutKeys(error) ? 'unreachable' : 'invalid'
      }
    },
  }
}

/** The issuer did not answer, or with what is no key set; everything else is the token's fault. */
const isAboutKeys = (error: unknown): boolean =>
  !(error instanceof errors.JOSEError) ||
  error instanceof errors.JWKSTimeout ||
  error instanceof errors.JWKSInvalid ||
  error.code === 'ERR_JOSE_GENERIC'
