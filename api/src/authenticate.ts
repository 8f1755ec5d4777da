// Who asks, and whether the chat is theirs: the two doors that every route of a person and of a chat stands behind.
import type { Context, MiddlewareHandler } from 'hono'
import type { AccessTokens, VerifiedClaims } from '@skein/auth'
import { isChatId, type ChatId } from '@skein/protocol'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'

/** What the HTTP server says of a request. `network`: where it comes from, as it is counted. */
export type ServerBindings = { network?: string }
/** Behind `authenticate`. */
export type PersonEnv = { Bindings: ServerBindings; Variables: { person: VerifiedClaims } }
/** Behind `requireMember`. */
export type ChatEnv = { Bindings: ServerBindings; Variables: { person: VerifiedClaims; chatId: ChatId } }

/** Where a request comes from, as it is counted. */
export const networkOf = ({ env }: { env: ServerBindings | undefined }): string => env?.network ?? 'unknown'

/** What the request's access token says; null when there is none that is good. */
export async function claimsOf(c: Context, accessTokens: AccessTokens): Promise<VerifiedClaims | null> {
  const [, token] = /^Bearer ([^\s]+)$/i.exec(c.req.header('Authorization') ?? '') ?? []
  const claims = token === undefined ? 'invalid' : await accessTokens.verifyAccessToken(token)
  return typeof claims === 'string' ? null : claims
}

/** Every token that is not good gets the same answer. */
export function authenticate({ accessTokens, rateLimits }: ApiDependencies): MiddlewareHandler<PersonEnv> {
  return async (c, next) => {
    const claims = await claimsOf(c, accessTokens)
    if (!claims) {
      await rateLimits?.take(c, 'network', networkOf(c))
      throw new HttpError('not-logged-in')
    }
    c.set('person', claims)
    await rateLimits?.take(c, 'person', claims.sub)
    await next()
  }
}

/** The one place where membership is checked (promise 8): the same answer for no member and no such chat. */
export function requireMember({ storage }: ApiDependencies): MiddlewareHandler<ChatEnv> {
  return async (c, next) => {
    const id = c.req.param('id')
    if (!isChatId(id) || !(await storage.membership(id, c.var.person.sub))) throw new HttpError('no-such-chat')
    c.set('chatId', id)
    await next()
  }
}
