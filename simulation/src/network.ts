// The network: sockets and HTTP in memory, with time to travel, lost answers, requests that arrive twice, cuts that are heard and cuts that are not.
import { EventEmitter } from 'node:events'
import type { Random } from './random.ts'
import type { Actor, Scheduler } from './scheduler.ts'

/** How a device reaches the servers. */
export interface Link {
  up: boolean
  /** Greatest time that something travels, in milliseconds. */
  slowMs: number
  /** Chances that a request is lost on its way, comes twice, or loses its answer. */
  lost: number
  doubled: number
  unanswered: number
}

/** A server as the network sees it. */
export interface Host {
  readonly actor: Actor
  readonly isUp: boolean
  accept(socket: ServerSocket): void
  fetch(request: Request): Promise<Response>
}

/** Sees everything that travels; throws nothing. */
export interface Wire {
  sent(connection: Connection, frame: Uint8Array): void
  answered(connection: Connection, frame: Uint8Array): void
  replied(actor: Actor, request: { method: string; path: string; body: string | null }, status: number, text: string): void
}

type Listener = (event: { data?: ArrayBuffer; code?: number; reason?: string; type: string }) => void

/** The server's end, as `ws` has it. */
export class ServerSocket extends EventEmitter {
  readyState = 1
  isPaused = false
  bufferedAmount = 0
  readonly connection: Connection
  constructor(connection: Connection) {
    super()
    this.connection = connection
  }
  send(data: Uint8Array): void {
    if (this.readyState === 1) this.connection.toClient(new Uint8Array(data))
  }
  close(code = 1005, reason = ''): void {
    if (this.readyState !== 1) return
    this.readyState = 2
    this.connection.closedByServer(code, reason)
  }
  terminate(): void {
    if (this.readyState === 3) return
    this.connection.break(0)
  }
  ping(): void {
    if (this.readyState === 1) this.connection.pinged()
  }
  pause(): void {
    this.isPaused = true
  }
  resume(): void {
    this.isPaused = false
    this.connection.resumed()
  }
}

