// A device's disk: the engine's stores and document copies behind a time to wait, in order, with failures, and out of reach for a tab that has died.
import { indexedDbStores, memoryStores, StoreFull, type DocumentCache, type LocalStore, type StoreFactory } from '@skein/engine'
import * as Y from 'yjs'
import type { Random } from './random.ts'
import type { Actor, Scheduler } from './scheduler.ts'

export type Change = Parameters<LocalStore['write']>[0][number]

/** What happens to one write. */
export type DiskMishap = 'full' | 'told too late' | null

export interface Disk {
  readonly actor: Actor
  readonly scheduler: Scheduler
  readonly random: Random
  readonly inner: StoreFactory
  /** Sees every write that reached the disk. */
  wrote(name: string, changes: readonly Change[]): void
  mishap(): DiskMishap
  /** By store: when the last thing asked of it is done. */
  readonly busyUntil: Map<string, number>
}

export const innerStores = { memory: memoryStores, indexeddb: indexedDbStores } as const

/** The disk as one tab sees it. */
export function storesOf(disk: Disk, tab: Actor): StoreFactory {
  const { scheduler, random, actor, inner } = disk

  /** Work of the disk for this tab, in the order in which it was asked for. */
  function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const at = Math.max(disk.busyUntil.get(name) ?? 0, scheduler.now + random.fraction() * 2)
      disk.busyUntil.set(name, at)
      scheduler.post(actor, at - scheduler.now, () => {
        // What a tab asked for with its last breath happens, or does not.
        if (!tab.alive && random.chance(0.5)) return
        work().then(
          (value) => scheduler.post(tab, 0, () => resolve(value)),
          (error: unknown) => scheduler.post(tab, 0, () => reject(error instanceof Error ? error : new Error(String(error)))),
        )
      })
    })
  }

  function wrap(name: string, store: LocalStore): LocalStore {
    return {
      get: (table, key) => inTurn(name, () => store.get(table, key)),
      all: (table) => inTurn(name, () => store.all(table)),
      list: (table, range) => inTurn(name, () => store.list(table, range)),
      write: (changes, durable) =>
        inTurn(name, async () => {
          const mishap = disk.mishap()
          if (mishap === 'full') throw new StoreFull('full')
          const written = await store.write(changes, durable)
          if (written) disk.wrote(name, changes)
          if (mishap) throw new DOMException('aborted', 'AbortError')
          return written
        }),
      close: () => inTurn(name, () => store.close()),
    }
  }
  return {
    open: (name, lost) => inTurn(name, async () => wrap(name, await inner.open(name, (why) => void scheduler.post(tab, 0, () => lost(why))))),
    remove: (name) => inTurn(name, () => inner.remove(name)),
  }
}

/** The browser's copies of documents: a document of the disk's own that follows the tab's, and dies later than it. */
export function cacheOf(disk: Disk, tab: Actor, inner: DocumentCache, opened: (close: () => void) => () => void): DocumentCache {
  const { scheduler, actor } = disk
  const asDisk = <T>(work: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      scheduler.post(actor, 0, () => {
        work().then(
          (value) => scheduler.post(tab, 0, () => resolve(value)),
          (error: unknown) => scheduler.post(tab, 0, () => reject(error instanceof Error ? error : new Error(String(error)))),
        )
      })
    })
  return {
    open: (name, document) => {
      const copy = new Y.Doc()
      const origin = { disk: true }
      let handle: ReturnType<DocumentCache['open']> | null = null
      document.on('update', (update: Uint8Array, from: unknown) => {
        if (from !== origin) scheduler.post(actor, 1, () => Y.applyUpdate(copy, update))
      })
      const loaded = asDisk(async () => {
        handle = inner.open(name, copy)
        await handle.loaded
        const state = Y.encodeStateAsUpdate(copy)
        scheduler.post(tab, 0, () => Y.applyUpdate(document, state, origin))
      })
      const close = (): Promise<void> => handle?.close() ?? Promise.resolve()
      // The page's end closes its databases.
      const forget = opened(() => void scheduler.post(actor, 0, () => void close().catch(() => {})))
      return {
        loaded,
        close: () => {
          forget()
          return asDisk(close)
        },
      }
    },
    remove: (name) => asDisk(() => inner.remove(name)),
  }
}
