// The engine of a <chat-app> that was told of a server: one at a time, and closed when the element has left the page.
import { browserPorts, createEngine, indexedDbStores, type Engine, type Identity } from '@skein/engine'

/** The server's origin; null: not an address to which words may go, since it is none, or less safe than the page itself. */
export function serverOf(text: string): string | null {
  if (!URL.canParse(text, location.href)) return null
  const { protocol, origin } = new URL(text, location.href)
  return protocol === 'https:' || (protocol === 'http:' && location.protocol === 'http:') ? origin : null
}

export class OwnEngine {
  #open: { engine: Engine; server: string } | null = null

  get engine(): Engine | undefined {
    return this.#open?.engine
  }

  /** `identity` null: people log in by the chat's own form. Of an engine that is open for this server it is not looked at again, except that one without is replaced. */
  open(server: string, identity: Identity | null): Engine {
    if (this.#open?.server === server && (this.#open.engine.embedded || !identity)) return this.#open.engine
    this.close()
    const engine = createEngine({ server, store: indexedDbStores(), ports: browserPorts(), ...(identity ? { identity } : {}) })
    this.#open = { engine, server }
    return engine
  }

  close(): void {
    void this.#open?.engine.close()
    this.#open = null
  }
}
