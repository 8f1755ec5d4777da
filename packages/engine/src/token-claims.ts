// What a token says of itself, as far as a client can read it. Nothing of it is proved here.
import { z } from 'zod'

const claims = z.object({ iat: z.number().optional(), exp: z.number().optional(), sub: z.string().min(1).optional() })

function claimsOf(token: string): z.infer<typeof claims> {
  try {
    const part = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
    const bytes = Uint8Array.from(atob(part), (char) => char.charCodeAt(0))
    return claims.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data ?? {}
  } catch {
    // Not a token that can be read: used until the server refuses it.
    return {}
  }
}

/** How long a token lives by its own words, so that a wrong clock on either side does no harm. */
export function lifetimeMs(token: string): number {
  const { iat, exp } = claimsOf(token)
  return iat !== undefined && exp !== undefined && exp > iat ? (exp - iat) * 1_000 : 60_000
}

/** Whom an issuer's token is of (`sub`); null where it does not say. */
export const subjectOf = (token: string): string | null => claimsOf(token).sub ?? null
