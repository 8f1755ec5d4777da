// A store that never takes the page down with it: lost, it is opened once more; failed for good, memory goes on and the caller is told (I1–I3).
import { EngineClosed, type Ports } from '../ports.ts'
import { memoryStores } from './memory-store.ts'
import type { LocalStore, StoreFactory } from './store.ts'

const OPEN_TIMEOUT_MS = 5_000

export interface GuardedStore extends LocalStore {
  /** true once nothing reaches the disk any more. */
  readonly failed: boolean
}

/** `rescue` gets the empty store in memory, to put into it what must not be lost while the page lives. */
export async function openGuardedStore(
  factory: StoreFactory,
  name: string,
  ports: Ports,
  rescue: (memory: LocalStore) => Promise<void>,
): Promise<GuardedStore> {
  let failed = false
  let closed = false
  let lost = false
  let deleted = false
  let inner: LocalStore

  function open(): Promise<LocalStore> {
    return new Promise((resolve, reject) => {
      const timer = ports.setTimeout(() => reject(new Error('The local store did not open in time.')), OPEN_TIMEOUT_MS)
      factory
        .open(name, (byWish) => {
          lost = true
          deleted ||= byWish
        })
        .then(resolve, reject)
        .finally(() => ports.clearTimeout(timer))
    })
  }
  async function fail(): Promise<void> {
    failed = true
    inner = await memoryStores().open(name, () => {})
    await rescue(inner)
  }
  async function guarded<T>(work: (store: LocalStore) => Promise<T>): Promise<T> {
    if (closed) throw new EngineClosed('The local store is closed.')
    try {
      return await work(inner)
    } catch (error) {
      if (closed) throw new EngineClosed('The local store is closed.', { cause: error })
      if (failed) throw error
      try {
        // What was deleted on purpose, by logging out in another tab, is not made again.
        if (deleted) throw error
        if (lost) {
          inner = await open()
          lost = false
        }
        return await work(inner)
      } catch {
        if (!failed) await fail()
        return work(inner)
      }
    }
  }

  try {
    inner = await open()
  } catch {
    failed = true
    inner = await memoryStores().open(name, () => {})
  }
  return {
    get failed() {
      return failed
    },
    get: (table, key) => guarded((store) => store.get(table, key)),
    all: (table) => guarded((store) => store.all(table)),
    list: (table, range) => guarded((store) => store.list(table, range)),
    write: (changes, durable) => guarded((store) => store.write(changes, durable)),
    close: () => {
      closed = true
      return inner.close()
    },
  }
}
