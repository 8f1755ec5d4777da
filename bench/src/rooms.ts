// The same load for every server: rooms of two, each member on a socket of their own, who write messages of 80 characters. One kind of wire for each peer.
import { randomUUID } from 'node:crypto'
import { logRoot, type UserId } from '@skein/protocol'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { WebSocket } from 'ws'
import * as Y from 'yjs'

/** One member of a room. */
export interface Member {
  /** Sends one message; `sentAt` travels in it. */
  send(): void
  /** Called with the age in milliseconds of each message that arrived. */
  onDelivery: (latencyMs: number) => void
  /** Called when the server took a message; at once where a server says nothing. */
  onTaken: () => void
  close(): void
}

const text = 'x'.repeat(80)
const sentAtOf = (id: string): number => sent.get(id) ?? NaN
/** When each message was sent, by its id; one process sends and receives, so one clock serves. */
const sent = new Map<string, number>()

function newMessage(): { type: 'message'; id: string; text: string; at: string } {
  const id = randomUUID()
  sent.set(id, performance.now())
  return { type: 'message', id, text, at: new Date().toISOString() }
}

function delivered(member: Member, id: string): void {
  const at = sentAtOf(id)
  sent.delete(id)
  if (!Number.isNaN(at)) member.onDelivery(performance.now() - at)
}

const open = (url: string): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url)
    socket.once('open', () => resolve(socket))
    socket.once('error', reject)
  })

export async function joinBroadcast(origin: string, room: number): Promise<Member> {
  const socket = await open(`${origin.replace('http', 'ws')}/${room}`)
  const member: Member = {
    send() {
      socket.send(JSON.stringify(newMessage()))
      member.onTaken()
    },
    onDelivery: () => undefined,
    onTaken: () => undefined,
    close: () => socket.terminate(),
  }
  socket.on('message', (data: Buffer) => delivered(member, (JSON.parse(data.toString()) as { id: string }).id))
  return member
}

/** Plain Hocuspocus and Skein speak the same protocol. */
export async function joinDocument(url: string, document: string, user: UserId, token: string): Promise<Member> {
  const socket = await open(url)
  const root = logRoot(user)
  const doc = new Y.Doc()
  const frame = (...write: ((encoder: encoding.Encoder) => void)[]): Uint8Array =>
    encoding.encode((encoder) => {
      encoding.writeVarString(encoder, document)
      write.forEach((part) => part(encoder))
    })
  const ints =
    (...numbers: number[]) =>
    (encoder: encoding.Encoder) =>
      numbers.forEach((n) => encoding.writeVarUint(encoder, n))
  const bytes = (value: Uint8Array) => (encoder: encoding.Encoder) => encoding.writeVarUint8Array(encoder, value)
  const member: Member = {
    send() {
      const before = Y.encodeStateVector(doc)
      doc.getArray(root).push([newMessage()])
      socket.send(frame(ints(0, 2), bytes(Y.encodeStateAsUpdate(doc, before))))
    },
    onDelivery: () => undefined,
    onTaken: () => undefined,
    close: () => socket.terminate(),
  }
  socket.send(frame(ints(2, 0), (encoder) => encoding.writeVarString(encoder, token)))
  socket.send(frame(ints(0, 0), bytes(Y.encodeStateVector(doc))))
  await new Promise<void>((resolve, reject) => {
    socket.on('close', (code, reason) => reject(new Error(`closed: ${code} ${reason.toString()}`)))
    socket.on('message', (data: Buffer) => {
      const decoder = decoding.createDecoder(new Uint8Array(data))
      decoding.readVarString(decoder)
      const type = decoding.readVarUint(decoder)
      if (type === 8) return member.onTaken()
      if (type === 7 || (type === 2 && decoding.readVarUint(decoder) === 1)) return reject(new Error(decoding.readVarString(decoder)))
      if (type !== 0 && type !== 4) return
      const kind = decoding.readVarUint(decoder)
      const payload = decoding.readVarUint8Array(decoder)
      if (kind === 0) return socket.send(frame(ints(0, 1), bytes(Uint8Array.of(0, 0))))
      if (kind === 1) return resolve()
      for (const struct of Y.decodeUpdate(payload).structs) {
        if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentAny) || struct.id.client === doc.clientID) continue
        for (const value of struct.content.arr as unknown[]) {
          if (typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string') delivered(member, value.id)
        }
      }
    })
  })
  return member
}
