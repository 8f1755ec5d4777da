// The API put together: limits and headers around all routes, a person's routes behind the token, a chat's behind membership.
import { OpenAPIHono } from '@hono/zod-openapi'
import { routes, type Door } from '@skein/http'
import { MAX_RUN_BYTES, type Scope } from '@skein/protocol'
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { requestId } from 'hono/request-id'
import { createAccountRoutes } from './accounts.ts'
import { authenticate, networkOf, requireMember, requireServerKey, type PersonEnv } from './authenticate.ts'
import { createBlockRoutes } from './blocks.ts'
import { createChatRoutes } from './chat.ts'
import { createChatListRoutes } from './chats.ts'
import { createFeedRoutes } from './feed.ts'
import { createHealRoute } from './heal.ts'
import { createHealthRoutes } from './health.ts'
import { createIdentityRoutes } from './identity.ts'
import { refuseInvalid, strictBody } from './input.ts'
import { createJoinRoute, createLinkRoutes } from './links.ts'
import { createMailing } from './mailing.ts'
import { createMeRoutes } from './me.ts'
import { createMemberRoutes } from './members.ts'
import { createKeyRoutes } from './keys.ts'
import { createMessageRoutes } from './messages.ts'
import { createPeopleRoutes } from './people.ts'
import { createProviderRoutes } from './provider-login.ts'
import type { ApiDependencies } from './ports.ts'
import { documentOf } from './reference/document.ts'
import { createReferenceRoutes } from './reference/routes.ts'
import { createPictureRoute } from './pictures.ts'
import { createErrorHandler, HttpError, notFound } from './problem.ts'
import { createReportRoutes } from './reports.ts'
import { createRecoveryRoutes } from './recovery.ts'
import { createSecurityHeaders, requireSameOrigin } from './security.ts'
import { speakPlainly } from './sentences.ts'
import { createSessionRoutes } from './sessions.ts'
import { createTicketRoutes } from './ticket.ts'
import { createWebhookRoutes } from './webhooks.ts'

const MAX_AUTH_BODY_BYTES = 16 * 1024
const MAX_BODY_BYTES = 256 * 1024
const maxBodyOf = (path: string): number =>
  path === routes.healChat.path ? MAX_RUN_BYTES : path.startsWith('/api/auth/') ? MAX_AUTH_BODY_BYTES : MAX_BODY_BYTES

const CORS = {
  allowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key'],
  exposeHeaders: ['RateLimit', 'RateLimit-Policy', 'Retry-After', 'X-Request-Id'],
  maxAge: 600,
}

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
export function createApi(dependencies: ApiDependencies): OpenAPIHono<PersonEnv> {
  speakPlainly()
  const app = new OpenAPIHono<PersonEnv>({ defaultHook: refuseInvalid })
  const mailing = createMailing(dependencies)
  app.onError(createErrorHandler(dependencies))
  app.notFound(notFound)
  app.use(createSecurityHeaders(dependencies.publicUrl))
  app.use(requestId({ generator: dependencies.requestId }))
  if (dependencies.corsOrigins.length > 0) app.use('/api/*', cors({ origin: [...dependencies.corsOrigins], ...CORS }))
  app.use('/api/*', async (c, next) => {
    await next()
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store')
  })
  const doors: Record<Door, (scopes: readonly Scope[] | null, takesServer: boolean) => MiddlewareHandler[]> = {
    anyone: () => [],
    page: () => [requireSameOrigin(dependencies.publicUrl)],
    person: (scopes, takesServer) => [authenticate(dependencies, scopes, takesServer)],
    member: (scopes, takesServer) => [authenticate(dependencies, scopes, takesServer, true), requireMember(dependencies)],
    server: () => [authenticate(dependencies, [], true), requireServerKey],
  }
  // What a route's description says of who may ask is what happens here.
  for (const route of Object.values(routes)) {
    const hasBody = 'request' in route && 'body' in route.request
    const atTheDoor = doors[route['x-door']]('x-scopes' in route ? route['x-scopes'] : null, 'x-server' in route)
    app.on(route.method, route.getRoutingPath(), limited(maxBodyOf(route.path)), ...atTheDoor, ...(hasBody ? [strictBody] : []))
  }
  app.route('/', createHealthRoutes(dependencies))
  app.route('/', createAccountRoutes(dependencies, mailing))
  app.route('/', createRecoveryRoutes(dependencies, mailing))
  app.route('/', createIdentityRoutes(dependencies))
  app.route('/', createProviderRoutes(dependencies, mailing))
  app.route('/', createSessionRoutes(dependencies))
  app.route('/', createMeRoutes(dependencies, mailing))
  app.route('/', createPeopleRoutes(dependencies))
  app.route('/', createPictureRoute(dependencies))
  app.route('/', createFeedRoutes(dependencies))
  app.route('/', createTicketRoutes(dependencies))
  app.route('/', createChatListRoutes(dependencies))
  app.route('/', createChatRoutes(dependencies))
  app.route('/', createMessageRoutes(dependencies))
  app.route('/', createHealRoute(dependencies))
  app.route('/', createMemberRoutes(dependencies))
  app.route('/', createLinkRoutes(dependencies))
  app.route('/', createJoinRoute(dependencies))
  app.route('/', createBlockRoutes(dependencies))
  app.route('/', createKeyRoutes(dependencies))
  app.route('/', createWebhookRoutes(dependencies))
  app.route('/', createReportRoutes(dependencies))
  app.route(
    '/',
    createReferenceRoutes(() => documentOf(app, dependencies.publicUrl), dependencies.rateLimits),
  )
  // Before the client's files, so that no page stands in for a route that is not there.
  app.all('/api/*', async (c) => {
    await dependencies.rateLimits?.take(c, 'network', networkOf(c))
    return notFound(c)
  })
  return app
}
