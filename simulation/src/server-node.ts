// One server process out of the parts that `npm start` puts together, on ports of the simulation.
import { createApi, HealTally } from '@skein/api'
import { createRefreshTokens, type AccessTokens, type IssuerTokens, type Passwords, type VerifiedClaims } from '@skein/auth'
import { isUserId } from '@skein/protocol'
import { openStorage, type DeletionJournal, type Faults, type Storage } from '@skein/storage'
import { createSync, type Logger, type Sync, type SyncPorts } from '@skein/sync-server'
import { createHash, createHmac } from 'node:crypto'
import type { DatabaseMachine } from './database.ts'
import type { Host, ServerSocket } from './network.ts'
import type { Random } from './random.ts'
import { Actor, type Scheduler } from './scheduler.ts'

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())
const mac = (bytes: Uint8Array): string => `1.${createHmac('sha256', 'the chain key').update(bytes).digest('base64url').slice(0, 22)}`
export const chainKey = { tag: mac, verifyTag: (bytes: Uint8Array, tag: string): boolean => tag === mac(bytes) }

const LIFETIME_S = 300
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const sign = (text: string): string => createHmac('sha256', 'the token key').update(text).digest('base64url')

interface Claims extends VerifiedClaims {
  readonly kind: 'token' | 'ticket'
}

/** Tokens like the real ones, but signed at once: what runs on another thread has no fixed time. */
export function createTokens(now: () => number): AccessTokens {
  const issue = (kind: Claims['kind'], person: object): string => {
    const iat = Math.floor(now() / 1000)
    const text = `${part({ alg: 'sim' })}.${part({ ...person, kind, iat, exp: iat + LIFETIME_S, jti: 'x' })}`
    return `${text}.${sign(text)}`
  }
  const read = (kind: Claims['kind'], text: string): Claims | null => {
    const [head = '', body = '', signature] = text.split('.')
    if (signature !== sign(`${head}.${body}`)) return null
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims
    return isUserId(claims.sub) && claims.kind === kind ? claims : null
  }
  return {
    issue: async (person) => issue('token', person),
    verifyAccessToken: async (token) => {
      const claims = read('token', token)
      return claims === null ? 'invalid' : claims.exp * 1000 > now() ? claims : 'expired'
    },
    issueTicket: async (person) => issue('ticket', person),
    verifyTicket: async (ticket) => {
      const claims = read('ticket', ticket)
      return claims && claims.exp * 1000 > now() ? { sub: claims.sub, sid: claims.sid, until: claims.exp } : null
    },
  }
}

const ISSUED_S = 3_600
/** What a page that has a log-in of its own gives out for one of its people: signed by nobody, for the same reason. */
export const issuedToken = ({ email, name }: { email: string; name: string }, nowMs: number): string => {
  const iat = Math.floor(nowMs / 1000)
  return `${part({ alg: 'sim' })}.${part({ sub: email, name, iat, exp: iat + ISSUED_S })}.x`
}
const issuer: IssuerTokens = {
  issuer: 'https://embedder.test',
  verify: async (token) => {
    const { sub, name, iat, exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      sub: string
      name: string
      iat: number
      exp: number
    }
    return { subject: sub, name, email: sub, isEmailVerified: true, picture: null, issuedAt: iat * 1000, expiresAt: exp * 1000 }
  },
}

const passwords: Passwords = {
  hash: async (password) => `plain ${password}`,
  verify: async (password, encoded) => encoded === `plain ${password}`,
  isOutdated: () => false,
}

export interface NodeOptions {
  name: string
  scheduler: Scheduler
  random: Random
  database: DatabaseMachine
  logger: Logger
  syncFaults: NonNullable<SyncPorts['faults']>
  storageFaults: Faults
  journal: DeletionJournal
  clockOffset: number
}

export class ServerNode implements Host {
  readonly actor: Actor
  isUp = false
  sync: Sync | null = null
  storage: Storage | null = null
  readonly #options: NodeOptions
  #fetch: ((request: Request) => Response | Promise<Response>) | null = null