/** The client's end, as a browser has it. */
export class ClientSocket {
  readyState = 0
  binaryType = 'blob'
  readonly #connection: Connection
  readonly #listeners = new Map<string, Set<Listener>>()
  constructor(connection: Connection) {
    this.#connection = connection
  }
  addEventListener(name: string, listener: Listener): void {
    const known = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, known)
    known.add(listener)
  }
  removeEventListener(name: string, listener: Listener): void {
    this.#listeners.get(name)?.delete(listener)
  }
  dispatch(type: string, fields: Omit<Parameters<Listener>[0], 'type'> = {}): void {
    for (const listener of Array.from(this.#listeners.get(type) ?? [])) listener({ type, ...fields })
  }
  send(data: Uint8Array | ArrayBuffer): void {
    if (this.readyState === 1) this.#connection.toServer(new Uint8Array(data).slice())
  }
  close(): void {
    if (this.readyState >= 2) return
    this.readyState = 2
    this.#connection.closedByClient()
  }
}

/** One socket from end to end. Each direction keeps its order. */
export class Connection {
  readonly client: ClientSocket
  readonly server: ServerSocket
  readonly tab: Actor
  readonly host: Host
  readonly link: Link
  /** Where the protocol has no names: the one document that it is about. */
  readonly document: string | null
  /** Frames vanish, and nobody hears of it. */
  silent = false
  /** Nothing travels any more. */
  over = false
  readonly #network: Network
  #clientAt = 0
  #serverAt = 0
  #waiting: Uint8Array[] = []

  constructor(network: Network, tab: Actor, host: Host, link: Link, document: string | null = null) {
    this.#network = network
    this.document = document
    this.tab = tab
    this.host = host
    this.link = link
    this.client = new ClientSocket(this)
    this.server = new ServerSocket(this)
  }

  open(): void {
    const { scheduler } = this.#network
    const fail = (): void => {
      this.over = true
      scheduler.post(this.tab, this.#delay(), () => {
        if (this.client.readyState === 3) return
        this.client.readyState = 3
        this.client.dispatch('error')
        this.client.dispatch('close', { code: 1006, reason: '' })
      })
    }
    if (!this.link.up || !this.host.isUp) return fail()
    this.#network.connections.add(this)
    scheduler.post(this.host.actor, this.#delay(), () => {
      if (this.over || this.silent) return
      this.host.accept(this.server)
      this.#onClient(() => {
        if (this.client.readyState !== 0) return
        this.client.readyState = 1
        this.client.dispatch('open')
      })
    })
  }

  toServer(frame: Uint8Array): void {
    if (this.over || this.silent) return
    this.#network.wire.sent(this, frame)
    this.#onServer(() => this.#arrive(frame))
  }
  #arrive(frame: Uint8Array): void {
    if (this.server.readyState !== 1) return
    if (this.server.isPaused || this.#waiting.length > 0) this.#waiting.push(frame)
    else this.server.emit('message', Buffer.from(frame), true)
  }
  resumed(): void {
    this.#network.scheduler.post(this.host.actor, 0, () => {
      while (!this.server.isPaused && this.server.readyState === 1) {
        const frame = this.#waiting.shift()
        if (!frame) return
        this.server.emit('message', Buffer.from(frame), true)
      }
    })
  }

  toClient(frame: Uint8Array): void {
    if (this.over) return
    this.#network.wire.answered(this, frame)
    if (this.silent) {
      this.server.bufferedAmount += frame.length
      return
    }
    this.server.bufferedAmount += frame.length
    this.#onClient(() => {
      this.server.bufferedAmount -= frame.length
      if (this.client.readyState === 1) this.client.dispatch('message', { data: frame.slice().buffer })
    })
  }

  /** The browser answers by itself, whatever its page does. */
  pinged(): void {
    this.#network.scheduler.post(this.host.actor, 2 * this.#delay(), () => {
      if (!this.over && !this.silent && this.client.readyState === 1) this.server.emit('pong')
    })
  }

  closedByClient(): void {
    if (this.over) return
    const { scheduler } = this.#network
    // Nobody answers the goodbye: the browser gives up by itself.
    if (this.silent) return void scheduler.post(this.tab, 30_000, () => this.#clientClosed(1006, ''))
    this.#onServer(() => {
      this.over = true
      this.#serverClosed(1000, '')
    })
    this.#onClient(() => this.#clientClosed(1000, ''), 2)
  }
  closedByServer(code: number, reason: string): void {
    if (this.over) return
    const { scheduler } = this.#network
    if (this.silent) return void scheduler.post(this.host.actor, 30_000, () => this.#serverClosed(1006, ''))
    this.#onClient(() => this.#clientClosed(code, reason))
    scheduler.post(this.host.actor, this.#delay() + this.link.slowMs, () => {
      this.over = true
      this.#serverClosed(code, reason)
    })
  }

  /** The connection is reset: what is under way is lost, both ends hear of it, each at its time. */
  break(withinMs: number): void {
    if (this.over) return
    this.over = true
    const { scheduler, random } = this.#network
    this.#network.connections.delete(this)
    scheduler.post(this.tab, random.below(withinMs + 1), () => this.#clientClosed(1006, ''))
    scheduler.post(this.host.actor, random.below(withinMs + 1), () => this.#serverClosed(1006, ''))
  }

  #clientClosed(code: number, reason: string): void {
    if (this.client.readyState === 3) return
    this.client.readyState = 3
    this.client.dispatch('close', { code, reason })
  }
  #serverClosed(code: number, reason: string): void {
    this.#network.connections.delete(this)
    if (this.server.readyState === 3) return
    this.server.readyState = 3
    this.server.emit('close', code, Buffer.from(reason))
  }

  #delay(): number {
    return this.#network.random.between(1, this.link.slowMs)
  }
  #onServer(run: () => void): void {
    const { scheduler } = this.#network
    this.#serverAt = Math.max(this.#serverAt, scheduler.now + this.#delay())
    scheduler.post(this.host.actor, this.#serverAt - scheduler.now, () => {
      if (!this.over && !this.silent) run()
    })
  }
  #onClient(run: () => void, times = 1): void {
    const { scheduler } = this.#network
    this.#clientAt = Math.max(this.#clientAt, scheduler.now + times * this.#delay())
    scheduler.post(this.tab, this.#clientAt - scheduler.now, () => {
      if (!this.silent) run()
    })
  }
}

