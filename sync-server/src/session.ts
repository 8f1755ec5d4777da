// One socket: who is behind it, until when, which documents are open on it, and how fast it goes. Hooks look authority up here, so that it can end at any moment.
import type { Connection } from '@hocuspocus/server'
import {
  CLOSE_REASONS,
  MAX_BUFFERED_BYTES,
  MAX_FRAMES_BURST,
  MAX_FRAMES_PER_SECOND,
  MAX_IN_FLIGHT_BYTES,
  MAX_MISSED_HEARTBEATS,
  MAX_OPERATIONS_BURST,
  MAX_OPERATIONS_PER_SECOND,
  MAX_QUESTIONS_BURST,
  MAX_QUESTIONS_PER_SECOND,
  MAX_SPEECHLESS_HEARTBEATS,
  MAX_UNREAD_BYTES,
  type CloseReason,
  type UserId,
} from '@skein/protocol'
import type { WebSocket } from 'ws'
import { Rate } from './awareness-guard.ts'
import { Bucket } from './bucket.ts'
import type { VerifiedToken } from './ports.ts'

export interface OpenDocument {
  /** 'closed': its connection ended; frames that were under way are dropped until the next authentication. */
  state: 'opening' | 'open' | 'closed'
  /** Bytes received for it and not yet handled. */
  inFlightBytes: number
  awareness: Rate
  /** The awareness client id that this connection speaks under. */
  wears: number | null
  /** While it is open. */
  connection: Connection | null
  /** Membership ended while it was being opened. */
  revoked: boolean
}

const closedDocument = { state: 'closed', inFlightBytes: 0, wears: null, connection: null, revoked: false } as const
/** A WebSocket's state. */
const OPEN = 1

export class Session {
  readonly socket: WebSocket
  readonly address: string
  /** What an ordinary y-websocket client is sent so that it hears something (W5); null on `/sync`. */
  readonly keepAlive: Uint8Array | null
  readonly documents = new Map<string, OpenDocument>()
  readonly questions = new Bucket(MAX_QUESTIONS_BURST, MAX_QUESTIONS_PER_SECOND)
  readonly operations = new Bucket(MAX_OPERATIONS_BURST, MAX_OPERATIONS_PER_SECOND)
  readonly #frames = new Bucket(MAX_FRAMES_BURST, MAX_FRAMES_PER_SECOND)
  /** null until the first valid token, and again when it has ended. */
  token: VerifiedToken | null = null
  #owner: UserId | null = null
  #verified: { text: string; token: VerifiedToken } | null = null
  /** Runs while the socket is too fast. */
  #throttle: NodeJS.Timeout | null = null
  #speechless = 0
  #missed = 0
  #unread = 0
  #opening = 0
  #inFlightBytes = 0
  readonly #written = (): void => {
    if (this.socket.isPaused) this.adjust()
  }

  constructor(socket: WebSocket, address: string, keepAlive: Uint8Array | null) {
    this.socket = socket
    this.address = address
    this.keepAlive = keepAlive
  }

  get user(): UserId | null {
    return this.token?.userId ?? null
  }

  /** Verifies each token text once (H5): a socket that opens thirty documents sends the same one thirty times. One socket is one person's. */
  async authenticate(text: string, verify: (text: string) => Promise<VerifiedToken | null>, now: number): Promise<boolean> {
    if (this.#verified?.text !== text || this.#verified.token.expiresAt <= now) {
      const token = await verify(text)
      if (!token || (this.#owner ?? token.userId) !== token.userId) return false
      this.#owner = token.userId
      this.#verified = { text, token }
    }
    this.token = this.#verified.token
    return true
  }

  open(name: string): OpenDocument {
    this.closed(name)
    const document = this.documents.get(name) ?? { ...closedDocument, awareness: new Rate() }
    this.documents.set(name, document)
    this.#opening++
    return Object.assign(document, { state: 'opening', wears: null, revoked: false })
  }

  opened(document: OpenDocument, connection: Connection): void {
    if (document.state === 'opening') this.#opening--
    document.state = 'open'
    document.connection = connection
  }

  closed(name: string): void {
    const document = this.documents.get(name)
    if (!document) return
    if (document.state === 'opening') this.#opening--
    this.#inFlightBytes -= document.inFlightBytes
    Object.assign(document, { state: 'closed', inFlightBytes: 0, connection: null })
    this.adjust()
  }

  /** Something is being opened. */
  get isOpening(): boolean {
    return this.#opening > 0
  }

  get connections(): Connection[] {
    return [...this.documents.values()].flatMap(({ connection }) => connection ?? [])
  }

  /** Bytes for a document have come in, or (below 0) were handled. */
  inFlight(document: OpenDocument, bytes: number): void {
    const before = document.inFlightBytes
    document.inFlightBytes = Math.max(0, before + bytes)
    this.#inFlightBytes += document.inFlightBytes - before
    this.adjust()
  }

  /** Something was received: the peer lives. What comes too fast is not taken from the network until it is due. */
  received(now: number): void {
    this.#missed = 0
    const wait = this.#frames.owe(now)
    if (wait > 0)
      this.#throttle ??= setTimeout(() => {
        this.#throttle = null
        this.adjust()
      }, wait)
    this.adjust()
  }

  /** The peer has said something itself; a pong its machine says. */
  spoke(): void {
    this.#speechless = 0
  }

  /** Reads from the socket, or does not: neither what waits to be handled nor what waits to be read by the peer may fill the memory (H6). */
  adjust(): void {
    const { socket } = this
    if (socket.readyState !== OPEN) return
    const isAbove = (share: number): boolean => this.#inFlightBytes > MAX_IN_FLIGHT_BYTES * share || socket.bufferedAmount > MAX_UNREAD_BYTES * share
    if (this.#throttle || isAbove(1)) socket.pause()
    else if (socket.isPaused && !isAbove(1 / 2)) socket.resume()
  }

  /** Sends a frame; a reader that does not read is closed, comes back and syncs. */
  send(bytes: Uint8Array): void {
    const { socket } = this
    if (socket.readyState !== OPEN) return
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) return this.close('slow-reader')
    socket.send(bytes, this.#written)
    if (socket.bufferedAmount > MAX_UNREAD_BYTES) this.adjust()
  }

  close(reason: CloseReason): void {
    this.socket.resume()
    this.socket.close(CLOSE_REASONS[reason], reason)
  }

  /** Asks a silent peer for a sign of life, and gives up one that owes too many. A slow line on which bytes still move is not silent. */
  beat(): void {
    const { socket } = this
    if (socket.readyState !== OPEN) return
    const moves = socket.bufferedAmount < this.#unread
    this.#unread = socket.bufferedAmount
    if (moves) this.#missed = 0
    this.adjust()
    // A socket that is paused cannot be heard, and who waits for the database is not to blame for it.
    if (socket.isPaused && socket.bufferedAmount === 0) return
    if (this.#missed >= MAX_MISSED_HEARTBEATS) return socket.terminate()
    if (!this.keepAlive && this.#speechless >= MAX_SPEECHLESS_HEARTBEATS) return this.close('try-again')
    if (this.keepAlive) this.send(this.keepAlive)
    if (this.#missed > 0 || this.#speechless > 0) socket.ping()
    this.#missed++
    this.#speechless++
  }

  /** The socket is closed. */
  end(): void {
    if (this.#throttle) clearTimeout(this.#throttle)
  }
}
