// The one socket: when to connect and when to try again. Hocuspocus's own schedule is switched off, since all clients of it come back at once (H9).
import { HocuspocusProviderWebsocket, WebSocketStatus } from '@hocuspocus/provider'
import { backoffMs, inBackground, RESTART_SPREAD_MS, type Ports, type Timer } from '../ports.ts'

/** A connection that does not open, or opens and stays silent, is given up after this time. */
const OPEN_TIMEOUT_MS = 10_000

/** A socket from which no message has come whole in this time is given up: a large one takes long on a slow line. */
const SILENCE_MS = 120_000

export interface Socket {
  readonly provider: HocuspocusProviderWebsocket
  readonly isOpen: boolean
  /** Changes with each message that comes. */
  readonly heardAt: number
  /** When the connection was lost or the first attempt failed; null before and while connected. */
  readonly offlineSince: number | null
  readonly nextTryAt: number | null
  /** Tries now, if it is not open. */
  connect(): void
  /** The server has answered: the backoff starts anew. */
  healthy(): void
  /** Closes the connection, which brings a new one. */
  drop(): void
  stop(): void
}

class SkeinSocket extends HocuspocusProviderWebsocket {
  /** A socket that hangs tells nobody that it was closed: this does. */
  giveUp(): void {
    this.emit('close', { event: { code: 4000, reason: 'given up' } })
  }
}

export interface SocketOptions {
  /** false while there is no session to come back with. */
  mayTry(): boolean
  /** Asked before each connection; after a no there is none any more. */
  mayOpen(): Promise<boolean>
  /** The connection ended, with the server's reason or ''. */
  lost(reason: string): void
  changed(): void
}

export function createSocket(url: string, ports: Ports, options: SocketOptions): Socket {
  const { mayTry, changed } = options
  let offlineSince: number | null = null
  let nextTryAt: number | null = null
  let retry: Timer | null = null
  let deadline: Timer | null = null
  let attempt = 0
  let trying = false
  let stopped = false

  const provider = new SkeinSocket({
    url,
    autoConnect: false,
    maxAttempts: 1,
    delay: 0,
    minDelay: 0,
    jitter: false,
    messageReconnectTimeout: SILENCE_MS,
    WebSocketPolyfill: ports.WebSocket,
    onClose: ({ event }) => {
      options.lost(event.reason)
      lost(event.reason === 'restart')
    },
    onStatus: changed,
    onMaxAttemptsFailed: () => lost(),
  })

  function clear(): void {
    if (retry !== null) ports.clearTimeout(retry)
    if (deadline !== null) ports.clearTimeout(deadline)
    retry = null
    deadline = null
  }
  function lost(restarts = false): void {
    // Keeps the provider from a schedule of its own.
    provider.shouldConnect = false
    if (stopped) return
    if (!trying && retry !== null) return
    trying = false
    clear()
    offlineSince ??= ports.now()
    if (!mayTry()) return changed()
    const wait = restarts ? backoffMs(attempt++, ports, RESTART_SPREAD_MS) : backoffMs(attempt++, ports)
    nextTryAt = ports.now() + wait
    retry = ports.setTimeout(connect, wait)
    changed()
  }
  function connect(): void {
    if (stopped || trying) return
    clear()
    trying = true
    nextTryAt = null
    deadline = ports.setTimeout(() => drop(), OPEN_TIMEOUT_MS)
    const mine = deadline
    inBackground(
      (async () => {
        if ((await options.mayOpen()) && deadline === mine && !stopped) await provider.connect()
      })(),
      ports,
    )
    changed()
  }
  function drop(): void {
    if (provider.webSocket) provider.giveUp()
    else lost()
  }

  return {
    provider,
    get isOpen() {
      return provider.status === WebSocketStatus.Connected
    },
    get heardAt() {
      return provider.lastMessageReceived
    },
    get offlineSince() {
      return offlineSince
    },
    get nextTryAt() {
      return nextTryAt
    },
    connect: () => {
      if (provider.status !== WebSocketStatus.Connected) connect()
    },
    healthy: () => {
      attempt = 0
      offlineSince = null
      if (deadline !== null) ports.clearTimeout(deadline)
      deadline = null
      changed()
    },
    drop,
    stop: () => {
      stopped = true
      clear()
      provider.destroy()
    },
  }
}
