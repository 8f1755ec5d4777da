// Hocuspocus's provider as Skein needs it: an awareness with an id of its own (RT3: a document's client id stays unknown until its first stored struct),
// recovery left to the engine (H3), and not a frame before the document is offered on the connection at hand.
import { HocuspocusProvider, WebSocketStatus, type HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import { Awareness, removeAwarenessStates } from 'y-protocols/awareness'
import * as Y from 'yjs'

export interface ProviderOptions {
  name: string
  document: Y.Doc
  socket: HocuspocusProviderWebsocket
  awareness: Awareness
  token(): Promise<string>
  /** Asked on each connection before anything is synced; false: it stays closed. */
  mayOpen?(): Promise<boolean>
  authenticated(): void
  /** The server has everything and its answers are all here, or not any more. */
  changed(): void
  /** The document's connection ended while the socket lives; the reason as the server gave it. */
  refused(reason: string): void
  stateless?(text: string): void
}

/** An Awareness that is bound to no chat document. */
export function ownAwareness(): Awareness {
  return new Awareness(new Y.Doc())
}

/** Of a WebSocket. */
const OPEN = 1

export class DocumentProvider extends HocuspocusProvider {
  readonly #options: ProviderOptions
  readonly #at: { token: string }
  #openings = 0
  /** On the connection at hand; 'offered': the server was sent the token, and answers. */
  #stage: 'closed' | 'asking' | 'offered' = 'closed'

  constructor(options: ProviderOptions) {
    const { name, document, socket, awareness } = options
    // At hand when it is sent, so that nothing comes between it and what was asked before.
    const at = { token: '' }
    super({ name, document, websocketProvider: socket, awareness, token: () => at.token })
    this.#at = at
    this.#options = options
    this.on('authenticated', () => options.authenticated())
    this.on('authenticationFailed', ({ reason }: { reason: string }) => {
      this.#stage = 'closed'
      options.refused(reason)
    })
    this.on('synced', () => options.changed())
    this.on('unsyncedChanges', () => options.changed())
    this.on('stateless', ({ payload }: { payload: string }) => options.stateless?.(payload))
    this.on('close', ({ event }: { event: { reason: string } }) => {
      // When the socket itself closes it has said so before its documents hear of it.
      if (socket.status === WebSocketStatus.Connected) options.refused(event.reason)
    })
  }

  /** Authenticated, synced, and nothing under way. */
  get isReady(): boolean {
    return this.isAuthenticated && this.isSynced && this.unsyncedChanges === 0
  }

  /** The server has it open for this connection, or is about to. */
  get isOffered(): boolean {
    return this.#stage === 'offered'
  }

  /** Counts connections: another number, and the server may be another one. */
  get opening(): number {
    return this.#openings
  }

  get #isConnected(): boolean {
    const { status, webSocket } = this.#options.socket
    // While it closes it would keep the frame, and say it first of all on the next one.
    return status === WebSocketStatus.Connected && webSocket?.readyState === OPEN
  }

  /** Authenticates and syncs on the open socket, unless that is under way: a second token would not be answered. */
  reopen(): void {
    // Without a socket, its opening does it.
    if (this.#isConnected && this.#stage === 'closed') void this.onOpen()
  }

  /** The socket is open. In place of the provider's own, which would speak before it was asked whether it may. */
  override async onOpen(): Promise<void> {
    const opening = ++this.#openings
    this.#stage = 'asking'
    this.isAuthenticated = false
    this.isSynced = false
    let may: boolean
    try {
      this.#at.token = await this.#options.token()
      may = (await this.#options.mayOpen?.()) ?? true
    } catch {
      if (opening !== this.#openings) return
      this.#stage = 'closed'
      return this.#options.refused('no-token')
    }
    // The connection that this was for may be gone, and what is said now would wait for the next one.
    if (opening !== this.#openings || this.#stage !== 'asking') return
    this.#stage = 'closed'
    if (!may || !this.isAttached || !this.#isConnected) return
    await super.sendToken()
    this.startSync()
  }

  /** Shows the server the session's token of now, on a document that is open. */
  override async sendToken(): Promise<void> {
    const opening = this.#openings
    const token = await this.#options.token().catch(() => null)
    if (token === null || opening !== this.#openings || this.#stage !== 'offered') return
    this.#at.token = token
    await super.sendToken()
  }

  /** Says nothing of a document that is not offered on this connection: the server would close the whole socket. What is left out comes with the sync. */
  override send(message: Parameters<HocuspocusProvider['send']>[0], args: object): void {
    if (!this.#isConnected) return
    if ('token' in args) this.#stage = 'offered'
    if (this.#stage === 'offered') super.send(message, args)
  }

  /** Lets go of a document whose connection the server has closed: saying goodbye would open it there anew, only to kill what comes next. */
  abandon(): void {
    this.#stage = 'closed'
    this.destroy()
  }

  // The four places where the provider takes the document's client id for the awareness's.
  #withoutAwareness(run: () => void): Awareness | null {
    const { awareness } = this.configuration
    this.configuration.awareness = null
    try {
      run()
    } finally {
      this.configuration.awareness = awareness
    }
    return awareness
  }

  override startSync(): void {
    const awareness = this.#withoutAwareness(() => super.startSync())
    // A state with an old clock would be ignored (W3).
    if (awareness?.getLocalState()) awareness.setLocalState(awareness.getLocalState())
  }

  override onClose(): void {
    this.#stage = 'closed'
    const awareness = this.#withoutAwareness(() => super.onClose())
    if (awareness)
      removeAwarenessStates(
        awareness,
        [...awareness.getStates().keys()].filter((client) => client !== awareness.clientID),
        this,
      )
  }

  override pageHide(): void {
    // The server clears the state when the socket ends; a page that comes back still has it.
    this.#withoutAwareness(() => super.pageHide())
  }

  override destroy(): void {
    const { awareness } = this.configuration
    this.#withoutAwareness(() => super.destroy())
    if (!awareness) return
    awareness.off('update', this.boundAwarenessUpdateHandler)
    awareness.destroy()
  }
}
