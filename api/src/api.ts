// The API put together: limits and headers around all routes, a person's routes behind the token, a chat's behind membership.
import { MAX_RUN_BYTES } from '@skein/protocol'
import { Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { requestId } from 'hono/request-id'
import { createAccountRoutes } from './accounts.ts'
import { authenticate, networkOf, requireMember, type PersonEnv } from './authenticate.ts'
import { createChatRoutes } from './chat.ts'
import { createChatListRoutes } from './chats.ts'
import { createFeedRoutes } from './feed.ts'
import { createHealRoute } from './heal.ts'
import { createHealthRoutes } from './health.ts'
import { createMailing } from './mailing.ts'
import { createMeRoutes } from './me.ts'
import { createPeopleRoutes } from './people.ts'
import type { ApiDependencies } from './ports.ts'
import { createErrorHandler, HttpError, notFound } from './problem.ts'
import { createRecoveryRoutes } from './recovery.ts'
import { createSecurityHeaders } from './security.ts'
import { createSessionRoutes } from './sessions.ts'
import { createTicketRoutes } from './ticket.ts'

const MAX_AUTH_BODY_BYTES = 16 * 1024
const MAX_BODY_BYTES = 256 * 1024

const CORS = {
  allowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key'],
  exposeHeaders: ['RateLimit', 'RateLimit-Policy', 'Retry-After', 'X-Request-Id'],
  maxAge: 600,
}

const healPath = /^\/api\/chats\/[^/]+\/heal$/

const limited = (maxSize: number): MiddlewareHandler<PersonEnv> =>
  bodyLimit({
    maxSize,
    onError: () => {
      throw new HttpError('too-large', `body: expects at most ${maxSize} bytes`)
    },
  })

/**
 * All of HTTP but files. The server adds the built client's files to what is returned; security headers cover those too.
 * Whatever is wrong with a request is answered with a problem (RFC 9457) and a code of the protocol's HTTP_ERRORS.
 */
export function createApi(dependencies: ApiDependencies): Hono<PersonEnv> {
  const app = new Hono<PersonEnv>()
  const mailing = createMailing(dependencies)
  app.onError(createErrorHandler(dependencies))
  app.notFound(notFound)
  app.use(createSecurityHeaders(dependencies.publicUrl))
  app.use(requestId({ generator: dependencies.requestId }))
  if (dependencies.corsOrigins.length > 0) app.use('/api/*', cors({ origin: [...dependencies.corsOrigins], ...CORS }))
  app.use('/api/*', async (c, next) => {
    await next()
    c.header('Cache-Control', 'no-store')
  })
  app.use('/api/auth/*', limited(MAX_AUTH_BODY_BYTES))
  const [usual, ofRun] = [limited(MAX_BODY_BYTES), limited(MAX_RUN_BYTES)]
  const bounded: MiddlewareHandler<PersonEnv> = (c, next) => (healPath.test(c.req.path) ? ofRun : usual)(c, next)
  app.use('/api/*', bounded)
  for (const path of [
    '/api/auth/sessions/*',
    '/api/auth/logout-everywhere',
    '/api/me',
    '/api/me/password',
    '/api/me/confirmation',
    '/api/users/*',
    '/api/chats/*',
    '/api/feed',
    '/api/marks',
    '/api/ticket',
  ])
    app.use(path, authenticate(dependencies))
  app.route('/api/chats/:id/heal', createHealRoute(dependencies))
  app.use('/api/chats/:id/*', requireMember(dependencies))
  app.route('/', createHealthRoutes(dependencies))
  app.route('/api/auth', createAccountRoutes(dependencies, mailing))
  app.route('/api/auth', createRecoveryRoutes(dependencies, mailing))
  app.route('/api/auth', createSessionRoutes(dependencies))
  app.route('/api/me', createMeRoutes(dependencies, mailing))
  app.route('/api', createPeopleRoutes(dependencies))
  app.route('/api', createFeedRoutes(dependencies))
  app.route('/api', createTicketRoutes(dependencies))
  app.route('/api/chats', createChatListRoutes(dependencies))
  app.route('/api/chats/:id', createChatRoutes(dependencies))
  // Before the client's files, so that no page stands in for a route that is not there.
  app.all('/api/*', async (c) => {
    await dependencies.rateLimits?.take(c, 'network', networkOf(c))
    return notFound(c)
  })
  return app
}
