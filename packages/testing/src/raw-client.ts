// For tests: a client that speaks Hocuspocus's protocol byte by byte, so that it can also say what no honest client says.
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { WebSocket } from 'ws'
import * as Y from 'yjs'

export type Heard =
  | { type: 'authenticated' }
  | { type: 'denied'; reason: string }
  | { type: 'ack' }
  | { type: 'closed'; reason: string }
  | { type: 'synced' }
  | { type: 'update' }
  | { type: 'awareness'; states: Map<number, unknown> }
  | { type: 'stateless'; payload: unknown }
  | { type: 'token-wanted' }
  | { type: 'socket-closed'; code: number; reason: string }

const text = new TextDecoder()

/** One socket. Every document opened on it has a Y.Doc that follows the server. */
export class RawClient {
  readonly socket: WebSocket
  readonly docs = new Map<string, Y.Doc>()
  /** Everything heard, by document name; '' for the socket itself. */
  readonly heard = new Map<string, Heard[]>()
  #wake: (() => void)[] = []

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data: Buffer) => this.#hear(new Uint8Array(data)))
    socket.on('close', (code, reason) => this.#note('', { type: 'socket-closed', code, reason: text.decode(reason) }))
    socket.on('error', () => undefined)
  }

  static async connect(url: string): Promise<RawClient> {
    const socket = new WebSocket(url)
    const client = new RawClient(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve())
      socket.once('error', reject)
    })
    return client
  }

  send(frame: Uint8Array): void {
    this.socket.send(frame)
  }

  frame(name: string, write: (encoder: encoding.Encoder) => void): Uint8Array {
    return encoding.encode((encoder) => {
      encoding.writeVarString(encoder, name)
      write(encoder)
    })
  }

  auth(name: string, token: string): void {
    this.send(
      this.frame(name, (encoder) => {
        encoding.writeVarUint(encoder, 2)
        encoding.writeVarUint(encoder, 0)
        encoding.writeVarString(encoder, token)
      }),
    )
  }

  /** type 0: step 1 with a state vector; 1: step 2; 2: update. */
  sync(name: string, type: 0 | 1 | 2, payload: Uint8Array): void {
    this.send(
      this.frame(name, (encoder) => {
        encoding.writeVarUint(encoder, 0)
        encoding.writeVarUint(encoder, type)
        encoding.writeVarUint8Array(encoder, payload)
      }),
    )
  }

  awareness(name: string, payload: Uint8Array): void {
    this.send(
      this.frame(name, (encoder) => {
        encoding.writeVarUint(encoder, 1)
        encoding.writeVarUint8Array(encoder, payload)
      }),
    )
  }

  /** Opens a document and waits until it is synced, and what it held already is acknowledged or refused. @throws when it is denied. */
  async open(name: string, token: string): Promise<Y.Doc> {
    const doc = this.docs.get(name) ?? new Y.Doc()
    this.docs.set(name, doc)
    const from = this.count(name)
    this.auth(name, token)
    this.sync(name, 0, Y.encodeStateVector(doc))
    const first = await this.until(name, (heard) => heard.type === 'synced' || heard.type === 'denied', from)
    if (first.type === 'denied') throw new Error(`${name} was denied: ${first.reason}`)
    await this.until(name, (heard) => heard.type === 'ack' || heard.type === 'closed', from)
    return doc
  }

  /** Appends to a log in one's own document and offers it; resolves with what the server answers. */
  async append(name: string, root: string, values: object[]): Promise<Heard> {
    const doc = this.docs.get(name)
    if (!doc) throw new Error(`${name} is not open`)
    const before = Y.encodeStateVector(doc)
    doc.getArray(root).push(values)
    return this.offer(name, Y.encodeStateAsUpdate(doc, before))
  }

  offer(name: string, update: Uint8Array): Promise<Heard> {
    const all = this.heard.get(name) ?? []
    const closed = all.findLastIndex(({ type }) => type === 'closed')
    // Whoever offers to a document that was closed meanwhile hears nothing more.
    const from = closed > all.findLastIndex(({ type }) => type === 'authenticated') ? closed : all.length
    this.sync(name, 2, update)
    return this.until(name, (heard) => heard.type === 'ack' || heard.type === 'closed', from)
  }

  count(name: string): number {
    return this.heard.get(name)?.length ?? 0
  }

  /** The first thing heard about a document, from the `from`th on, for which the test holds. Rejects when the socket closes first. */
  async until(name: string, test: (heard: Heard) => boolean, from = 0): Promise<Heard> {
    for (;;) {
      const found = (this.heard.get(name) ?? []).slice(from).find(test)
      if (found) return found
      const gone = this.heard.get('')?.[0]
      if (gone && name !== '') throw new Error(`the socket closed: ${JSON.stringify(gone)}`)
      await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
  }

  /** Resolves when a document of this client fulfils the condition. */
  async untilDoc(name: string, test: (doc: Y.Doc) => boolean): Promise<void> {
    const doc = this.docs.get(name)
    while (doc && !test(doc)) await new Promise<void>((resolve) => this.#wake.push(resolve))
  }

  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return
    this.socket.close()
    await this.until('', (heard) => heard.type === 'socket-closed')
  }

  #note(name: string, heard: Heard): void {
    const list = this.heard.get(name)
    if (list) list.push(heard)
    else this.heard.set(name, [heard])
    const wake = this.#wake
    this.#wake = []
    wake.forEach((resolve) => resolve())
  }

  #hear(frame: Uint8Array): void {
    const decoder = decoding.createDecoder(frame)
    const name = decoding.readVarString(decoder)
    const type = decoding.readVarUint(decoder)
    if (type === 0 || type === 4) return this.#hearSync(name, decoder)
    if (type === 1) return this.#note(name, { type: 'awareness', states: readStates(decoding.readVarUint8Array(decoder)) })
    if (type === 2) {
      const kind = decoding.readVarUint(decoder)
      if (kind === 0) return this.#note(name, { type: 'token-wanted' })
      const reason = decoding.readVarString(decoder)
      return this.#note(name, kind === 1 ? { type: 'denied', reason } : { type: 'authenticated' })
    }
    if (type === 5) return this.#note(name, { type: 'stateless', payload: JSON.parse(decoding.readVarString(decoder)) as unknown })
    if (type === 7) return this.#note(name, { type: 'closed', reason: decoding.readVarString(decoder) })
    if (type === 8) return this.#note(name, { type: 'ack' })
  }

  #hearSync(name: string, decoder: decoding.Decoder): void {
    const type = decoding.readVarUint(decoder)
    const payload = decoding.readVarUint8Array(decoder)
    const doc = this.docs.get(name)
    if (!doc) return
    if (type === 0) return this.sync(name, 1, Y.encodeStateAsUpdate(doc, payload))
    Y.applyUpdate(doc, payload, 'server')
    this.#note(name, { type: type === 1 ? 'synced' : 'update' })
  }
}

function readStates(payload: Uint8Array): Map<number, unknown> {
  const decoder = decoding.createDecoder(payload)
  const states = new Map<number, unknown>()
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    const client = decoding.readVarUint(decoder)
    decoding.readVarUint(decoder)
    states.set(client, JSON.parse(decoding.readVarString(decoder)))
  }
  return states
}
