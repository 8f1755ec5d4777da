// One chat document on the wire: its ledger as entries of the chain, one's own log as the place to append to. Nothing that people see is read from it.
import {
  checkOperation,
  DOCUMENT_SCHEMA,
  INFO_ROOT,
  isHead,
  isOperationId,
  isUserId,
  LEDGER_ROOT,
  logRoot,
  nextHead,
  parseLedgerValue,
  type AnyOperation,
  type Entry,
  type Head,
  type Operation,
  type OperationId,
  type UserId,
} from '@skein/protocol'
import * as Y from 'yjs'
import type { Marks } from '../store/rows.ts'
import { inBackground, leftOf, type Ports, type Timer } from '../ports.ts'
import { DocumentProvider, ownAwareness } from './provider.ts'
import type { Socket } from './socket.ts'

export interface LiveDocumentOptions {
  name: string
  self: UserId
  socket: Socket
  ports: Ports
  /** Name of the local copy; only with a document cache. */
  cacheName: string
  token(): Promise<string>
  /** Asked on each connection before anything is synced. */
  mayOpen(): Promise<boolean>
  /** Something came, was acknowledged, or is open now. */
  changed(): void
  refused(reason: string): void
  marks(marks: Record<string, Marks>): void
  typingChanged(): void
}

export interface LiveDocument {
  readonly name: string
  readonly ready: boolean
  /** Which connection this is: the server of another one may have lost a part of the past. */
  readonly connection: number
  readonly isOffered: boolean
  /** What the epoch starts from; null before the first sync. */
  readonly base: { rev: number; head: Head } | null
  /** A newer program's document: what stands in it is read by `changes`, and nothing is appended to it. */
  readonly newer: boolean
  inLog(id: OperationId): boolean
  /** The rev of the ledger's last entry, whether it can be read or not. */
  readonly end: number
  /** The chain's entries above `rev`, and the one at it, for comparing; as far as they are whole. */
  entriesFrom(rev: number): Entry[]
  /** Whether the ledger's past is the one that leads to this place (RT4: two pasts under equal clocks merge without an error). Call it with a place that the server of this connection has. */
  follows(place: { rev: number; head: Head }): boolean
  /** One transaction, hence one update. */
  append(operations: readonly Operation[]): void
  reopen(): void
  setTyping(typing: boolean): void
  typing(): UserId[]
  /** The whole document as one update. */
  state(): Uint8Array
  /** `gone`: the server closed the document's connection already. */
  close(gone: boolean): Promise<void>
}

/** A cache that does not load in this time is gone without (I3). */
const CACHE_TIMEOUT_MS = 3_000
/** Somebody who types says so again within this time. */
const TYPING_MS = 6_000

