// For tests: the sync server on a real storage and a real port, with people and chats to play with. A token is a user id, or `<user id>@<time it ends>`; a ticket has `ticket-` before it.
import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chatDocument, chatIdOf, directChatId, isUserId, type ChatId, type UserId } from '@skein/protocol'
import { openStorage, type Storage } from '@skein/storage'
import { WebSocketServer, type WebSocket } from 'ws'
import { createSync, type Logger, type Sync, type SyncPorts, type VerifiedToken } from '@skein/sync-server'

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())

export interface LogLine {
  level: string
  message: string
  fields: object
}

export interface TestServer extends AsyncDisposable {
  url: string
  sync: Sync
  storage: Storage
  log: LogLine[]
  /** The server's ends of the sockets. */
  sockets: Set<WebSocket>
  person(name: string): Promise<UserId>
  /** A direct chat and the name of its current document. */
  chat(a: UserId, b: UserId): Promise<{ id: ChatId; document: string }>
  group(...members: [UserId, ...UserId[]]): Promise<{ id: ChatId; document: string }>
}

export async function startTestServer(options: {
  /** Where to open a storage of its own, or the server whose storage it shares, as a second node does. */
  databaseUrl: string | TestServer
  /** The storage's clock, in milliseconds since 1970. Default: the real one. */
  storageNow?: () => number
  faults?: SyncPorts['faults']
  storage?: (real: Storage) => Storage
  /** Default: 'everyone'. */
  contacts?: SyncPorts['contacts']
  /** The clock of rates and tokens. */
  now?: () => number
  /** Runs before each verification of a token. */
  verifying?: () => Promise<void>
}): Promise<TestServer> {
  const log: LogLine[] = []
  const line = (level: string) => (fields: object, message: string) => void log.push({ level, message, fields })
  const logger: Logger = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
  const { databaseUrl } = options
  const opened = typeof databaseUrl === 'string' ? await openOwn(databaseUrl, options.storageNow ?? Date.now) : databaseUrl.storage
  const storage = options.storage?.(opened) ?? opened
  const sync = createSync({
    storage,
    hasOthers: typeof databaseUrl !== 'string',
    contacts: options.contacts ?? 'everyone',
    now: options.now ?? Date.now,
    randomBytes: (count) => new Uint8Array(randomBytes(count)),
    logger,
    ...(options.faults ? { faults: options.faults } : {}),
    verifyToken: async (token) => {
      await options.verifying?.()
      return verifyToken(token)
    },
    verifyTicket: async (ticket) => (ticket.startsWith('ticket-') ? verifyToken(ticket.slice(7)) : null),
  })
  const http = createServer()
  const wss = new WebSocketServer({ server: http, maxPayload: 256 * 1024 })
  wss.on('connection', (socket, { url = '' }) => {
    if (url.startsWith('/yjs/')) sync.handlePlainSocket(socket, '127.0.0.1', url)
    else sync.handleSocket(socket, '127.0.0.1')
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${port}/sync`,
    sync,
    storage,
    log,
    sockets: wss.clients,
    async person(name) {
      const user = await storage.createUser({ email: `${name}@example.org`, name, passwordHash: 'x' })
      if (user === 'email-taken') throw new Error(`${name} is taken`)
      return user.id
    },
    async chat(a, b) {
      const { chat } = await storage.createChat({ id: directChatId(a, b, sha256), kind: 'direct', title: null, by: a, members: [a, b] })
      return { id: chat.id, document: chatDocument(chat.id, chat.epoch) }
    },
    async group(...members) {
      const { chat } = await storage.createChat({ id: chatIdOf(randomBytes(17)), kind: 'group', title: 'Crew', by: members[0], members })
      return { id: chat.id, document: chatDocument(chat.id, chat.epoch) }
    },
    async [Symbol.asyncDispose]() {
      await sync.drain(1_000)
      wss.close()
      await new Promise((resolve) => http.close(resolve))
      if (typeof databaseUrl === 'string') await storage[Symbol.asyncDispose]()
    },
  }
}

async function verifyToken(token: string): Promise<VerifiedToken | null> {
  const [user, end] = token.split('@')
  const expiresAt = end ? Number(end) : Date.now() + 3_600_000
  return isUserId(user) && expiresAt > Date.now() ? { userId: user, sessionId: user, expiresAt } : null
}

const tag = (bytes: Uint8Array): string => `1.${Buffer.from(sha256(bytes)).toString('base64url').slice(0, 22)}`

const openOwn = (url: string, now: () => number): Promise<Storage> =>
  openStorage(
    { url },
    {
      now,
      randomBytes: (count) => new Uint8Array(randomBytes(count)),
      sha256,
      tag,
      verifyTag: (bytes, given) => given === tag(bytes),
      journal: null,
    },
  )
