// The sockets, ours and not Hocuspocus's (H6, H7): what comes in is judged before it is handed over, what goes out is bounded, and who falls silent is given up.
import type { Hocuspocus } from '@hocuspocus/server'
import { CLOSE_REASONS, HEARTBEAT_MS, parseDocumentName, Refusal, UNAUTHENTICATED_MS } from '@skein/protocol'
import type { RawData, WebSocket } from 'ws'
import type { Context } from './extension.ts'
import { deniedName, denial, judgeFrame } from './frames.ts'
import { KEEP_ALIVE, parsePlainUrl, PlainDoor } from './plain.ts'
import type { SyncPorts } from './ports.ts'
import { Session } from './session.ts'

export class Sockets {
  readonly sessions = new Set<Session>()
  readonly #ports: SyncPorts
  readonly #hocuspocus: () => Hocuspocus<Context>
  readonly #ended: (session: Session) => void
  readonly #heart: NodeJS.Timeout
  #draining = false

  constructor(ports: SyncPorts, hocuspocus: () => Hocuspocus<Context>, ended: (session: Session) => void) {
    this.#ports = ports
    this.#hocuspocus = hocuspocus
    this.#ended = ended
    this.#heart = setInterval(() => this.sessions.forEach((session) => session.beat()), HEARTBEAT_MS).unref()
  }

  /** A socket of Hocuspocus's protocol, for many documents. */
  accept(socket: WebSocket, address: string): void {
    if (this.#draining) return socket.close(CLOSE_REASONS.restart, 'restart')
    this.#take(new Session(socket, address, null), null)
  }

  /** A socket of y-websocket's protocol, for the document that its URL names. */
  acceptPlain(socket: WebSocket, address: string, url: string): void {
    if (this.#draining) return socket.close(CLOSE_REASONS.restart, 'restart')
    const { document, token } = parsePlainUrl(url)
    if (!parseDocumentName(document)) return socket.close(CLOSE_REASONS['no-access'], 'no-access')
    const session = new Session(socket, address, KEEP_ALIVE)
    const door = new PlainDoor({
      document,
      user: () => session.user,
      isOthers: (client) => session.documents.get(document)?.connection?.document.awareness.meta.has(client) ?? false,
    })
    this.#take(session, door)(door.authentication(token))
  }

  closeAll(): void {
    this.#draining = true
    clearInterval(this.#heart)
    for (const session of this.sessions) session.close('restart')
  }

  terminateAll(): void {
    for (const session of this.sessions) session.socket.terminate()
  }

  /** Returns what hands one of Hocuspocus's frames over. */
  #take(session: Session, door: PlainDoor | null): (frame: Uint8Array) => void {
    const { socket, address } = session
    const { logger, now } = this.#ports
    this.sessions.add(session)
    const send = (frame: Uint8Array): void => {
      // Denied at whatever step: the next authentication is a first one.
      const denied = session.isOpening ? deniedName(frame) : null
      if (denied !== null) session.closed(denied)
      const out = door ? door.outgoing(frame) : { send: frame }
      if (out && 'send' in out) session.send(out.send)
      else if (out) session.close(out.close)
    }
    const outgoing = {
      get readyState() {
        return socket.readyState
      },
      close: (code?: number, reason?: string) => socket.close(code, reason),
      send,
    }
    const connection = this.#hocuspocus().handleConnection(outgoing as never, new Request('http://localhost/sync'), { session })
    const receive = (frame: Uint8Array): void => {
      const verdict = judgeFrame(frame, session, now())
      if (verdict.kind === 'deny') send(denial(verdict.name))
      if (verdict.kind !== 'pass') return
      const open = session.documents.get(verdict.name)
      if (open && !verdict.opens) session.inFlight(open, frame.length)
      connection.handleMessage(frame)
    }
    const deadline = setTimeout(() => {
      if (!session.token) session.close('slow-down')
    }, UNAUTHENTICATED_MS)
    const received = (): void => session.received(now())
    socket.on('ping', received)
    socket.on('pong', received)
    socket.on('message', (data, isBinary) => {
      received()
      session.spoke()
      try {
        if (!isBinary) throw new Refusal('bad-message')
        const frame = door ? door.incoming(bytesOf(data)) : bytesOf(data)
        if (frame) receive(frame)
      } catch (error) {
        if (!(error instanceof Refusal)) logger.error({ err: error, address }, 'a frame could not be handled')
        session.close(error instanceof Refusal ? error.reason : 'bad-message')
      }
    })
    socket.on('close', (code, reason) => {
      clearTimeout(deadline)
      session.end()
      this.sessions.delete(session)
      connection.handleClose({ code, reason: String(reason) })
      this.#ended(session)
    })
    socket.on('error', (error) => logger.debug({ err: error, address }, 'a socket failed'))
    return receive
  }
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return new Uint8Array(Buffer.concat(data))
  // A copy: the write path blanks what was handled, and ws may hand out views of one buffer.
  return new Uint8Array(data)
}
