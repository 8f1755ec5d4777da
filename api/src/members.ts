// Who is in a group and what they may do, its title and picture, and what each member wants of a chat.
import { OpenAPIHono } from '@hono/zod-openapi'
import { routes } from '@skein/http'
import { isUserId, MAX_HIDDEN_MESSAGES, type UserId } from '@skein/protocol'
import type { ChatEnv } from './authenticate.ts'
import { createGroupChanger } from './change-group.ts'
import type { ApiDependencies } from './ports.ts'
import { createPictures } from './pictures.ts'
import { HttpError } from './problem.ts'
import { createServerChats } from './server-chats.ts'
import { createSight } from './sight.ts'
import { chatView, mineView, type ChatView } from './views.ts'

function memberOf(id: string): UserId {
  if (!isUserId(id)) throw new HttpError('no-such-member')
  return id
}

export function createMemberRoutes(dependencies: ApiDependencies): OpenAPIHono<ChatEnv> {
  const { storage, sync, rateLimits } = dependencies
  const change = createGroupChanger(dependencies)
  const sight = createSight(dependencies)
  const forServer = createServerChats(dependencies)
  const pictures = createPictures(dependencies)
  const app = new OpenAPIHono<ChatEnv>()

  async function chat({ chatId, person }: ChatEnv['Variables']): Promise<{ chat: ChatView }> {
    const summary = await storage.chatSummary(chatId, person.sub)
    if (!summary) throw new HttpError('no-such-chat')
    return { chat: chatView(summary) }
  }

  async function changePicture({ chatId, person }: ChatEnv['Variables'], wanted: string | null): Promise<void> {
    const before = (await storage.chat(chatId))?.pictureUrl
    const url = wanted && (await pictures.keep(person.sub, 'pictureUrl', wanted))
    try {
      await change(chatId, person.sub, { type: 'picture', url })
    } catch (error) {
      // Where nobody knows whether it was stored, it may be the one that is shown.
      if (error instanceof HttpError && error.code !== 'not-ready') await pictures.drop(url)
      throw error
    }
    if (before !== url) await pictures.drop(before)
  }

  app.openapi(routes.changeChat, async (c) => {
    const { title, pictureUrl } = c.req.valid('json')
    const { chatId, person } = c.var
    // First what may be no picture at all: then nothing is changed.
    if (pictureUrl !== undefined) await changePicture(c.var, pictureUrl)
    if (title !== undefined) await change(chatId, person.sub, { type: 'rename', title })
    return c.json(await chat(c.var), 200)
  })

  app.openapi(routes.inviteMember, async (c) => {
    if (c.var.serverKey !== undefined) {
      const { chat: joined, isNew } = await forServer.join(c.var.chatId, c.req.valid('json').userId)
      return c.json({ chat: joined }, isNew ? 201 : 200)
    }
    const me = c.var.person.sub
    await rateLimits?.take(c, 'group', me)
    const user = await sight.find(c, c.req.valid('json'))
    const { missing, blocked } = await storage.unfitFor(me, [user])
    if (missing.length > 0) throw new HttpError('no-such-person')
    if (blocked.length > 0) throw new HttpError('blocked')
    const isNew = await change(c.var.chatId, me, { type: 'join', user })
    return c.json(await chat(c.var), isNew ? 201 : 200)
  })

  app.openapi(routes.changeMember, async (c) => {
    const { mayInvite, mayRemove } = c.req.valid('json')
    const given = { ...(mayInvite === undefined ? {} : { invite: mayInvite }), ...(mayRemove === undefined ? {} : { remove: mayRemove }) }
    await change(c.var.chatId, c.var.person.sub, { type: 'may', user: memberOf(c.req.valid('param').userId), ...given })
    return c.json(await chat(c.var), 200)
  })

  app.openapi(routes.removeMember, async (c) => {
    const user = memberOf(c.req.valid('param').userId)
    if (c.var.serverKey === undefined) await change(c.var.chatId, c.var.person.sub, { type: 'leave', user })
    else await forServer.leave(c.var.chatId, user)
    return c.json({}, 200)
  })

  app.openapi(routes.arrangeChat, async (c) => {
    const { chatId, person } = c.var
    const mine = await storage.setMine(chatId, person.sub, c.req.valid('json'))
    if (!mine) throw new HttpError('no-such-chat')
    if (mine === 'too-many') throw new HttpError('too-many', `One hides at most ${MAX_HIDDEN_MESSAGES} messages of a chat.`)
    sync.mineChanged(person.sub, chatId, mine)
    return c.json({ mine: mineView(mine) }, 200)
  })

  return app
}
