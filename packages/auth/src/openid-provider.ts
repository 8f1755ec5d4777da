// Logging in by an OpenID provider: the authorization code flow with PKCE, state and nonce, by openid-client, which checks what comes back.
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  AuthorizationResponseError,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientError,
  ClientSecretBasic,
  ClientSecretPost,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
  type ClientAuth,
  type Configuration,
} from 'openid-client'
import { boundedFetch, IssuerAway } from './bounded-fetch.ts'
import { identityOfClaims, type VouchedIdentity } from './identity-claims.ts'

const SCOPE = 'openid profile email'
/** Each question to the provider is waited for so long, in seconds. */
const TIMEOUT = 5
/** What the provider says of itself is believed so long, in milliseconds. */
const DISCOVERY_MS = 60 * 60_000

/** What one log-in is bound by: random texts that only the browser that began it brings back. */
export interface LoginSecrets {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

export interface ProviderIdentity extends VouchedIdentity {
  readonly issuer: string
}

export interface OpenIdProvider {
  /** Where the person is sent; null: the provider does not answer, or not as a provider does. It is asked again at the next try. */
  begin(redirectUri: string, secrets: LoginSecrets): Promise<string | null>
  /**
   * Who came back to `callback`, the redirect address with what the provider put into it.
   * 'denied': the person or the provider said no; 'refused': what came does not prove anybody.
   */
  finish(callback: URL, secrets: LoginSecrets): Promise<ProviderIdentity | 'denied' | 'refused' | 'away'>
}

export interface OpenIdOptions {
  /** https, or http on this machine. */
  issuer: string
  clientId: string
  clientSecret: string
  /** Milliseconds since 1970. */
  now: () => number
  /** Says to the operator why somebody could not log in; `why` holds nothing secret. */
  warn: (why: string) => void
}

/** As the provider wants it; where it does not say, as the specification has it. */
function authenticationBy(secret: string): ClientAuth {
  const [basic, post] = [ClientSecretBasic(secret), ClientSecretPost(secret)]
  return (server, client, body, headers) => {
    const ways = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    return (ways.includes('client_secret_basic') ? basic : post)(server, client, body, headers)
  }
}

const isAway = (error: unknown): boolean => error instanceof IssuerAway || (error instanceof ClientError && isAway(error.cause))

/** Codes and fixed sentences of the library and the protocol alone: what a provider writes besides may repeat a code or a token. */
function whyOf(error: unknown): string | null {
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) return error.error
  if (error instanceof WWWAuthenticateChallengeError) return `status ${error.status}`
  if (error instanceof IssuerAway) return error.message
  if (!(error instanceof ClientError)) return null
  const { cause } = error
  return [error.code, error.message, cause instanceof Error ? cause.message : null].filter((part) => part).join(', ')
}

export function createOpenIdProvider({ issuer, clientId, clientSecret, now, warn }: OpenIdOptions): OpenIdProvider {
  const isInsecure = new URL(issuer).protocol === 'http:'
  let found: { at: number; configuration: Promise<Configuration> } | null = null

  /** Asked for when somebody logs in, so that a server starts without its provider; what failed is forgotten. */
  async function configuration(): Promise<Configuration> {
    if (found && now() - found.at < DISCOVERY_MS) return found.configuration
    const asked = {
      at: now(),
      configuration: discovery(new URL(issuer), clientId, undefined, authenticationBy(clientSecret), {
        timeout: TIMEOUT,
        [customFetch]: (url, options) => boundedFetch(url, options as RequestInit),
        // Tokens are checked by their signature too, though they come straight from the provider.
        execute: [enableNonRepudiationChecks, ...(isInsecure ? [allowInsecureRequests] : [])],
      }),
    }
    found = asked
    try {
      return await asked.configuration
    } catch (error) {
      if (found === asked) found = null
      throw error
    }
  }

  /** @throws what is no failure of the provider's */
  function outcomeOf(error: unknown): 'denied' | 'refused' | 'away' {
    const why = whyOf(error)
    if (why === null) throw error
    warn(why)
    if (isAway(error)) return 'away'
    if (!(error instanceof AuthorizationResponseError)) return 'refused'
    return ['server_error', 'temporarily_unavailable'].includes(error.error) ? 'away' : 'denied'
  }

  return {
    async begin(redirectUri, { state, nonce, verifier }) {
      try {
        const challenge = await calculatePKCECodeChallenge(verifier)
        const parameters = {
          redirect_uri: redirectUri,
          scope: SCOPE,
          state,
          nonce,
          code_challenge: challenge,
          code_challenge_method: 'S256',
        }
        return buildAuthorizationUrl(await configuration(), parameters).href
      } catch (error) {
        outcomeOf(error)
        return null
      }
    },

    async finish(callback, { state, nonce, verifier }) {
      try {
        const provider = await configuration()
        const tokens = await authorizationCodeGrant(provider, callback, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        })
        const claims = tokens.claims()
        if (!claims) return 'refused'
        const isWhole = claims['name'] !== undefined && claims['email'] !== undefined
        const more =
          isWhole || provider.serverMetadata().userinfo_endpoint === undefined ? {} : await fetchUserInfo(provider, tokens.access_token, claims.sub)
        // An email and whether it is verified are of one source.
        const { email, email_verified: isVerified, ...others } = claims
        const emailClaims = email === undefined ? {} : { email, email_verified: isVerified }
        const identity = identityOfClaims({ ...more, ...others, ...emailClaims })
        return identity === null ? 'refused' : { ...identity, issuer: claims.iss }
      } catch (error) {
        return outcomeOf(error)
      }
    },
  }
}
