// The whole server inside the test's process, API and sync on one port over a real database, so that a test can reach into it: storage, faults, restarts on the same port.
import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { createApi, HealTally } from '@skein/api'
import { createAccessTokens, createPasswords, createRefreshTokens, openChainKey, openTokenKey } from '@skein/auth'
import { openDeletionJournal, openStorage, type Storage, type StoragePorts } from '@skein/storage'
import { createSync, type Sync, type SyncPorts } from '@skein/sync-server'
import { WebSocketServer } from 'ws'

export interface Skein extends AsyncDisposable {
  readonly url: string
  readonly storage: Storage
  readonly sync: Sync
  /** What devices have brought back, over all restarts. */
  readonly healed: HealTally
  /** How many sockets are open. */
  readonly sockets: number
  /** Ends every socket at once, as a lost network does. */
  dropSockets(): void
  /** Stops, and starts again on the same port and database. `crash`: nothing is drained, nobody is told. `meanwhile` runs while it is down. */
  restart(crash?: boolean, meanwhile?: () => Promise<void>): Promise<void>
}

export interface SkeinOptions {
  /** Keys and the deletion journal stand here. */
  folder: string
  databaseUrl: string
  /** In place of the storage's own: a clock to turn, a newer server to play. */
  storagePorts?: Partial<StoragePorts>
  faults?: SyncPorts['faults']
  /** Whom people find. Default: 'everyone'. */
  contacts?: SyncPorts['contacts']
  /** The server's clock, in milliseconds; the machine's when not given. */
  now?(): number
}

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())
const machine = { now: () => Date.now(), randomBytes: (count: number) => new Uint8Array(randomBytes(count)), sha256 }
const ignore = (): void => {}
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }

async function start(
  { folder, databaseUrl, faults, storagePorts, now = machine.now, contacts = 'everyone' }: SkeinOptions,
  healed: HealTally,
  port: number,
) {
  const ports = { ...machine, now }
  const tokenKey = await openTokenKey(join(folder, 'keys'), ports.randomBytes)
  const chainKey = await openChainKey(join(folder, 'keys'), ports.randomBytes)
  const journal = await openDeletionJournal(join(folder, 'deletions.journal'))
  const storage = await openStorage({ url: databaseUrl }, { ...ports, ...chainKey, journal, ...storagePorts })
  const accessTokens = createAccessTokens({ ...ports, key: tokenKey, issuer: 'skein', audience: 'skein' })
  const sync = createSync({
    ...ports,
    storage,
    hasOthers: false,
    contacts,
    logger,
    ...(faults ? { faults } : {}),
    verifyToken: async (token) => {
      const claims = await accessTokens.verifyAccessToken(token)
      return typeof claims === 'string' ? null : { userId: claims.sub, sessionId: claims.sid, expiresAt: claims.exp * 1_000 }
    },
    verifyTicket: async (ticket) => {
      const claims = await accessTokens.verifyTicket(ticket)
      return claims && { userId: claims.sub, sessionId: claims.sid, expiresAt: claims.until * 1_000 }
    },
  })
  const api = createApi({
    ...ports,
    storage,
    passwords: createPasswords(ports.randomBytes),
    accessTokens,
    refreshTokens: createRefreshTokens(tokenKey.refreshSecret, ports.randomBytes),
    jwks: () => tokenKey.jwks(now()),
    registration: 'open',
    contacts,
    findByEmail: true,
    corsOrigins: [],
    isPublicTarget: async () => true,
    requestId: () => 'request',
    rateLimits: null,
    sync,
    mail: { send: ignore, linkBase: () => 'http://localhost' },
    issuer: null,
    provider: null,
    unconfirmedMayLogIn: true,
    inBackground: ignore,
    healed,
    checks: {},
    logger,
  })
  const listener = getRequestListener((request, env) => api.fetch(request, env as never))
  const http = createServer((incoming, outgoing) => void listener(incoming, outgoing))
  const wss = new WebSocketServer({ server: http, maxPayload: 256 * 1024 })
  wss.on('connection', (socket, { url = '' }) => {
    if (url.startsWith('/yjs/')) sync.handlePlainSocket(socket, '127.0.0.1', url)
    else sync.handleSocket(socket, '127.0.0.1')
  })
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve))
  const dropSockets = (): void => {
    for (const socket of wss.clients) socket.terminate()
  }
  return {
    storage,
    sync,
    dropSockets,
    sockets: () => wss.clients.size,
    port: (http.address() as AddressInfo).port,
    async stop(crash: boolean): Promise<void> {
      const closed = new Promise((resolve) => http.close(resolve))
      dropSockets()
      http.closeAllConnections()
      wss.close()
      await closed
      await sync.drain(crash ? 0 : 1_000)
      await storage[Symbol.asyncDispose]()
      await journal[Symbol.asyncDispose]()
    },
  }
}

/** Starts Skein on a free port of the loopback. */
export async function startSkein(options: SkeinOptions): Promise<Skein> {
  const healed = new HealTally()
  let running = await start(options, healed, 0)
  const { port } = running
  return {
    url: `http://127.0.0.1:${port}`,
    get storage() {
      return running.storage
    },
    get sync() {
      return running.sync
    },
    healed,
    get sockets() {
      return running.sockets()
    },
    dropSockets: () => running.dropSockets(),
    restart: async (crash = false, meanwhile) => {
      await running.stop(crash)
      await meanwhile?.()
      running = await start(options, healed, port)
    },
    [Symbol.asyncDispose]: () => running.stop(false),
  }
}
