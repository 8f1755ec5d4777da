// A browser with its tabs: what the engine and its libraries find in a page (fetch, WebSocket, IndexedDB, locks, channels, events), as the tab that runs just now has it.
import * as fakeIndexedDb from 'fake-indexeddb'
import type { ClientSocket, Cookies, Link, Network } from './network.ts'
import { Actor, type Scheduler } from './scheduler.ts'

type Hold = { tab: Actor; mode: 'held' | 'waits'; start: () => void; lost: (error: Error) => void }

/** What the tabs of one browser share. */
export interface Shared {
  readonly disk: Actor
  readonly network: Network
  readonly link: Link
  readonly cookies: Cookies
  readonly indexedDB: IDBFactory
  readonly locks: Map<string, Hold[]>
  readonly channels: Map<string, Set<TabChannel>>
  /** What the browser lets the page store, in bytes; null: it has nothing to say about that. */
  readonly quota: number | null
}

type Receive = (event: { data: unknown }) => void

/** As a browser's BroadcastChannel. */
export class TabChannel {
  readonly name: string
  readonly #tab: Tab
  readonly #listeners = new Set<Receive>()
  #closed = false
  #nextAt = 0
  constructor(tab: Tab, name: string) {
    this.#tab = tab
    this.name = name
    const all = tab.shared.channels.get(name) ?? new Set()
    tab.shared.channels.set(name, all)
    all.add(this)
  }
  get tab(): Tab {
    return this.#tab
  }
  addEventListener(_type: 'message', listener: Receive): void {
    this.#listeners.add(listener)
  }
  removeEventListener(_type: 'message', listener: Receive): void {
    this.#listeners.delete(listener)
  }
  set onmessage(listener: Receive) {
    this.#listeners.add(listener)
  }
  postMessage(message: unknown): void {
    if (this.#closed) throw new DOMException('Channel is closed', 'InvalidStateError')
    const { shared, scheduler } = this.#tab
    for (const other of shared.channels.get(this.name) ?? []) {
      if (other === this) continue
      const data = structuredClone(message)
      // In the order in which they were sent, as in a browser.
      other.#nextAt = Math.max(other.#nextAt, scheduler.now + 1 + shared.network.random.below(3))
      scheduler.post(other.tab.actor, other.#nextAt - scheduler.now, () => other.hear(data))
    }
  }
  hear(data: unknown): void {
    if (!this.#closed) for (const listener of Array.from(this.#listeners)) listener({ data })
  }
  close(): void {
    this.#closed = true
    this.#tab.shared.channels.get(this.name)?.delete(this)
  }
}

/** One page. Its actor's globals are these. */
export class Tab {
  readonly actor: Actor
  readonly shared: Shared
  readonly scheduler: Scheduler
  readonly #listeners = new Map<string, Set<(event: object) => void>>()
  visible = true
  #persisted = false

  constructor(name: string, shared: Shared, scheduler: Scheduler, clockOffset: number) {
    this.actor = new Actor(name, { scope: this, clockOffset })
    this.shared = shared
    this.scheduler = scheduler
  }

  connect(): ClientSocket {
    return this.shared.network.connect(this.actor, this.shared.link)
  }
  fetch(url: string, init: RequestInit): Promise<Response> {
    const { network, link, cookies } = this.shared
    return network.fetch(this.actor, link, cookies, url, init)
  }
  listen(name: string, listener: (event: object) => void): void {
    const known = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, known)
    known.add(listener)
  }
  unlisten(name: string, listener: (event: object) => void): void {
    this.#listeners.get(name)?.delete(listener)
  }
  /** An event of the page, such as `online` or `pagehide`. */
  dispatch(name: string): void {
    this.scheduler.post(this.actor, 0, () => {
      for (const listener of Array.from(this.#listeners.get(name) ?? [])) listener({ type: name })
    })
  }

  /** As `navigator.storage`. */
  get storage(): Partial<StorageManager> | undefined {
    const { quota } = this.shared
    if (quota === null) return undefined
    return { estimate: async () => ({ quota }), persisted: async () => this.#persisted, persist: async () => (this.#persisted = true) }
  }

  /** As `navigator.locks.request`. */
  request<T>(
    name: string,
    options: { signal?: AbortSignal; steal?: boolean; ifAvailable?: boolean },
    work: (lock: object | null) => Promise<T>,
  ): Promise<T> {
    const { locks } = this.shared
    const queue = locks.get(name) ?? []
    locks.set(name, queue)
    if (options.ifAvailable && queue.length > 0) return work(null)
    return new Promise<T>((resolve, reject) => {
      const hold: Hold = {
        tab: this.actor,
        mode: 'waits',
        lost: reject,
        start: () => {
          hold.mode = 'held'
          this.scheduler.post(this.actor, 0, () => {
            const end = (): void => this.#released(name, hold)
            work({ name }).then(resolve, reject).finally(end)
          })
        },
      }
      options.signal?.addEventListener('abort', () => {
        if (hold.mode === 'held') return
        this.#released(name, hold)
        reject(new DOMException('aborted', 'AbortError'))
      })
      if (options.steal) {
        for (const other of queue.splice(0)) {
          if (other.mode === 'held') this.scheduler.post(other.tab, 0, () => other.lost(new DOMException('stolen', 'AbortError')))
          else queue.push(other)
        }
        queue.unshift(hold)
      } else queue.push(hold)
      if (queue[0] === hold) hold.start()
    })
  }
  #released(name: string, hold: Hold): void {
    const queue = this.shared.locks.get(name) ?? []
    const at = queue.indexOf(hold)
    if (at >= 0) queue.splice(at, 1)
    if (at === 0 && queue[0]?.mode === 'waits') queue[0].start()
  }

  /** The page is gone: locks are free, channels are closed. */
  gone(): void {
    this.actor.alive = false
    for (const [name, queue] of this.shared.locks) for (const hold of Array.from(queue)) if (hold.tab === this.actor) this.#released(name, hold)
    for (const channels of this.shared.channels.values()) for (const channel of Array.from(channels)) if (channel.tab === this) channel.close()
  }
}

const realFetch = globalThis.fetch
const realWebSocket = globalThis.WebSocket

/** Puts a browser's globals in place, each answering for the tab that runs. */
export function installBrowser(scheduler: () => Scheduler | null): void {
  const tab = (): Tab | null => {
    const scope = scheduler()?.current.scope
    return scope instanceof Tab ? scope : null
  }
  const mustTab = (): Tab => {
    const found = tab()
    if (!found) throw new Error(`no tab runs, but ${scheduler()?.current.name}`)
    return found
  }
  /** `new WebSocket(url)` gives the tab's own. */
  function Socket(): ClientSocket {
    return mustTab().connect()
  }
  function Channel(name: string): TabChannel {
    return new TabChannel(mustTab(), name)
  }
  const { indexedDB: _, ...idb } = fakeIndexedDb
  Object.assign(globalThis, idb)
  const globals: PropertyDescriptorMap = {
    fetch: { get: () => (tab() ? (url: string, init: RequestInit) => mustTab().fetch(url, init) : realFetch) },
    WebSocket: { get: () => (tab() ? Socket : realWebSocket) },
    BroadcastChannel: { value: Channel },
    indexedDB: { get: () => indexedDbOf(scheduler()?.current.scope) },
    navigator: {
      value: {
        onLine: true,
        get storage() {
          return tab()?.storage
        },
        locks: { request: (name: string, options: object, work: () => Promise<unknown>) => mustTab().request(name, options, work) },
      },
    },
    document: {
      value: {
        get visibilityState() {
          return mustTab().visible ? 'visible' : 'hidden'
        },
        addEventListener: (name: string, listener: () => void) => mustTab().listen(name, listener),
        removeEventListener: (name: string, listener: () => void) => tab()?.unlisten(name, listener),
      },
    },
    addEventListener: { value: (name: string, listener: () => void) => tab()?.listen(name, listener) },
    removeEventListener: { value: (name: string, listener: () => void) => tab()?.unlisten(name, listener) },
    reportError: { value: (error: unknown) => scheduler()?.failures.push(error) },
  }
  for (const descriptor of Object.values(globals)) descriptor.configurable = true
  Object.defineProperties(globalThis, globals)
}

function indexedDbOf(scope: object | null | undefined): IDBFactory | undefined {
  return scope && 'indexedDB' in scope ? (scope.indexedDB as IDBFactory) : scope instanceof Tab ? scope.shared.indexedDB : undefined
}
