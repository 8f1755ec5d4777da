// One HTTP server for everything: requests go to `fetch`, upgrades to the handler of their path.
import { createServer, STATUS_CODES, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { HANDSHAKE_MS, MAX_CHUNKS, MAX_FRAGMENTS, MAX_FRAME_BYTES, MAX_HALF_OPEN_PER_ADDRESS, MAX_SOCKETS_PER_ADDRESS } from '@skein/protocol'
import type { Logger } from 'pino'
import { WebSocketServer, type WebSocket } from 'ws'
import { addressOf, Counts, networkOf } from './addresses.ts'
import { StartError } from './start-error.ts'

/** How long a peer may take for all of its request, and how often that is looked at, in milliseconds. */
const REQUEST_MS = 60_000
const CHECK_MS = 1_000
/** A peer that answers no goodbye is cut off after this time, in milliseconds. */
const GOODBYE_MS = 10_000
/** Between two warnings of the same kind, in milliseconds. */
const WARN_MS = 60_000
/** WebSocket's "service restart". */
const SERVICE_RESTART = 1012

/** `address` is the peer's, by the rule of trusted hops. */
export type SocketHandler = (socket: WebSocket, request: IncomingMessage, address: string) => void

export interface WebServer {
  /** As listened on. */
  readonly url: string
  /** Takes no new connection and no new socket; what is open goes on. */
  stopListening(): void
  /** Closes the sockets as restarting, lets open requests end, and after `ms` ends whatever is left. */
  close(ms: number): Promise<void>
}

/** @throws StartError when the address cannot be listened on. */
export async function listen(options: {
  host: string
  port: number
  /** `network`: where the request comes from, by the rule of trusted hops. */
  fetch: (request: Request, env: { network: string }) => Response | Promise<Response>
  /** By path; one that ends with a slash stands for all that begin with it. */
  sockets: Record<string, SocketHandler>
  /** Proxies before this server. */
  trustedHops: number
  logger: Logger
}): Promise<WebServer> {
  const { host, port, logger, trustedHops } = options
  const addressOfRequest = ({ socket, headers }: IncomingMessage): string =>
    addressOf(socket.remoteAddress ?? '', String(headers['x-forwarded-for'] ?? ''), trustedHops)
  const listener = getRequestListener((request, env) =>
    options.fetch(request, { network: networkOf(addressOfRequest((env as HttpBindings).incoming)) }),
  )
  const limits = { headersTimeout: HANDSHAKE_MS, requestTimeout: REQUEST_MS, connectionsCheckingInterval: CHECK_MS }
  const halfOpen = new Counts(MAX_HALF_OPEN_PER_ADDRESS)
  const open = new Counts(MAX_SOCKETS_PER_ADDRESS)
  const asked = new WeakMap<Duplex, () => void>()
  let warnedAt = -Infinity
  const warn = (address: string): void => {
    if (performance.now() - warnedAt < WARN_MS) return
    warnedAt = performance.now()
    logger.warn({ address }, 'too many connections of one address; behind a proxy, TRUSTED_HOPS tells them apart')
  }
  const server = createServer(limits, (incoming, outgoing) => {
    asked.get(incoming.socket)?.()
    // A connection that falls idle while the server closes would hold it up.
    outgoing.once('close', () => closed && setImmediate(() => server.closeIdleConnections()))
    void listener(incoming, outgoing)
  })
  const upgrades = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks: MAX_CHUNKS,
    perMessageDeflate: false,
    // Not in the types yet.
    ...{ closeTimeout: GOODBYE_MS },
  })
  let closed: Promise<void> | null = null

  // A connection that has said nothing whole yet costs its address; what comes through a proxy is the proxy's.
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? ''
    const release = trustedHops > 0 ? () => undefined : halfOpen.take(address)
    if (!release) {
      warn(address)
      return socket.destroy()
    }
    asked.set(socket, release)
    socket.once('close', release)
  })
  server.on('upgrade', (request, socket, head) => {
    asked.get(socket)?.()
    const path = (request.url ?? '').replace(/\?.*$/, '')
    const handler = options.sockets[path] ?? options.sockets[path.replace(/^(\/[^/]*\/).*$/, '$1')]
    if (closed || !handler) return refuseUpgrade(socket, closed ? 503 : 404)
    const address = addressOfRequest(request)
    const release = open.take(address)
    if (!release) {
      warn(address)
      return refuseUpgrade(socket, 429)
    }
    socket.once('close', release)
    upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      // Without a listener a broken frame would end the process; the socket closes by itself.
      webSocket.on('error', (error) => logger.debug({ error }, 'socket failed'))
      handler(webSocket, request, address)
    })
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(startErrorOf(error, host, port)))
    server.listen(port, host, resolve)
  })
  server.on('error', (error) => logger.error({ error }, 'HTTP server failed'))
  const { port: actual } = server.address() as AddressInfo

  const stopListening = (): Promise<void> => (closed ??= new Promise((resolve) => server.close(() => resolve())))
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    stopListening: () => void stopListening(),
    async close(ms) {
      for (const socket of upgrades.clients) socket.close(SERVICE_RESTART, 'restart')
      const timer = setTimeout(() => {
        logger.warn({ sockets: upgrades.clients.size }, 'requests or sockets did not end in time and are cut off')
        for (const socket of upgrades.clients) socket.terminate()
        server.closeAllConnections()
      }, ms)
      await stopListening()
      clearTimeout(timer)
    },
  }
}

function refuseUpgrade(socket: Duplex, status: number): void {
  socket.on('error', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function startErrorOf(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new StartError(`Port ${port} on ${host} is taken. Stop what listens there, or choose another: PORT=${port + 1} npm start.`)
  if (error.code === 'EACCES') return new StartError(`This user may not listen on port ${port}. Choose one above 1023: PORT=8787 npm start.`)
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new StartError(`HOST=${host} is no address of this machine. Choose one that is, such as 127.0.0.1.`)
  return error
}
