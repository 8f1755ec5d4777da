// One's devices: the sessions that are logged in, and ending them: /api/auth/sessions, /api/auth/logout-everywhere.
import { Hono } from 'hono'
import type { PersonEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'
import { clearRefreshCookie } from './refresh-cookie.ts'
import { reusedView, sessionView } from './views.ts'

/** Behind the token. Refresh tokens of what is ended are good for nothing at once, and its sockets close. */
export function createSessionRoutes({ storage, sync, publicUrl }: ApiDependencies): Hono<PersonEnv> {
  const routes = new Hono<PersonEnv>()

  routes.get('/sessions', async (c) => {
    const { sub, sid } = c.var.person
    const sessions = await storage.sessions(sub)
    const reused = await storage.reusedSessions(sub)
    return c.json({ sessions: sessions.map((session) => sessionView(session, sid)), reused: reused.map(reusedView) })
  })

  routes.delete('/sessions/:id', async (c) => {
    const id = c.req.param('id')
    const sessions = await storage.sessions(c.var.person.sub)
    if (!sessions.some((session) => session.id === id)) throw new HttpError('no-such-session')
    await storage.endSession(id)
    sync.sessionEnded(id)
    if (id === c.var.person.sid) clearRefreshCookie(c, publicUrl)
    return c.json({})
  })

  routes.post('/logout-everywhere', async (c) => {
    for (const id of await storage.endSessions(c.var.person.sub)) sync.sessionEnded(id)
    clearRefreshCookie(c, publicUrl)
    return c.json({})
  })

  return routes
}
