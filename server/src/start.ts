// One process out of the parts: keys, storage, sync server, API, the client's files and one HTTP server for all of them.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createApi, createRateLimits, createWebhookSender, HealTally, type Logger as ApiLogger } from '@skein/api'
import {
  createAccessTokens,
  createIssuerTokens,
  createLoginAttempts,
  createOpenIdProvider,
  createPasswords,
  createRefreshTokens,
  type AccessTokens,
} from '@skein/auth'
import { base64url } from '@skein/protocol'
import { createSync, type SyncPorts } from '@skein/sync-server'
import type { Logger } from 'pino'
import { createBackground } from './background.ts'
import { openDatabase } from './database.ts'
import { createDemo, findDemoLogins } from './demo.ts'
import { listen } from './http.ts'
import { watchKeys } from './key-watch.ts'
import { createMailer } from './mail.ts'
import { createPidFile } from './pid-file.ts'
import { openRedis } from './redis.ts'
import type { Ports } from './ports.ts'
import type { Settings } from './settings.ts'
import { createStaticFiles } from './static-files.ts'
import { createWebhookPost, isPublicTarget } from './webhook-post.ts'

/** What commits and requests that are under way get before they are broken off, in milliseconds. */
const COMMITS_MS = 8_000
const ANSWERS_MS = 4_000
/** The same for mails that are being handed over. */
const MAILS_MS = 2_000

/** How often the operator is told what devices bring back, in milliseconds. */
const TELL_MS = 10_000

const clientFolder = fileURLToPath(new URL('../../client/dist', import.meta.url))
/** Paths that are the server's own: no page of the client stands there. */
const reserved = /^\/(api|health|sync|yjs)(\/|$)/

/** A server that answers; disposing of it drains and stops it. */
export interface RunningServer extends AsyncDisposable {
  /** As listened on. */
  readonly url: string
  /** What to tell the person at the terminal. */
  readonly welcome: string[]
}

export interface Surroundings {
  ports: Ports
  logger: Logger
  /** Tells the person at the terminal what takes time. */
  say(line: string): void
  /** The process can do nothing useful any more and should drain and end. */
  onFatal(error: Error): void
}

/**
 * Starts everything, or nothing.
 * @throws StartError with one sentence that says what to do.
 */
