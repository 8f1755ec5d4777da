// One device of one person: a disk, a link, and tabs with an engine each. What it writes is watched.
import { browserPorts, createEngine, loadLateParts, type ChatWindow, type Engine, type Identity, type StoreFactory } from '@skein/engine'
import type { ChatId, Entry, Head, Operation, UserId } from '@skein/protocol'
import { IDBFactory } from 'fake-indexeddb'
import { Tab, type Shared } from './browser.ts'
import { cacheOf, innerStores, storesOf, type Change, type Disk, type DiskMishap } from './device-stores.ts'
import { Cookies, type Link, type Network } from './network.ts'
import type { Random } from './random.ts'
import type { Record } from './record.ts'
import { Actor, type Scheduler } from './scheduler.ts'
import { meaningOf } from './words.ts'

// Loaded once and for all: in a run it would be a turn that no seed decides.
await loadLateParts()

export interface ChatOnDisk {
  id: ChatId
  kind: 'direct' | 'group'
  position: { rev: number; seq: number; head: Head } | null
  marks: { [user: string]: [number, number] }
  removed: boolean
  forked: boolean
  document: string | null
  unread: number
  runStart?: { rev: number }
  historyFrom?: number
  wishes?: object
  mine?: { hidden?: readonly number[] }
  lastMessage: { seq: number; text: string } | null
  pins?: { rev: number; list: { authorId: UserId; id: string; state?: { text: string } | null }[] }
}

export interface MessageOnDisk {
  chat: ChatId
  seq: number
  text: string
}

export interface OpenTab {
  readonly tab: Tab
  engine: Engine
  readonly windows: Map<ChatId, ChatWindow>
  /** Page's databases, closed when it ends. */
  readonly databases: Set<() => void>
  frozen: boolean
}

export interface DeviceWorld {
  scheduler: Scheduler
  random: Random
  network: Network
  record(): Record
  broken(promise: string, what: string): void
  /** `fullUntil`: this device's disk takes nothing before then. */
  diskMishap(fullUntil: number): DiskMishap
  /** This chat's past was lost by a restore: what devices hold of it is another. */
  isRewound(chat: ChatId): boolean
  /** It made room: what it held of the chat's past it does not hold any more. */
  evicted(device: Device, chat: ChatId): void
}

export const SERVER = 'https://skein.test'

export interface DeviceOptions {
  kind: keyof typeof innerStores
  clockOffset: number
  link: Link
  quota: number | null
  /** Of a page that has a log-in of its own. */
  identity: Identity | null
}

export class Device {
  readonly name: string
  user: UserId | null = null
  readonly link: Link
  readonly tabs: OpenTab[] = []
  readonly clockOffset: number
  /** Its disk takes nothing before this time. */
  fullUntil = -Infinity
  /** When it last took nothing. */
  #fullAt = -Infinity
  /** Its disk does nothing before this time. */
  stalledUntil = -Infinity
  readonly kind: keyof typeof innerStores
  get disk(): Actor {
    return this.#disk.actor
  }
  /** Operations in the outbox, as far as the disk has them, by id. */
  readonly outbox = new Map<string, { chat: ChatId; operation: Operation; state: { at: string } }>()
  readonly chats = new Map<ChatId, ChatOnDisk>()
  readonly marksWaiting = new Set<string>()
  /** What the disk has of messages and of the chain, by key. */
  readonly messages = new Map<string, MessageOnDisk>()
  readonly entries = new Map<string, Entry & { chat: ChatId }>()
  readonly #identity: Identity | null
  readonly #world: DeviceWorld
  readonly #shared: Shared
  readonly #disk: Disk
  #tabs = 0
  /** Tabs that close, and still have words that are not saved. */
  #lastTries = 0

