// Joining a group by a link. A token stands nowhere but in the answer that made it.
import { OpenAPIHono } from '@hono/zod-openapi'
import { routes } from '@skein/http'
import { base64url, MAX_LINK_MS, MAX_LINKS_PER_CHAT, type UserId } from '@skein/protocol'
import type { ChatLink } from '@skein/storage'
import type { ChatEnv, PersonEnv } from './authenticate.ts'
import { createGroupChanger } from './change-group.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { isThingId } from './input.ts'
import { chatView, linkView } from './views.ts'

const TOKEN_BYTES = 32
const USUAL_MS = 7 * 24 * 60 * 60_000

const hashOf = (token: string, sha256: ApiDependencies['sha256']): string => base64url(sha256(new TextEncoder().encode(token)))

export function createLinkRoutes({ storage, now, randomBytes, sha256 }: ApiDependencies): OpenAPIHono<ChatEnv> {
  const app = new OpenAPIHono<ChatEnv>()
  async function assertInviter({ chatId, person }: ChatEnv['Variables']): Promise<void> {
    const members = await storage.members(chatId)
    if (!members.find(({ id }) => id === person.sub)?.mayInvite) throw new HttpError('forbidden')
  }

  app.openapi(routes.listLinks, async (c) => {
    await assertInviter(c.var)
    return c.json({ links: (await storage.chatLinks(c.var.chatId)).map(linkView) }, 200)
  })

  app.openapi(routes.createLink, async (c) => {
    const { expiresAt = now() + USUAL_MS, maxUses } = c.req.valid('json')
    if (expiresAt <= now() || expiresAt > now() + MAX_LINK_MS) throw new HttpError('bad-request', 'expiresAt: expects a time within the next year')
    const token = base64url(randomBytes(TOKEN_BYTES))
    const made = { id: base64url(randomBytes(12)), chatId: c.var.chatId, createdBy: c.var.person.sub, expiresAt, maxUses }
    const link = await storage.createChatLink({ ...made, tokenHash: hashOf(token, sha256) })
    if (link === 'not-allowed') throw new HttpError('forbidden')
    if (link === 'too-many') throw new HttpError('bad-request', `A group has at most ${MAX_LINKS_PER_CHAT} links. Revoke one first.`)
    return c.json({ link: linkView(link), token }, 201)
  })

  app.openapi(routes.revokeLink, async (c) => {
    await assertInviter(c.var)
    const { linkId } = c.req.valid('param')
    if (!isThingId(linkId) || !(await storage.revokeChatLink(c.var.chatId, linkId))) throw new HttpError('no-such-link')
    return c.json({}, 200)
  })

  return app
}

export function createJoinRoute(dependencies: ApiDependencies): OpenAPIHono<PersonEnv> {
  const { storage, sha256, rateLimits } = dependencies
  const change = createGroupChanger(dependencies)
  const app = new OpenAPIHono<PersonEnv>()

  /** Whether they are new in it. By the doing of who made the link: it is worth what that person may at this moment. */
  async function join({ chatId, createdBy }: ChatLink, user: UserId): Promise<boolean> {
    const { missing, blocked } = await storage.unfitFor(createdBy, [user])
    if (missing.length + blocked.length > 0) throw new HttpError('no-such-link')
    try {
      return await change(chatId, createdBy, { type: 'join', user })
    } catch (error) {
      const isOver = error instanceof HttpError && (error.code === 'forbidden' || error.code === 'no-such-chat')
      throw isOver ? new HttpError('no-such-link') : error
    }
  }

  app.openapi(routes.joinByLink, async (c) => {
    const me = c.var.person.sub
    await rateLimits?.take(c, 'join', me)
    const link = await storage.takeChatLink(hashOf(c.req.valid('json').token, sha256), me)
    // Unknown, expired, revoked, used up: the same answer.
    if (!link) throw new HttpError('no-such-link')
    let isNew = false
    try {
      isNew = await join(link, me)
    } finally {
      if (!isNew) await storage.giveBackChatLink(link.id)
    }
    const summary = await storage.chatSummary(link.chatId, me)
    if (!summary) throw new HttpError('no-such-link')
    return c.json({ chat: chatView(summary) }, isNew ? 201 : 200)
  })

  return app
}
