// What is written down while Skein is tortured, and what stands at the end. Plain data: the checker knows nothing else.

/** A message as somebody was shown it. */
export interface Seen {
  chat: string
  id: string
  author: string
  seq: number
  rev: number
  text: string
  deleted: boolean
  /** `<emoji> <user>`, sorted. */
  reactions: string[]
}

/** A link of the chain as the server told it or as it stands in the database. */
export interface Link {
  chat: string
  rev: number
  seq: number
  kind: string
  code: string | null
  at: number
  author: string
  id: string
  /** JSON; null where it was erased. */
  operation: string | null
}

/**
 * `device` is who says it, over all its lives; a `word` is the first word of a text, and nobody uses one twice.
 * A send begins as `send`; `kept` says that it is on the device's disk, `ok` that it was shown or answered as stored, `refused` that it never will be.
 */
export type Event =
  | { is: 'send'; device: string; chat: string; word: string }
  | { is: 'kept'; device: string; word: string; id: string }
  | { is: 'ok'; device: string; chat: string; author: string; id: string; seq: number }
  /** Of a send or an edit. */
  | { is: 'refused'; device: string; word: string; reason: string }
  /** An edit (`what`: its word), deletion or reaction (`what`: the emoji) begins. */
  | {
      is: 'change'
      device: string
      user: string
      change: string
      chat: string
      kind: 'edit' | 'delete' | 'react'
      target: string
      what: string
      on: boolean
    }
  /** It is on the device's disk. */
  | { is: 'changed'; device: string; change: string }
  /** `pending`: a change of the device's own is shown on top of what is stored. */
  | { is: 'saw'; device: string; message: Seen; status: Status; pending: boolean }
  /** The newest stored message of the chat, as the list of chats shows it. */
  | { is: 'newest'; device: string; chat: string; seq: number }
  | { is: 'link'; device: string; link: Link }
  | { is: 'marks'; device: string; chat: string; user: string; marks: Marks }
  /** The server did not know what it had told this reader. */
  | { is: 'unknown-head'; device: string; chat: string; rev: number }
  | { is: 'fault'; what: string }
  /** Something that must not happen to a program, whatever the fault. */
  | { is: 'broken'; what: string }

export type Status = 'sent' | 'delivered' | 'seen'
export type Marks = [delivered: number, seen: number]
/** `at`: milliseconds since the start. */
export type Recorded = Event & { at: number }

/** The database, read by another process. */
export interface Stored {
  chats: { id: string; rev: number; seq: number }[]
  links: Link[]
  messages: Omit<Seen, 'reactions'>[]
  /** `what` as in Seen. */
  reactions: { chat: string; seq: number; what: string }[]
  marks: { chat: string; user: string; marks: Marks }[]
}

/** What a reader shows of a chat at the end: all of it, or its newest messages. */
export interface View {
  device: string
  chat: string
  whole: boolean
  messages: Seen[]
  /** Digest of the live document's bytes; null where none is open. */
  document: string | null
}

export interface Ending {
  stored: Stored
  views: View[]
  /** Devices whose outbox is empty. */
  settled: string[]
}

export const wordOf = (text: string): string => text.split(' ', 1)[0] ?? ''

/** Collects what everybody says, in the order in which it is heard. */
export class History {
  readonly events: Recorded[] = []
  readonly #start = performance.now()
  readonly #listeners = new Set<(event: Event) => void>()

  readonly add = (event: Event): void => {
    this.events.push({ ...event, at: Math.round(performance.now() - this.#start) })
    for (const listener of this.#listeners) listener(event)
  }
  /** Returns the way to stop that. */
  listen(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
