// The ports of Node.
import { randomBytes } from 'node:crypto'
import { sha256 } from '@noble/hashes/sha2.js'
import { WebSocket as NodeWebSocket } from 'ws'
import { loadLateParts } from '../late.ts'
import type { Ports } from '../ports.ts'
import type { StoreFactory } from '../store/store.ts'
import { withCookies } from './cookies.ts'

// There is no page to be shown before it.
await loadLateParts()

/** A socket that is given up before it is open says so by an event, which ends the process when nobody listens any more. */
class QuietWebSocket extends NodeWebSocket {
  constructor(url: string) {
    super(url)
    this.on('error', () => {})
  }
}

/** What the engine needs, from Node. The refresh cookie is kept in `stores`, beside the engine's own data. */
export function nodePorts(stores: StoreFactory): Ports {
  return {
    fetch: withCookies((url, init) => fetch(url, init), stores, 'skein cookies'),
    WebSocket: QuietWebSocket as unknown as typeof WebSocket,
    now: () => Date.now(),
    randomBytes: (count) => new Uint8Array(randomBytes(count)),
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (timer) => clearTimeout(timer),
    sha256,
  }
}