export class Network {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly wire: Wire
  readonly connections = new Set<Connection>()
  /** Requests without an answer. */
  readonly #open = new Set<(host: Host) => void>()
  /** Which server answers next. */
  readonly route: () => Host | null

  constructor(scheduler: Scheduler, random: Random, wire: Wire, route: () => Host | null) {
    this.scheduler = scheduler
    this.random = random
    this.wire = wire
    this.route = route
  }

  connect(tab: Actor, link: Link): ClientSocket {
    const connection = new Connection(this, tab, this.route() ?? NOBODY, link)
    this.scheduler.post(tab, 0, () => connection.open())
    return connection.client
  }

  /** As a browser's fetch; what it rejects with says nothing, as there. */
  fetch(tab: Actor, link: Link, cookies: Cookies, url: string, init: RequestInit): Promise<Response> {
    const { scheduler, random } = this
    const host = this.route()
    return new Promise((resolve, reject) => {
      const fail = (delay: number): void => {
        this.#open.delete(died)
        scheduler.post(tab, delay, () => reject(new TypeError('fetch failed')))
      }
      // A server that dies answers nobody, and the line says so.
      const died = (gone: Host): void => {
        if (gone === host) fail(random.between(1, link.slowMs))
      }
      init.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
      const delay = (): number => random.between(1, link.slowMs)
      if (!link.up) return fail(1)
      if (!host?.isUp || random.chance(link.lost)) return fail(delay())
      const { pathname, search, origin } = new URL(url)
      const method = init.method ?? 'GET'
      const body = typeof init.body === 'string' ? init.body : null
      const headers = new Headers(init.headers)
      headers.set('origin', origin)
      const cookie = cookies.header(pathname)
      if (cookie) headers.set('cookie', cookie)
      const ask = (answered: boolean): void =>
        void scheduler.post(host.actor, delay(), () => {
          if (!host.isUp) return fail(delay())
          const request = new Request(url, { method, headers, ...(body === null ? {} : { body }) })
          const answer = async (): Promise<void> => {
            const response = await host.fetch(request)
            const text = await response.text()
            this.wire.replied(tab, { method, path: pathname + search, body }, response.status, text)
            if (!answered) return
            if (!link.up || random.chance(link.unanswered)) return fail(delay())
            const kept = response.headers.getSetCookie()
            const { status } = response
            const answerHeaders = new Headers(response.headers)
            this.#open.delete(died)
            scheduler.post(tab, delay(), () => {
              cookies.keep(kept)
              resolve(new Response(status === 204 ? null : text, { status, headers: answerHeaders }))
            })
          }
          answer().catch((error: unknown) => {
            scheduler.failures.push(error)
          })
        })
      if (random.chance(link.doubled)) ask(false)
      ask(true)
      this.#open.add(died)
    })
  }

  /** A server has died: what was open with it ends, requests without an answer fail. */
  died(host: Host): void {
    for (const connection of Array.from(this.connections)) if (connection.host === host) connection.break(connection.link.slowMs)
    for (const tell of Array.from(this.#open)) tell(host)
  }
}

const NOBODY: Host = {
  actor: { alive: false } as Actor,
  isUp: false,
  accept: () => {},
  fetch: () => Promise.reject(new Error('nobody listens')),
}

/** A browser's cookies for one server. */
export class Cookies {
  readonly #values = new Map<string, string>()
  header(path: string): string | null {
    if (!path.startsWith('/api/auth') || this.#values.size === 0) return null
    return Array.from(this.#values, ([name, value]) => `${name}=${value}`).join('; ')
  }
  keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = ''] = line.split(';')
      const [name = '', value = ''] = pair.split('=')
      if (value === '' || /;\s*max-age=0\b/i.test(line)) this.#values.delete(name)
      else this.#values.set(name, value)
    }
  }
}
