// Hocuspocus's provider as Skein needs it: an awareness with an id of its own (RT3: a document's client id stays unknown until its first stored struct),
// recovery left to the engine (H3), and no sync before there is a token.
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

export class DocumentProvider extends HocuspocusProvider {
  readonly #options: ProviderOptions
  #openings = 0

  constructor(options: ProviderOptions) {
    const { name, document, socket, awareness, token } = options
    super({ name, document, websocketProvider: socket, awareness, token })
    this.#options = options
    this.on('authenticated', () => options.authenticated())
    this.on('authenticationFailed', ({ reason }: { reason: string }) => options.refused(reason))
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

  /** Counts connections: another number, and the server may be another one. */
  get opening(): number {
    return this.#openings
  }

  /** Authenticates and syncs on the open socket, again if need be. */
  reopen(): void {
    // Otherwise the socket's opening does it.
    if (this.#options.socket.status === WebSocketStatus.Connected) void this.onOpen(new Event('open'))
  }

  override async onOpen(event: Event): Promise<void> {
    const opening = ++this.#openings
    this.isAuthenticated = false
    this.isSynced = false
    try {
      await this.#options.token()
      if ((await this.#options.mayOpen?.()) === false) return
    } catch {
      if (opening === this.#openings) this.#options.refused('no-token')
      return
    }
    if (opening === this.#openings && this.isAttached) await super.onOpen(event)
  }

  /** Lets go of a document whose connection the server has closed: saying goodbye would open it there anew, only to kill what comes next. */
  abandon(): void {
    this.send = () => {}
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
