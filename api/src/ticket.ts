// A ticket for a socket whose client can say who it is in the URL alone: /api/ticket.
import { Hono } from 'hono'
import { TICKET_LIFETIME } from '@skein/protocol'
import type { PersonEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'

export function createTicketRoutes({ accessTokens }: ApiDependencies): Hono<PersonEnv> {
  const routes = new Hono<PersonEnv>()
  routes.post('/ticket', async (c) => {
    const { sub, name, sid } = c.var.person
    return c.json({ ticket: await accessTokens.issueTicket({ sub, name, sid }), expiresIn: TICKET_LIFETIME }, 201)
  })
  return routes
}
