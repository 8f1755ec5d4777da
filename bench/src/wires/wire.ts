// What the load sees of a peer: members of rooms who write messages, and which messages came to whom. One file for each wire beside this one.
import { randomUUID } from 'node:crypto'

export interface Message {
  type: 'message'
  id: string
  text: string
  at: string
}

export interface Member {
  /** Writes these messages, as few frames as the wire allows. */
  write(messages: Message[]): void
  /** Called with the id of each message of another member, once decoded. */
  heard: (id: string) => void
  /** Called when the server has taken what was written, where it says so. */
  taken: () => void
  /** Bytes received so far. */
  bytes: number
  /** The newest message, where the wire numbers them. */
  seq?: number
  /** Tells the server that everything so far was seen, where it keeps marks. */
  mark?(): void
  close(): void
}

const text = 'x'.repeat(80)

/** A message of 80 characters. */
export const newMessage = (): Message => ({ type: 'message', id: randomUUID(), text, at: new Date().toISOString() })