export async function startServer(settings: Settings, surroundings: Surroundings): Promise<RunningServer> {
  const { ports, logger } = surroundings
  await using parts = new AsyncDisposableStack()

  const { storage, tokenKey } = parts.use(await openDatabase(settings, surroundings))
  parts.use(watchKeys(tokenKey, ports, logger))
  const passwords = createPasswords(ports.randomBytes)
  if (settings.demo) await createDemo(storage, passwords, ports)
  const demoLogins = await findDemoLogins(storage, passwords)

  const issuer = settings.publicUrl ?? 'skein'
  const accessTokens = createAccessTokens({ ...ports, key: tokenKey, issuer, audience: issuer })
  await storage.setServerWebhook(settings.reportsWebhook)
  const post = createWebhookPost({ privateAddresses: settings.webhookPrivateAddresses })
  const webhooks = parts.use(createWebhookSender({ ...ports, storage, post, logger: loggerOf(logger) }))
  const sync = createSync({
    ...ports,
    storage,
    hasOthers: storage.engine === 'mysql',
    contacts: settings.contacts,
    logger,
    stored: (chat) => webhooks.noticed(chat),
    ...createVerifiers(accessTokens),
  })
  const healed = new HealTally()
  const tellHealed = (): void => {
    const news = healed.news()
    if (news !== null) logger.info(healed.total, news)
  }
  const telling = setInterval(tellHealed, TELL_MS).unref()
  parts.defer(() => {
    clearInterval(telling)
    tellHealed()
  })
  const mailer = parts.use(
    createMailer({ ...settings, from: settings.mailFrom, folder: join(settings.dataDir, 'mail'), ports, logger, stopMs: MAILS_MS }),
  )
  // Before the mailer goes, whatever still wants to send is done.
  const background = parts.use(createBackground(logger))
  let linkBase = settings.publicUrl ?? ''
  const redis = settings.redisUrl === null ? null : parts.use(await openRedis(settings.redisUrl, logger))
  const app = createApi({
    ...ports,
    storage,
    passwords,
    accessTokens,
    refreshTokens: createRefreshTokens(tokenKey.refreshSecret, ports.randomBytes),
    jwks: () => tokenKey.jwks(ports.now()),
    ...(settings.publicUrl === null ? {} : { publicUrl: settings.publicUrl }),
    registration: settings.registration,
    contacts: settings.contacts,
    findByEmail: settings.findByEmail,
    corsOrigins: settings.corsOrigins,
    isPublicTarget: settings.webhookPrivateAddresses ? null : isPublicTarget,
    requestId: () => base64url(ports.randomBytes(9)),
    rateLimits: settings.rateLimits ? createRateLimits(redis?.client ?? null) : null,
    issuer: settings.issuer && createIssuerTokens({ ...settings.issuer, now: ports.now }),
    provider: settings.provider && {
      label: settings.provider.label,
      client: createOpenIdProvider({
        ...settings.provider,
        now: ports.now,
        warn: (why) => logger.warn({ why }, 'somebody could not log in by the OpenID provider'),
      }),
      attempts: createLoginAttempts({ ...ports, secret: tokenKey.refreshSecret }),
    },
    sync,
    mail: { send: mailer.send, linkBase: () => linkBase },
    unconfirmedMayLogIn: settings.unconfirmedMayLogIn,
    inBackground: background.start,
    healed,
    checks: { database: () => storage.ping() },
    niceToHave: redis ? { redis: () => redis.ping() } : {},
    logger: loggerOf(logger),
  })
  const files = createStaticFiles(clientFolder)
  app.get('*', (c) => (reserved.test(c.req.path) ? c.notFound() : files(c.req.raw)))

  const pidFile = parts.use(createPidFile(settings.dataDir))
  const web = await listen({
    host: settings.host,
    port: settings.port,
    fetch: (request, env) => app.fetch(request, env),
    trustedHops: settings.trustedHops,
    sockets: {
      '/sync': (socket, _, address) => sync.handleSocket(socket, address),
      '/yjs/': (socket, { url = '' }, address) => sync.handlePlainSocket(socket, address, url),
    },
    logger,
  })
  linkBase ||= openedAt(web.url)
  // Undone from the last line to the first: nothing new comes in, then the commits end, then whatever is still open.
  parts.defer(() => web.close(ANSWERS_MS))
  parts.defer(() => sync.drain(COMMITS_MS))
  parts.defer(() => web.stopListening())
  await pidFile.write()

  const running = parts.move()
  return { url: web.url, welcome: welcomeOf(settings, web.url, demoLogins), [Symbol.asyncDispose]: () => running.disposeAsync() }
}

const loggerOf = (logger: Logger): ApiLogger => ({
  info: (message, fields) => logger.info(fields ?? {}, message),
  warn: (message, fields) => logger.warn(fields ?? {}, message),
  error: (message, fields) => logger.error(fields ?? {}, message),
})

function createVerifiers(accessTokens: AccessTokens): Pick<SyncPorts, 'verifyToken' | 'verifyTicket'> {
  return {
    async verifyToken(token) {
      const claims = await accessTokens.verifyAccessToken(token)
      return typeof claims === 'string' ? null : { userId: claims.sub, sessionId: claims.sid, expiresAt: claims.exp * 1000 }
    },
    async verifyTicket(ticket) {
      const claims = await accessTokens.verifyTicket(ticket)
      return claims && { userId: claims.sub, sessionId: claims.sid, expiresAt: claims.until * 1000 }
    },
  }
}

/** What listens on every address is opened on this one. */
const openedAt = (url: string): string => url.replace(/\/\/(0\.0\.0\.0|\[::\]):/, '//localhost:')

function welcomeOf(settings: Settings, url: string, demoLogins: { email: string; password: string }[]): string[] {
  const lines = [`Open ${settings.publicUrl ?? openedAt(url)}`]
  if (demoLogins.length && !settings.demo) {
    return [
      ...lines,
      'Careful: this database holds the demo accounts, whose passwords everybody knows, and others may reach this server. Start with an empty database.',
    ]
  }
  return [...lines, ...demoLogins.map(({ email, password }) => `Log in as ${email}, password ${password}`)]
}
