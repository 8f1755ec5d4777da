// The short way of an update through an open document: check, commit, acknowledgement, and none of Hocuspocus's hooks around them, which cost more than all three.
// Everything else, and every update before which Hocuspocus still has something to handle, goes Hocuspocus's way.
import type { Connection } from '@hocuspocus/server'
import type { Refusal } from '@skein/protocol'
import * as encoding from 'lib0/encoding'

/** Hocuspocus's message type that acknowledges an update. */
const STATUS = 8

/** Of one document's open connection. */
export class UpdateLane {
  readonly #connection: Connection
  readonly #acknowledgement: Uint8Array
  readonly #receive: (update: Uint8Array) => Promise<void>
  readonly #asRefusal: (error: unknown) => Refusal
  #last: Promise<void> = Promise.resolve()

  /** `receive` rejects with what closes the connection, and then nothing that came behind it is handled. */
  constructor(connection: Connection, receive: (update: Uint8Array) => Promise<void>, asRefusal: (error: unknown) => Refusal) {
    this.#connection = connection
    this.#receive = receive
    this.#asRefusal = asRefusal
    this.#acknowledgement = encoding.encode((encoder) => {
      encoding.writeVarString(encoder, connection.messageAddress)
      encoding.writeVarUint(encoder, STATUS)
      encoding.writeVarUint(encoder, 1)
    })
  }

  /** Handles an update after all that this connection sent before; resolves once it is answered. */
  take(update: Uint8Array): Promise<void> {
    const connection = this.#connection
    const isOpen = (): boolean => connection.document.hasConnection(connection)
    this.#last = this.#last.then(async () => {
      if (!isOpen()) return
      try {
        await this.#receive(update)
        if (isOpen()) connection.send(this.#acknowledgement)
      } catch (error) {
        const { code, reason } = this.#asRefusal(error)
        connection.close({ code, reason })
      }
    })
    return this.#last
  }
}
