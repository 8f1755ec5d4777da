// The wire of Hocuspocus, which plain Hocuspocus and Skein speak alike: a log in a Yjs document for each member. A member of Skein follows its chat into the next epoch.
import { randomBytes } from 'node:crypto'
import { logRoot, type UserId } from '@skein/protocol'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import type { WebSocket } from 'ws'
import { openSocket } from './broadcast.ts'
import { encodeAppend, valuesOf } from './updates.ts'
import type { Member, Message } from './wire.ts'

export interface Seat {
  document: string
  user: UserId
  token: string
}

/** Where a chat goes on, and the ids of its newest messages. */
export type Follow = () => Promise<{ document: string; ids: string[] }>

const SYNC = 0
const AUTH = 2
const QUERY_AWARENESS = 3
const SYNC_REPLY = 4
const CLOSE = 7
const STATUS = 8
const STEP_1 = 0
const STEP_2 = 1
const UPDATE = 2
const EMPTY = Uint8Array.of(0, 0)

/** A client that never speaks is taken for a frozen page; a real one renews its awareness as often. */
const SPEAK_MS = 15_000

/** Opens a document on a socket of its own; resolves once it is synced. */
export async function joinDocument(url: string, seat: Seat, follow?: Follow): Promise<Member & { seq: number }> {
  const member = new DocumentMember(await openSocket(url), seat, follow)
  await member.opened
  return member
}

class DocumentMember implements Member {
  heard: (id: string) => void = () => undefined
  taken: () => void = () => undefined
  bytes = 0
  /** The newest message of the chat, as Skein's ledger tells it. */
  seq = 0
  readonly opened: Promise<void>
  readonly #socket: WebSocket
  readonly #seat: Seat
  readonly #root: string
  readonly #follow: Follow | undefined
  readonly #open = Promise.withResolvers<void>()
  #document: string
  #synced = false
  #client = 0
  #clock = 0
  /** What each update on its way holds, in order; what was written while the document was closed comes last. */
  #unanswered: Message[][] = []
  /** Ids that were heard in this epoch: asking for the newest messages brings some again. */
  readonly #heard = new Set<string>()

  constructor(socket: WebSocket, seat: Seat, follow: Follow | undefined) {
    this.#socket = socket
    this.#seat = seat
    this.#root = logRoot(seat.user)
    this.#follow = follow
    this.#document = seat.document
    this.opened = this.#open.promise
    socket.on('message', (data: Buffer) => this.#hear(data))
    const speaking = setInterval(() => this.#frame((encoder) => encoding.writeVarUint(encoder, QUERY_AWARENESS)), SPEAK_MS)
    socket.on('close', () => clearInterval(speaking))
    socket.on('close', (code, reason) => this.#open.reject(new Error(`closed: ${code} ${reason.toString()}`)))
    this.#start()
  }

  write(messages: Message[]): void {
    this.#unanswered.push(messages)
    if (this.#synced) this.#send(messages)
  }

  close(): void {
    this.#socket.terminate()
  }

  #start(): void {
    this.#client = randomBytes(4).readUInt32BE() + 16
    this.#clock = 0
    this.#frame((encoder) => {
      encoding.writeVarUint(encoder, AUTH)
      encoding.writeVarUint(encoder, 0)
      encoding.writeVarString(encoder, this.#seat.token)
    })
    this.#sync(STEP_1, Uint8Array.of(0))
  }

  #send(messages: Message[]): void {
    this.#sync(UPDATE, encodeAppend(this.#client, this.#clock, this.#root, messages))
    this.#clock += messages.length
  }

  #sync(kind: number, payload: Uint8Array): void {
    this.#frame((encoder) => {
      encoding.writeVarUint(encoder, SYNC)
      encoding.writeVarUint(encoder, kind)
      encoding.writeVarUint8Array(encoder, payload)
    })
  }

  #frame(write: (encoder: encoding.Encoder) => void): void {
    this.#socket.send(
      encoding.encode((encoder) => {
        encoding.writeVarString(encoder, this.#document)
        write(encoder)
      }),
    )
  }

  #hear(data: Buffer): void {
    this.bytes += data.length
    const decoder = decoding.createDecoder(data)
    if (decoding.readVarString(decoder) !== this.#document) return
    const type = decoding.readVarUint(decoder)
    if (type === STATUS) {
      if (!this.#synced) return
      this.#unanswered.shift()
      return this.taken()
    }
    if (type === CLOSE || (type === AUTH && decoding.readVarUint(decoder) === 1)) return this.#closed(decoding.readVarString(decoder))
    if (type !== SYNC && type !== SYNC_REPLY) return
    const kind = decoding.readVarUint(decoder)
    const payload = decoding.readVarUint8Array(decoder)
    // The step that asks for what this side has: nothing that is not sent as an update.
    if (kind === STEP_1) return this.#sync(STEP_2, EMPTY)
    for (const [from, value] of valuesOf(payload)) {
      if (Array.isArray(value)) this.seq = Math.max(this.seq, Number(value[2])) // an entry of Skein's ledger
      else if (from !== this.#client) this.#tell((value as Message).id)
    }
    if (kind === STEP_2) this.#begin()
  }

  #tell(id: string): void {
    if (this.#follow) {
      if (this.#heard.has(id)) return
      this.#heard.add(id)
    }
    this.heard(id)
  }

  /** Synced: the first acknowledgement is for the empty step that answered the server's. */
  #begin(): void {
    const left = this.#unanswered.flat()
    this.#unanswered = [[]]
    this.#synced = true
    if (left.length > 0) this.write(left)
    this.#open.resolve()
  }

  #closed(reason: string): void {
    this.#synced = false
    if (!this.#follow || !['closed-epoch', 'try-again', 'slow-down'].includes(reason)) {
      this.#open.reject(new Error(reason))
      return
    }
    this.#follow().then(
      ({ document, ids }) => {
        ids.forEach((id) => this.#tell(id))
        this.#heard.clear()
        ids.forEach((id) => this.#heard.add(id))
        this.#document = document
        this.#start()
      },
      () => setTimeout(() => this.#closed(reason), 100),
    )
  }
}
