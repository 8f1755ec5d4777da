// One socket: who is behind it, until when, and which documents are open on it. Hooks look authority up here, so that it can end at any moment.
import type { UserId } from '@skein/protocol'
import type { WebSocket } from 'ws'
import { Rate } from './awareness-guard.ts'
import type { VerifiedToken } from './ports.ts'

export interface OpenDocument {
  /** 'closed': its connection ended; frames that were under way are dropped until the next authentication. */
  state: 'opening' | 'open' | 'closed'
  /** Bytes received for it and not yet handled. */
  inFlightBytes: number
  awareness: Rate
  /** The awareness client id that this connection speaks under. */
  wears: number | null
  /** The person left the chat while its document was being opened. */
  revoked: boolean
}

export class Session {
  readonly socket: WebSocket
  readonly address: string
  readonly documents = new Map<string, OpenDocument>()
  /** null until the first valid token. */
  token: VerifiedToken | null = null
  #verified: { text: string; token: VerifiedToken } | null = null

  constructor(socket: WebSocket, address: string) {
    this.socket = socket
    this.address = address
  }

  get user(): UserId | null {
    return this.token?.userId ?? null
  }

  /** Verifies each token text once (H5): a socket that opens thirty documents sends the same one thirty times. One socket is one person's. */
  async authenticate(text: string, verify: (text: string) => Promise<VerifiedToken | null>, now: number): Promise<boolean> {
    if (this.#verified?.text !== text || this.#verified.token.expiresAt <= now) {
      const token = await verify(text)
      if (!token || (this.token && token.userId !== this.token.userId)) return false
      this.#verified = { text, token }
      this.token = token
    }
    return true
  }

  open(name: string): OpenDocument {
    let document = this.documents.get(name)
    if (!document) {
      document = { state: 'opening', inFlightBytes: 0, awareness: new Rate(), wears: null, revoked: false }
      this.documents.set(name, document)
    }
    document.state = 'opening'
    document.wears = null
    document.revoked = false
    return document
  }

  closed(name: string): void {
    const document = this.documents.get(name)
    if (!document) return
    document.state = 'closed'
    document.inFlightBytes = 0
  }

  /** Something is being opened. */
  get isOpening(): boolean {
    for (const { state } of this.documents.values()) if (state === 'opening') return true
    return false
  }

  get inFlightBytes(): number {
    let sum = 0
    for (const { inFlightBytes } of this.documents.values()) sum += inFlightBytes
    return sum
  }
}
