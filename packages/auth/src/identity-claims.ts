// What an issuer says of a person, read out of claims that were verified: the same for a token that is exchanged and for a log-in by OpenID Connect.
import { MAX_SUBJECT_LENGTH } from '@skein/protocol'

/** Whom an issuer vouches for; what it says of them is not checked yet. */
export interface VouchedIdentity {
  readonly subject: string
  readonly name: string | null
  readonly email: string | null
  /** The issuer says that it did. */
  readonly isEmailVerified: boolean
  readonly picture: string | null
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

/** null for claims that name nobody. */
export function identityOfClaims(claims: Readonly<Record<string, unknown>>): VouchedIdentity | null {
  const { sub, email_verified: isVerified } = claims
  if (typeof sub !== 'string' || sub === '' || sub.length > MAX_SUBJECT_LENGTH || !sub.isWellFormed()) return null
  return {
    subject: sub,
    name: text(claims['name']) ?? text(claims['preferred_username']),
    email: text(claims['email']),
    isEmailVerified: isVerified === true || isVerified === 'true',
    picture: text(claims['picture']),
  }
}
