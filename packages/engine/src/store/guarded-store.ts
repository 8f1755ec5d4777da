// A store that never takes the page down with it: lost, it is opened once more; failed for good, memory goes on and the caller is told (I1–I3).
import { EngineClosed, type Ports } from '../ports.ts'
import { memoryStores } from './memory-store.ts'
import { EngineError } from '../types.ts'
import { NewerStore, type LocalStore, type StoreFactory } from './store.ts'

const OPEN_TIMEOUT_MS = 5_000

export interface GuardedStore extends LocalStore {
  /** true once nothing reaches the disk any more. */
  readonly failed: boolean
  /** Lets go of the disk for good: every call from now on is refused as 'newer-version'. */
  retire(): void
}

const outdatedError = (): EngineError =>
  new EngineError('newer-version', 'A newer version of this page is open in another tab. Reload this one to go on.')

/**
 * `rescue` gets the empty store in memory, to put into it what must not be lost while the page lives; `outdated` is called when a newer program wants the store.
 * @throws EngineError 'newer-version' when the store is of a newer program: it is left alone.
 */
export async function openGuardedStore(
  factory: StoreFactory,
  name: string,
  ports: Ports,
  rescue: (memory: LocalStore) => Promise<void>,
  outdated: () => void,
): Promise<GuardedStore> {
  let failed = false
  let closed = false
  let lost = false
  let deleted = false
  let retired = false
  let inner: LocalStore

  function open(): Promise<LocalStore> {
    return new Promise((resolve, reject) => {
      const timer = ports.setTimeout(() => reject(new Error('The local store did not open in time.')), OPEN_TIMEOUT_MS)
      factory
        .open(name, (why) => {
          lost = true
          deleted ||= why === 'deleted'
          if (why !== 'newer' || retired) return
          retired = true
          outdated()
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
    if (retired) throw outdatedError()
    try {
      return await work(inner)
    } catch (error) {
      if (closed) throw new EngineClosed('The local store is closed.', { cause: error })
      if (retired) throw outdatedError()
      if (failed) throw error
      try {
        // What was deleted on purpose, by logging out in another tab, is not made again.
        if (deleted) throw error
        if (lost) {
          inner = await open()
          lost = false
        }
        return await work(inner)
      } catch (again) {
        if (again instanceof NewerStore) {
          retired = true
          outdated()
          throw outdatedError()
        }
        if (!failed) await fail()
        return work(inner)
      }
    }
  }

  try {
    inner = await open()
  } catch (error) {
    if (error instanceof NewerStore) {
      outdated()
      throw outdatedError()
    }
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
    retire: () => {
      retired = true
      if (!failed) inner.close().catch(() => {})
    },
    close: () => {
      closed = true
      return inner.close()
    },
  }
}