  constructor(options: NodeOptions) {
    this.#options = options
    this.actor = new Actor(options.name, { clockOffset: options.clockOffset })
  }

  start(): void {
    const { scheduler } = this.#options
    scheduler.post(this.actor, 0, () => {
      this.#start().catch((error: unknown) => {
        // A database that fails while the server starts ends it; whoever runs it starts it again.
        this.#options.logger.warn({ err: error }, 'did not start')
        scheduler.post(this.actor, 1_000, () => this.start())
      })
    })
  }

  async #start(): Promise<void> {
    const { random, database, logger, syncFaults, storageFaults, journal } = this.#options
    const now = (): number => Date.now()
    const ports = { now, randomBytes: (count: number) => random.bytes(count), sha256 }
    const storage = await openStorage(
      { url: 'sqlite::memory:' },
      { ...ports, ...chainKey, journal, faults: storageFaults, sqliteThread: database.threadFor(this.actor) },
    )
    const accessTokens = createTokens(now)
    const sync = createSync({
      storage,
      hasOthers: false,
      contacts: 'everyone',
      now,
      randomBytes: ports.randomBytes,
      logger,
      faults: syncFaults,
      verifyTicket: async (ticket) => {
        const claims = await accessTokens.verifyTicket(ticket)
        return claims && { userId: claims.sub, sessionId: claims.sid, expiresAt: claims.until * 1000 }
      },
      verifyToken: async (token) => {
        const claims = await accessTokens.verifyAccessToken(token)
        return typeof claims === 'string' ? null : { userId: claims.sub, sessionId: claims.sid, expiresAt: claims.exp * 1000 }
      },
    })
    const api = createApi({
      ...ports,
      storage,
      passwords,
      accessTokens,
      refreshTokens: createRefreshTokens(new Uint8Array(32), ports.randomBytes),
      jwks: () => ({ keys: [] }),
      healed: new HealTally(),
      mail: { send: () => {}, linkBase: () => 'http://server' },
      issuer,
      provider: null,
      unconfirmedMayLogIn: true,
      inBackground: () => {},
      registration: 'open',
      contacts: 'everyone',
      findByEmail: true,
      corsOrigins: [],
      isPublicTarget: async () => true,
      requestId: () => 'request',
      rateLimits: null,
      sync,
      checks: { database: () => storage.ping() },
      logger: {
        info: (message, fields) => logger.info(fields ?? {}, message),
        warn: (message, fields) => logger.warn(fields ?? {}, message),
        error: (message, fields) => logger.error(fields ?? {}, message),
      },
    })
    this.storage = storage
    this.sync = sync
    this.#fetch = (request) => api.fetch(request)
    this.isUp = true
  }

  accept(socket: ServerSocket): void {
    this.sync?.handleSocket(socket as never, '192.0.2.1')
  }
  /** As who comes to `url` for ordinary y-websocket clients. */
  plainDoor(url: string): Host {
    const isUp = (): boolean => this.isUp
    return {
      actor: this.actor,
      get isUp() {
        return isUp()
      },
      accept: (socket) => this.sync?.handlePlainSocket(socket as never, '192.0.2.2', url),
      fetch: (request) => this.fetch(request),
    }
  }
  async fetch(request: Request): Promise<Response> {
    if (!this.#fetch) throw new Error('not started')
    return this.#fetch(request)
  }

  /** SIGKILL. */
  kill(): void {
    this.isUp = false
    this.actor.alive = false
    this.#options.database.died(this.actor)
  }

  /** SIGTERM; `stopped` is called when it has ended by itself. */
  drain(stopped: () => void): void {
    const { scheduler } = this.#options
    this.isUp = false
    scheduler.post(this.actor, 0, () => {
      const end = async (): Promise<void> => {
        await this.sync?.drain(8_000)
        await this.storage?.[Symbol.asyncDispose]()
      }
      void end().finally(() => {
        this.kill()
        stopped()
      })
    })
  }
}