  constructor(name: string, world: DeviceWorld, options: DeviceOptions) {
    this.name = name
    this.kind = options.kind
    this.clockOffset = options.clockOffset
    this.link = options.link
    this.#identity = options.identity
    this.#world = world
    const indexedDB = new IDBFactory()
    const actor = new Actor(`${name} disk`, { scope: { indexedDB }, clockOffset: options.clockOffset })
    this.#shared = {
      disk: actor,
      network: world.network,
      link: this.link,
      cookies: new Cookies(),
      indexedDB,
      locks: new Map(),
      channels: new Map(),
      quota: options.quota,
    }
    this.#disk = {
      actor,
      scheduler: world.scheduler,
      random: world.random,
      inner: innerStores[this.kind](),
      wrote: (store, changes) => this.#wrote(store, changes),
      mishap: () => {
        const mishap = world.diskMishap(this.fullUntil)
        if (mishap === 'full') this.#fullAt = world.scheduler.now
        return mishap
      },
      busyUntil: new Map(),
      stalledUntil: () => this.stalledUntil,
      open: new Set(),
      removed: (store) => this.#removed(store),
    }
  }

  /** A new page. `ready` is called with its engine once that has opened its store. */
  openTab(ready: (tab: OpenTab) => void): void {
    const { scheduler } = this.#world
    const tab = new Tab(`${this.name} tab ${++this.#tabs}`, this.#shared, scheduler, this.clockOffset)
    scheduler.post(tab.actor, 0, () => {
      const ports = browserPorts()
      const databases = new Set<() => void>()
      const cache = ports.documentCache
      if (this.kind === 'memory') delete ports.documentCache
      else if (cache) {
        ports.documentCache = cacheOf(this.#disk, tab.actor, cache, (close) => {
          databases.add(close)
          return () => databases.delete(close)
        })
      }
      const store: StoreFactory = storesOf(this.#disk, tab.actor)
      const open: OpenTab = {
        tab,
        engine: createEngine({ server: SERVER, store, ports, ...(this.#identity ? { identity: this.#identity } : {}) }),
        windows: new Map(),
        databases,
        frozen: false,
      }
      this.tabs.push(open)
      // The page opens them again, where it still can.
      open.engine.subscribe(() => {
        for (const [chat, window] of open.windows) if (window.isOver) open.windows.delete(chat)
      })
      open.engine.ready.then(
        () => ready(open),
        (error: unknown) => scheduler.failures.push(error),
      )
    })
  }

  /** The page is gone, in the middle of whatever it did. */
  kill(open: OpenTab): void {
    this.#remove(open)
    open.tab.gone()
    for (const close of open.databases) close()
    for (const connection of Array.from(this.#world.network.connections)) if (connection.tab === open.tab.actor) connection.break(this.link.slowMs)
  }

  /** The page is closed in good order. */
  close(open: OpenTab, closed: () => void): void {
    // What the disk has not answered yet may still turn out not to be saved.
    const trying = this.unsaved || this.#world.scheduler.now < this.stalledUntil ? 1 : 0
    this.#lastTries += trying
    this.#remove(open)
    this.#world.scheduler.post(open.tab.actor, 0, () => {
      const end = (): void => {
        this.#lastTries -= trying
        open.tab.gone()
        closed()
      }
      open.engine.close().then(end, (error: unknown) => {
        this.#world.scheduler.failures.push(error)
        end()
      })
    })
  }

  #remove(open: OpenTab): void {
    const at = this.tabs.indexOf(open)
    if (at >= 0) this.tabs.splice(at, 1)
  }

  /** The browser closes the databases of a page, for reasons of its own. */
  loseStores(open: OpenTab): void {
    for (const handle of this.#disk.open) if (handle.tab === open.tab.actor) handle.lose('closed')
  }

  /** What the outbox on this disk says. */
  get meanings(): Set<string> {
    return new Set(Array.from(this.outbox.values(), ({ operation }) => meaningOf(operation)))
  }
  /** Something on it is told not to be saved. */
  get unsaved(): boolean {
    return this.#lastTries > 0 || this.tabs.some(({ engine }) => engine.outbox.some((item) => item.unsaved))
  }

  #removed(store: string): void {
    if (store.endsWith(' device')) return
    for (const rows of [this.outbox, this.chats, this.marksWaiting, this.messages, this.entries]) rows.clear()
  }

  #wrote(store: string, changes: readonly Change[]): void {
    if (store.endsWith(' device')) return
    // Of a disk that was just full they may go before the chat's row can say so.
    const isRowTold = this.#world.scheduler.now - this.#fullAt > 1_000 || changes.some((change) => 'put' in change && change.put === 'chats')
    for (const change of changes) {
      if (!isRowTold && 'remove' in change && change.remove === 'entries')
        this.#world.evicted(this, change.key.slice(0, change.key.indexOf('/')) as ChatId)
      if ('put' in change) this.#put(change.put, change.key, change.row)
      else if ('remove' in change) {
        if (change.remove === 'outbox') this.outbox.delete(change.key)
        if (change.remove === 'marks') this.marksWaiting.delete(change.key)
        if (change.remove === 'messages') this.messages.delete(change.key)
        if (change.remove === 'entries') this.entries.delete(change.key)
      }
    }
  }

  #put(table: string, key: string, row: object): void {
    if (table === 'outbox') {
      const { chat, operation, state } = row as { chat: ChatId; operation: Operation; state: { at: string } }
      this.outbox.set(key, { chat, operation, state })
    } else if (table === 'marks') this.marksWaiting.add(key)
    else if (table === 'chats') this.#chat(row as ChatOnDisk)
    else if (table === 'messages') this.messages.set(key, row as MessageOnDisk)
    else if (table === 'entries') this.#entry(key, row as Entry & { chat: ChatId })
  }

  #chat(row: ChatOnDisk): void {
    const broken = (promise: string, what: string): void => this.#world.broken(promise, what)
    const before = this.chats.get(row.id)
    this.chats.set(row.id, row)
    const rewound = this.#world.isRewound(row.id)
    if (before?.position && before.position.head === row.position?.head && (before.runStart?.rev ?? 0) < (row.runStart?.rev ?? 0))
      this.#world.evicted(this, row.id)
    if (before?.position && row.position && row.position.rev < before.position.rev && !rewound)
      broken('a read never goes back', `${this.name} went back in ${row.id} from rev ${before.position.rev} to ${row.position.rev}`)
    for (const [user, [delivered, seen]] of Object.entries(before?.marks ?? {})) {
      const [nowDelivered, nowSeen] = row.marks[user] ?? [0, 0]
      if ((nowDelivered < delivered || nowSeen < seen) && !rewound)
        broken('CHAT-4', `${this.name}: the marks of ${user} in ${row.id} fell from ${delivered}, ${seen} to ${nowDelivered}, ${nowSeen}`)
    }
    if (rewound) return
    // Who is taken out is answered as if the server knew nothing of the chat; an answer may be late.
    if (row.forked && !before?.forked && this.user && this.#world.record().memberFor(row.id, this.user) > 30_000)
      broken('CHAIN-5', `${this.name} takes ${row.id} for forked, and nothing was restored`)
    const { position } = row
    if (!position) return
    const record = this.#world.record().chats.get(row.id)
    if (record?.heads[position.rev] !== position.head)
      broken('CHAIN-5', `${this.name} holds ${row.id} at rev ${position.rev} with a head that was never stored`)
  }

  #entry(key: string, row: Entry & { chat: ChatId }): void {
    this.entries.set(key, row)
    if (this.#world.isRewound(row.chat)) return
    const stored = this.#world.record().chats.get(row.chat)?.entries[row.rev - 1]
    if (stored?.id !== row.id || stored.authorId !== row.authorId || stored.at !== row.at)
      this.#world.broken('promise 5', `${this.name} holds another entry ${row.rev} of ${row.chat} than is stored`)
  }
}
