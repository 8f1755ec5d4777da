// The ports of a browser. Outside a secure context there are no Web Locks: then every tab leads for itself.
import { deleteDB } from 'idb'
import { lateParts } from '../late.ts'
import type { Ports } from '../ports.ts'

/** What the engine needs, from the page it runs in. */
export function browserPorts(): Ports {
  const ports: Ports = {
    fetch: (url, init) => fetch(url, init),
    WebSocket,
    now: () => Date.now(),
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (timer) => clearTimeout(timer),
    sha256: (bytes) => {
      const late = lateParts()
      // Whoever hashes has waited for it.
      if (!late) throw new Error('No hashes are there yet')
      return late.sha256(bytes)
    },
    report: (error) => reportError(error),
    onlineEvents: (listener) => {
      const online = (): void => listener(true)
      // Its sockets would look open until something times out.
      const offline = (): void => listener(false)
      const visible = (): void => {
        if (document.visibilityState === 'visible') listener(navigator.onLine)
      }
      addEventListener('online', online)
      addEventListener('offline', offline)
      document.addEventListener('visibilitychange', visible)
      return () => {
        removeEventListener('online', online)
        removeEventListener('offline', offline)
        document.removeEventListener('visibilitychange', visible)
      }
    },
    pageStates: (listener) => {
      let asleep = false
      const tell = (): void => listener(asleep ? 'asleep' : document.visibilityState)
      const sleep = (): void => {
        asleep = true
        tell()
      }
      const wake = (): void => {
        asleep = false
        tell()
      }
      // A page that is hidden on its way out says so after `pagehide`: it sleeps all the same.
      const events = [
        [document, 'freeze', sleep],
        [globalThis, 'pagehide', sleep],
        [document, 'resume', wake],
        [globalThis, 'pageshow', wake],
        [document, 'visibilitychange', tell],
      ] as const
      for (const [target, event, react] of events) target.addEventListener(event, react)
      tell()
      return () => {
        for (const [target, event, react] of events) target.removeEventListener(event, react)
      }
    },
    documentCache: {
      open: (name, document) => {
        const late = lateParts()
        // Whoever has a document was loaded together with it.
        if (!late) throw new Error('No live documents are there yet')
        return late.openDocumentCache(name, document)
      },
      // Also in a tab that never led, for whoever logs out there.
      remove: (name) => deleteDB(name),
    },
  }
  // Not in an insecure context.
  const { storage } = navigator as { storage?: StorageManager }
  if (storage) {
    ports.storage = {
      quotaBytes: async () => (await storage.estimate()).quota ?? null,
      persisted: () => storage.persisted(),
      persist: () => storage.persist(),
    }
  }
  const { locks } = navigator as { locks?: LockManager }
  if (locks) {
    ports.locks = {
      hold: (name, signal, work) => locks.request(name, { signal }, work),
      steal: (name, work) => locks.request(name, { steal: true }, work),
    }
  }
  if (locks && typeof BroadcastChannel !== 'undefined') {
    ports.channel = (name, receive) => {
      const channel = new BroadcastChannel(name)
      channel.addEventListener('message', (event: MessageEvent<unknown>) => receive(event.data))
      let closed = false
      return {
        // A closed channel throws; what is still going on then has nobody to tell.
        post: (message) => {
          if (!closed) channel.postMessage(message)
        },
        close: () => {
          closed = true
          channel.close()
        },
      }
    }
  }
  return ports
}