export function openLiveDocument(options: LiveDocumentOptions): LiveDocument {
  const { name, self, socket, ports } = options
  const document = new Y.Doc()
  const awareness = ownAwareness()
  awareness.setLocalState({ user: self, typing: false })
  const logs = new Map<UserId, Map<OperationId, Operation>>()
  /** Ids in one's own log, also of what no server will take. */
  const own = new Set<OperationId>()
  const typists = new Map<number, { user: UserId; until: number }>()
  let closed = false
  /** Nothing stood in the document before it was opened. */
  let wasEmpty = true
  /** Up to here the ledger is known to be the past that the rows have. */
  let followed: { rev: number; head: Head } | null = null
  let stopTyping: Timer | null = null
  let typingSentAt = -Infinity

  const provider = new DocumentProvider({
    name,
    document,
    socket: socket.provider,
    awareness,
    token: options.token,
    mayOpen: options.mayOpen,
    authenticated: options.changed,
    changed: options.changed,
    refused: options.refused,
  })

  function read(author: UserId, values: readonly unknown[]): void {
    const log = logs.get(author) ?? new Map<OperationId, Operation>()
    logs.set(author, log)
    for (const value of values) {
      const { id } = (typeof value === 'object' && value !== null ? value : {}) as { id?: unknown }
      if (author === self && isOperationId(id)) own.add(id)
      const checked = checkOperation(value)
      if (typeof checked !== 'string' && !log.has(checked.operation.id)) log.set(checked.operation.id, checked.operation)
    }
  }
  /** Follows a log from the moment its root appears. */
  function follow(): void {
    for (const root of document.share.keys()) {
      const author = root.slice(4)
      if (!isUserId(author) || logs.has(author) || root !== logRoot(author)) continue
      const log = document.getArray(root)
      read(author, log.toArray())
      log.observe((event) => {
        for (const item of event.changes.added) read(author, item.content.getContent() as unknown[])
      })
    }
  }
  document.on('afterTransaction', () => {
    follow()
    options.changed()
  })
  document.getArray(logRoot(self))
  follow()

  awareness.on('change', ({ added, updated, removed }: { added: number[]; updated: number[]; removed: number[] }) => {
    for (const client of [...added, ...updated]) {
      if (client === awareness.clientID) continue
      const state: Record<string, unknown> = awareness.getStates().get(client) ?? {}
      if (state['server'] === true) options.marks(marksOf(state['marks']))
      else if (isUserId(state['user']) && state['user'] !== self && state['typing'] === true) {
        // By this device's clock: the other's may be wrong.
        typists.set(client, { user: state['user'], until: ports.now() + TYPING_MS })
        ports.setTimeout(options.typingChanged, TYPING_MS + 10)
      } else typists.delete(client)
    }
    for (const client of removed) typists.delete(client)
    options.typingChanged()
  })

  const cache = ports.documentCache?.open(options.cacheName, document)
  if (cache) {
    let settle = (): void => {}
    const late = new Promise<void>((resolve) => (settle = resolve))
    const timer = ports.setTimeout(settle, CACHE_TIMEOUT_MS)
    const attach = async (): Promise<void> => {
      await Promise.race([cache.loaded.catch(() => {}), late])
      ports.clearTimeout(timer)
      wasEmpty = document.getArray(LEDGER_ROOT).length === 0
      if (!closed) provider.attach()
    }
    inBackground(attach(), ports)
  } else provider.attach()

  function say(typing: boolean): void {
    awareness.setLocalState({ user: self, typing, ...(typing ? { until: ports.now() + TYPING_MS } : {}) })
  }

  return {
    name,
    get ready() {
      return !closed && provider.isReady
    },
    get connection() {
      return provider.opening
    },
    get isOffered() {
      return provider.isOffered
    },
    get base() {
      const info: unknown = document.getArray(INFO_ROOT).get(0)
      if (typeof info !== 'object' || info === null) return null
      const { baseRev, baseHead } = info as { baseRev?: unknown; baseHead?: unknown }
      return typeof baseRev === 'number' && isHead(baseHead) ? { rev: baseRev, head: baseHead } : null
    },
    get newer() {
      const info: unknown = document.getArray(INFO_ROOT).get(0)
      return typeof info === 'object' && info !== null && 'schema' in info && Number(info.schema) > DOCUMENT_SCHEMA
    },
    inLog: (id) => own.has(id),
    get end() {
      return (this.base?.rev ?? 0) + document.getArray(LEDGER_ROOT).length
    },
    entriesFrom(rev) {
      const { base } = this
      if (!base) return []
      const ledger = document.getArray(LEDGER_ROOT)
      const entries: Entry[] = []
      const first = Math.max(0, rev - base.rev - 1)
      for (const [index, value] of ledger.slice(first).entries()) {
        const parsed = parseLedgerValue(value)
        const operation: AnyOperation | null | undefined = parsed && (parsed.operation ?? logs.get(parsed.authorId)?.get(parsed.id))
        // What cannot be read here comes by `changes`.
        if (!parsed || !operation) break
        entries.push({ ...parsed, operation, rev: base.rev + first + index + 1, kind: operation.type, hash: null })
      }
      return entries
    },
    follows(place) {
      const { base } = this
      if (!base || place.rev < base.rev) return true
      // What was synced into an empty document is the server's own.
      const from = wasEmpty ? place : (followed ?? base)
      wasEmpty = false
      let { rev, head } = from
      for (const entry of this.entriesFrom(rev)) {
        if (entry.rev <= rev || entry.rev > place.rev) continue
        rev = entry.rev
        head = nextHead(head, entry, ports.sha256)
      }
      followed = { rev, head }
      return rev !== place.rev || head === place.head
    },
    append: (operations) => document.transact(() => document.getArray(logRoot(self)).push([...operations])),
    reopen: () => provider.reopen(),
    setTyping: (typing) => {
      if (stopTyping !== null) ports.clearTimeout(stopTyping)
      stopTyping = null
      if (!typing) {
        if (typingSentAt > -Infinity) say(false)
        typingSentAt = -Infinity
        return
      }
      stopTyping = ports.setTimeout(() => {
        typingSentAt = -Infinity
        say(false)
      }, TYPING_MS - 1_000)
      if (leftOf(TYPING_MS / 2, typingSentAt, ports.now()) > 0) return
      typingSentAt = ports.now()
      say(true)
    },
    typing: () => [
      ...new Set([...typists.values()].filter(({ until }) => leftOf(TYPING_MS, until - TYPING_MS, ports.now()) > 0).map(({ user }) => user)),
    ],
    state: () => Y.encodeStateAsUpdate(document),
    close: async (gone) => {
      if (closed) return
      closed = true
      if (stopTyping !== null) ports.clearTimeout(stopTyping)
      if (gone) provider.abandon()
      else provider.destroy()
      await cache?.close().catch(() => {})
      document.destroy()
      awareness.doc.destroy()
    },
  }
}

function marksOf(value: unknown): Record<string, Marks> {
  const marks: Record<string, Marks> = {}
  if (typeof value !== 'object' || value === null) return marks
  for (const [user, mark] of Object.entries(value)) {
    const [delivered, seen] = Array.isArray(mark) ? (mark as unknown[]) : []
    if (isUserId(user) && Number.isSafeInteger(delivered) && Number.isSafeInteger(seen)) marks[user] = [Number(delivered), Number(seen)]
  }
  return marks
}
