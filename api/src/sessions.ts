// One's devices: the sessions that are logged in, and ending them: /api/auth/sessions, /api/auth/logout-everywhere.
import { OpenAPIHono } from '@hono/zod-openapi'
import { routes } from '@skein/http'
import type { PersonEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { clearRefreshCookie } from './refresh-cookie.ts'
import { reusedView, sessionView } from './views.ts'

/** Behind the token. Refresh tokens of what is ended are good for nothing at once, and its sockets close. */
export function createSessionRoutes({ storage, sync, publicUrl }: ApiDependencies): OpenAPIHono<PersonEnv> {
  const app = new OpenAPIHono<PersonEnv>()

  app.openapi(routes.listSessions, async (c) => {
    const { sub, sid } = c.var.person
    const sessions = await storage.sessions(sub)
    const reused = await storage.reusedSessions(sub)
    return c.json({ sessions: sessions.map((session) => sessionView(session, sid)), reused: reused.map(reusedView) }, 200)
  })

  app.openapi(routes.endSession, async (c) => {
    const id = c.req.valid('param').id
    const sessions = await storage.sessions(c.var.person.sub)
    if (!sessions.some((session) => session.id === id)) throw new HttpError('no-such-session')
    await storage.endSession(id)
    sync.sessionEnded(id)
    if (id === c.var.person.sid) clearRefreshCookie(c, publicUrl)
    return c.json({}, 200)
  })

  app.openapi(routes.logoutEverywhere, async (c) => {
    for (const id of await storage.endSessions(c.var.person.sub)) sync.sessionEnded(id)
    clearRefreshCookie(c, publicUrl)
    return c.json({}, 200)
  })

  return app
}
