// Who asks, and whether the chat is theirs: the two doors that every route of a person and of a chat stands behind.
import type { Context, MiddlewareHandler } from 'hono'
import { apiKeyHash, looksLikeApiKey, type AccessTokens, type VerifiedClaims } from '@skein/auth'
import { isChatId, type ChatId, type Scope, type UserId } from '@skein/protocol'
import type { From } from '@skein/storage'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'

/** What the HTTP server says of a request. `network`: where it comes from, as it is counted. */
export type ServerBindings = { network?: string }
/** Whose token or API key it is; `sid` names the session, or the key. */
export type Asker = Pick<VerifiedClaims, 'sub' | 'name' | 'sid'>
/** What stands before a key's id in the place of a session's. */
const KEY = 'key:'
/** The API key by which somebody asks; null: they have a token. */
export const keyOf = ({ sid }: Asker): string | null => (sid.startsWith(KEY) ? sid.slice(KEY.length) : null)
/** Behind `authenticate`. Where a route is for server keys too, `serverKey` is the key's id, and there is no person: look at it first. `changes`: a person's token asks for more than to read. */
export type PersonEnv = { Bindings: ServerBindings; Variables: { person: Asker; changes?: boolean; serverKey?: string } }
/** Behind `requireMember`. `from`: behind which place of the chain this person sees (CHAT-9). */
export type ChatEnv = { Bindings: ServerBindings; Variables: PersonEnv['Variables'] & { chatId: ChatId; from: From } }

/** Where a request comes from, as it is counted. */
export const networkOf = ({ env }: { env: ServerBindings | undefined }): string => env?.network ?? 'unknown'

const bearerOf = (c: Context): string | null => /^Bearer ([^\s]+)$/i.exec(c.req.header('Authorization') ?? '')?.[1] ?? null

/** What the request's access token says; null when there is none that is good. */
export async function claimsOf(c: Context, accessTokens: AccessTokens): Promise<VerifiedClaims | null> {
  const token = bearerOf(c)
  const claims = token === null ? 'invalid' : await accessTokens.verifyAccessToken(token)
  return typeof claims === 'string' ? null : claims
}

/** Whose API key it is, asked of the database each time: a key that was deleted is good for nothing. `scopes` null: a token, which may do all. A string: a server key's id. */
async function askerOf(
  c: Context,
  { storage, accessTokens }: ApiDependencies,
): Promise<{ person: Asker; scopes: readonly Scope[] | null } | string | null> {
  const token = bearerOf(c)
  if (token === null || !looksLikeApiKey(token)) {
    const claims = await claimsOf(c, accessTokens)
    return claims && { person: claims, scopes: null }
  }
  const hash = apiKeyHash(token)
  if (hash === null) return null
  const key = await storage.useApiKey(hash)
  if (!key) return (await storage.useServerKey(hash))?.id ?? null
  return { person: { sub: key.userId, name: key.userName, sid: `${KEY}${key.id}` }, scopes: key.scopes }
}

/**
 * Every token or key that is not good gets the same answer. `needed`: what a key must be allowed for this route; null: it is for people alone.
 * `takesServer`: whether server keys are let in. `isMemberNext`: `requireMember` comes behind it, and learns of the account in the same breath.
 */
export function authenticate(
  dependencies: ApiDependencies,
  needed: readonly Scope[] | null,
  takesServer: boolean,
  isMemberNext = false,
): MiddlewareHandler<PersonEnv> {
  const { rateLimits } = dependencies
  return async (c, next) => {
    const asker = await askerOf(c, dependencies)
    if (!asker) {
      await rateLimits?.take(c, 'network', networkOf(c))
      throw new HttpError('not-logged-in')
    }
    if (typeof asker === 'string') {
      await rateLimits?.take(c, 'person', `server:${asker}`)
      if (!takesServer) throw new HttpError('missing-scope', 'This is for people, not for server keys.')
      c.set('serverKey', asker)
      return next()
    }
    const { person, scopes } = asker
    c.set('person', person)
    await rateLimits?.take(c, 'person', person.sub)
    // A token is verified without the database: whoever was disabled since reads on while it lives, and changes nothing. A key was looked up already.
    c.set('changes', !scopes && c.req.method !== 'GET')
    if (c.var.changes && !isMemberNext) await assertAble(dependencies, person.sub)
    if (scopes && needed === null) throw new HttpError('missing-scope', 'This is for people, not for API keys.')
    const missing = needed?.filter((scope) => scopes && !scopes.includes(scope)) ?? []
    if (missing.length > 0) throw new HttpError('missing-scope', `This API key may not do this: it lacks ${missing.join(' and ')}.`)
    await next()
  }
}

async function assertAble({ storage }: ApiDependencies, user: UserId): Promise<void> {
  const account = await storage.account(user)
  if (!account || account.disabledAt !== null) throw new HttpError('session-ended')
}

/** For so many milliseconds whoever was a member may be answered as one. */
const SHOWN_FOR_MS = 1_000

/** The one place where membership is checked (promise 8): the same answer for no member and no such chat. */
export function requireMember(dependencies: ApiDependencies): MiddlewareHandler<ChatEnv> {
  const { storage, now } = dependencies
  return async (c, next) => {
    const { serverKey, changes, person } = c.var
    const given = c.req.param('id')
    const id = isChatId(given) ? given : null
    const since = now()
    if (serverKey === undefined) {
      const membership = id && (await storage.membership(id, person.sub))
      if (changes && !membership?.isAble) await assertAble(dependencies, person.sub)
      if (!id || !membership) throw new HttpError('no-such-chat')
      c.set('from', membership.from)
      c.set('chatId', id)
    } else {
      if (!id || !(await storage.isServerChat(id))) throw new HttpError('no-such-chat')
      c.set('chatId', id)
    }
    await next()
    // While a slow database was read, they may have been taken out.
    const isOld = serverKey === undefined && c.req.method === 'GET' && c.res.ok && Math.abs(now() - since) >= SHOWN_FOR_MS
    if (isOld && !(await storage.membership(id, person.sub))) throw new HttpError('no-such-chat')
  }
}

/** For server keys alone. */
export const requireServerKey: MiddlewareHandler<PersonEnv> = async (c, next) => {
  if (c.var.serverKey === undefined) throw new HttpError('forbidden', 'This is for server keys alone.')
  await next()
}
