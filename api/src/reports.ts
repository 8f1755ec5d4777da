// What people want looked at: /api/reports. Who is named is not looked up, so that nobody learns who is here by it.
import { OpenAPIHono } from '@hono/zod-openapi'
import { routes } from '@skein/http'
import type { PersonEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'

export function createReportRoutes({ storage, rateLimits }: ApiDependencies): OpenAPIHono<PersonEnv> {
  const app = new OpenAPIHono<PersonEnv>()

  app.openapi(routes.createReport, async (c) => {
    const { userId = null, chatId = null, messages, reason } = c.req.valid('json')
    const me = c.var.person.sub
    await rateLimits?.take(c, 'report', me)
    const membership = chatId === null ? null : await storage.membership(chatId, me)
    if (chatId !== null && !membership) throw new HttpError('no-such-chat')
    for (const { authorId, id } of messages) {
      if (chatId === null || !(await storage.message(chatId, authorId, id, membership?.from.seq))) throw new HttpError('no-such-message')
    }
    const named = messages.map(({ authorId, id }): [typeof authorId, typeof id] => [authorId, id])
    const report = await storage.createReport({ reporterId: me, userId, chatId, messages: named, reason })
    return c.json({ report: { id: report.id, createdAt: new Date(report.createdAt).toISOString() } }, 201)
  })

  return app
}
