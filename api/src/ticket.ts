// A ticket for a socket whose client can say who it is in the URL alone: /api/ticket.
import { OpenAPIHono } from '@hono/zod-openapi'
import { routes } from '@skein/http'
import { TICKET_LIFETIME } from '@skein/protocol'
import type { PersonEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'

export function createTicketRoutes({ accessTokens }: ApiDependencies): OpenAPIHono<PersonEnv> {
  const app = new OpenAPIHono<PersonEnv>()
  app.openapi(routes.issueTicket, async (c) => {
    const { sub, name, sid } = c.var.person
    return c.json({ ticket: await accessTokens.issueTicket({ sub, name, sid }), expiresIn: TICKET_LIFETIME }, 201)
  })
  return app
}
