// A device's disk: the engine's stores and document copies behind a time to wait, in order, with failures, and out of reach for a tab that has died.
import { indexedDbStores, memoryStores, StoreFull, type DocumentCache, type LocalStore, type StoreFactory } from '@skein/engine'
import * as Y from 'yjs'
import type { Random } from './random.ts'
import type { Actor, Scheduler } from './scheduler.ts'

type Loss = Parameters<Parameters<StoreFactory['open']>[1]>[0]
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
  /** Nothing is done before then. */
  stalledUntil(): number
  /** What tabs have open, each with the way to close it over their heads. */
  readonly open: Set<{ name: string; tab: Actor; lose(why: Loss): void }>
  /** A store was deleted. */
  removed(name: string): void
}

export const innerStores = { memory: memoryStores, indexeddb: indexedDbStores } as const

/** The disk as one tab sees it. */
export function storesOf(disk: Disk, tab: Actor): StoreFactory {
  const { scheduler, random, actor, inner } = disk

  /** Work of the disk for this tab, in the order in which it was asked for. */
  function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const at = Math.max(disk.busyUntil.get(name) ?? 0, disk.stalledUntil(), scheduler.now + random.fraction() * 2)
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

  function wrap(name: string, store: LocalStore, lost: (why: Loss) => void): LocalStore {
    let isGone = false
    const handle = {
      name,
      tab,
      lose: (why: Loss) => {
        isGone = true
        disk.open.delete(handle)
        scheduler.post(tab, 0, () => lost(why))
      },
    }
    disk.open.add(handle)
    const ask = <T>(work: () => Promise<T>): Promise<T> =>
      inTurn(name, async () => {
        if (isGone) throw new DOMException('closed', 'InvalidStateError')
        return work()
      })
    return {
      get: (table, key) => ask(() => store.get(table, key)),
      all: (table) => ask(() => store.all(table)),
      list: (table, range) => ask(() => store.list(table, range)),
      write: (changes, durable) =>
        ask(async () => {
          const mishap = disk.mishap()
          if (mishap === 'full') throw new StoreFull('full')
          const written = await store.write(changes, durable)
          // What was deleted amid it holds nothing.
          if (written && !isGone) disk.wrote(name, changes)
          if (mishap) throw new DOMException('aborted', 'AbortError')
          return written
        }),
      close: () => {
        disk.open.delete(handle)
        return inTurn(name, () => store.close())
      },
    }
  }
  return {
    open: (name, lost) => {
      const tell = (why: Loss): void => void scheduler.post(tab, 0, () => lost(why))
      return inTurn(name, async () => wrap(name, await inner.open(name, tell), lost))
    },
    remove: (name) =>
      inTurn(name, async () => {
        await inner.remove(name)
        for (const handle of disk.open) if (handle.name === name) handle.lose('deleted')
        disk.removed(name)
      }),
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
