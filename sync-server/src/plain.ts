// The door for ordinary y-websocket clients: their protocol has no document names, no authentication and no acknowledgements, so that this adds and takes away what
// stands in Hocuspocus's. Everything else (who may, the check, the write path, the limits) is the same code.
import { isCloseReason, Refusal, type CloseReason, type UserId } from '@skein/protocol'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import * as random from 'lib0/random'
import { AUTH, AWARENESS, CLOSE, QUERY_AWARENESS, SYNC, SYNC_REPLY } from './frames.ts'

/** An awareness message that says nothing: a y-websocket client that hears nothing for 30 seconds connects anew (W5). */
export const KEEP_ALIVE = Uint8Array.of(AWARENESS, 1, 0)

/** What comes out of a frame of Hocuspocus's: bytes for the client, the end, or nothing. */
export type Outgoing = { send: Uint8Array } | { close: CloseReason } | null

/** Reads document and token of `/yjs/<document>?token=…`; empty strings for what is not there. */
export function parsePlainUrl(url: string): { document: string; token: string } {
  const [path = '', ...query] = url.split('?')
  const token = new URLSearchParams(query.join('?')).get('token') ?? ''
  try {
    return { document: decodeURIComponent(path.replace(/^\/yjs\//, '')), token }
  } catch {
    return { document: '', token }
  }
}

export interface Visitor {
  document: string
  /** null before authentication. */
  user(): UserId | null
  /** Whether an awareness id is one that this client may have heard of. */
  isOthers(client: number): boolean
}

export class PlainDoor {
  readonly #prefix: Uint8Array
  readonly #visitor: Visitor
  /** The client's own awareness id is its document's client id, which nobody must learn before its first stored struct (RT3): others see this one. */
  readonly #alias = random.uint32()
  #own: number | null = null

  constructor(visitor: Visitor) {
    this.#prefix = encoding.encode((encoder) => encoding.writeVarString(encoder, visitor.document))
    this.#visitor = visitor
  }

  /** The frame with which Hocuspocus's own clients begin. */
  authentication(token: string): Uint8Array {
    return this.#frame((encoder) => {
      encoding.writeVarUint(encoder, AUTH)
      encoding.writeVarUint(encoder, 0)
      encoding.writeVarString(encoder, token)
    })
  }

  /** null: not worth a frame. @throws Refusal for what is no message of y-websocket's. */
  incoming(message: Uint8Array): Uint8Array | null {
    const [type] = message
    if (type !== SYNC && type !== AWARENESS && type !== QUERY_AWARENESS) throw new Refusal('bad-message')
    if (type === AWARENESS) return this.#awareness(message)
    return this.#frame((encoder) => encoding.writeUint8Array(encoder, message))
  }

  outgoing(frame: Uint8Array): Outgoing {
    const message = frame.subarray(this.#prefix.length)
    const [type] = message
    if (type === SYNC || type === AWARENESS) return { send: message }
    if (type === SYNC_REPLY) return { send: Uint8Array.of(SYNC, ...message.subarray(1)) }
    const decoder = decoding.createDecoder(message)
    decoding.readVarUint(decoder)
    const isDenial = type === AUTH && decoding.readVarUint(decoder) === 1
    if (!isDenial && type !== CLOSE) return null
    const reason = decoding.readVarString(decoder)
    return { close: isCloseReason(reason) ? reason : 'try-again' }
  }

  /** One's own entry under the other id, with a clock above 0, which is nobody's (W3). y-websocket also sends back what it hears of others: that is dropped. */
  #awareness(message: Uint8Array): Uint8Array | null {
    try {
      const outer = decoding.createDecoder(message)
      decoding.readVarUint(outer)
      const decoder = decoding.createDecoder(decoding.readVarUint8Array(outer))
      if (decoding.readVarUint(decoder) !== 1) return null
      const client = decoding.readVarUint(decoder)
      if (this.#own === null && !this.#visitor.isOthers(client)) this.#own = client
      if (client !== this.#own) return null
      const clock = decoding.readVarUint(decoder)
      let state = decoding.readVarString(decoder)
      if (state === '{}') return null
      // Hocuspocus passes no last word on (W1).
      if (state === 'null') state = JSON.stringify({ user: this.#visitor.user(), typing: false })
      const payload = encoding.encode((encoder) => {
        for (const n of [1, this.#alias, clock + 1]) encoding.writeVarUint(encoder, n)
        encoding.writeVarString(encoder, state)
      })
      return this.#frame((encoder) => {
        encoding.writeVarUint(encoder, AWARENESS)
        encoding.writeVarUint8Array(encoder, payload)
      })
    } catch {
      throw new Refusal('bad-message')
    }
  }

  #frame(write: (encoder: encoding.Encoder) => void): Uint8Array {
    return encoding.encode((encoder) => {
      encoding.writeUint8Array(encoder, this.#prefix)
      write(encoder)
    })
  }
}
