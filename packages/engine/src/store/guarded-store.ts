// A store that never takes the page down with it: lost, it is opened once more; where that fails too, memory goes on, the caller is told, and may try the disk again (I1–I3).
import { EngineClosed, type Ports } from '../ports.ts'
import { memoryStores } from './memory-store.ts'
import { EngineError } from '../types.ts'
import { NewerStore, StoreFull, type LocalStore, type StoreFactory } from './store.ts'

const OPEN_TIMEOUT_MS = 5_000
/** A transaction that has not ended after this time never will. */
const WORK_TIMEOUT_MS = 10_000
/** While what memory held is put on the disk, no word can be written. */
const MOVE_TIMEOUT_MS = 2_000

export interface GuardedStore extends LocalStore {
  /** true while nothing reaches the disk. */
  readonly failed: boolean
  /** Somebody deleted it: what is written does not come back to the disk. */
  readonly deleted: boolean
  /** Opens the disk again, beside the memory that stands in for it; null: it cannot be had. */
  reopen(): Promise<LocalStore | null>
  /** Uses the disk again, once `move` has put into it what only memory has; false: memory goes on. `isOver`: nobody waits for the move any more. */
  comeBack(disk: LocalStore, move: (isOver: () => boolean) => Promise<void>): Promise<boolean>
  /** Lets go of the disk for good: every call from now on is refused as 'newer-version'. */
  retire(): void
}

const outdatedError = (): EngineError =>
  new EngineError('newer-version', 'A newer version of this page is open in another tab. Reload this one to go on.')

export interface GuardedOptions {
  factory: StoreFactory
  name: string
  ports: Ports
  /** Takes out of a full store what can be had again; false when there is nothing. */
  makeRoom(full: LocalStore): Promise<boolean>
  /** Gets the empty store in memory, to put into it what must not be lost while the page lives. */
  rescue(memory: LocalStore): Promise<void>
  /** A newer program wants the store. */
  outdated(): void
}

/** @throws EngineError 'newer-version' when the store is of a newer program: it is left alone. */
export async function openGuardedStore({ factory, name, ports, makeRoom, rescue, outdated }: GuardedOptions): Promise<GuardedStore> {
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
          // Nobody may believe any longer that it is on the disk.
          if (deleted && !closed && !retired) fail().catch(() => {})
          if (why !== 'newer' || retired) return
          retired = true
          outdated()
        })
        .then(resolve, reject)
        .finally(() => ports.clearTimeout(timer))
    })
  }
  function inTime<T>(work: Promise<T>, ms = WORK_TIMEOUT_MS): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = ports.setTimeout(() => {
        // Its connection is of no use any more: the next try opens another.
        lost = true
        reject(new Error('The local store did not answer in time.'))
      }, ms)
      work.then(resolve, reject).finally(() => ports.clearTimeout(timer))
    })
  }
  let failing: Promise<void> | null = null
  /** One after another finds the disk gone: all of them wait until memory is ready. */
  function fail(): Promise<void> {
    return (failing ??= (async () => {
      failed = true
      const memory = await memoryStores().open(name, () => {})
      await rescue(memory)
      inner = memory
    })())
  }
  /** One for all that find it lost: a second disk, opened later, would take the place of the memory that took over from the first. */
  let reopening: Promise<void> | null = null
  async function openAgain(): Promise<void> {
    inner.close().catch(() => {})
    try {
      const disk = await open()
      if (failing) return void disk.close().catch(() => {})
      inner = disk
      lost = false
    } finally {
      reopening = null
    }
  }
  async function guarded<T>(work: (store: LocalStore) => Promise<T>): Promise<T> {
    if (closed) throw new EngineClosed('The local store is closed.')
    if (retired) throw outdatedError()
    await failing
    if (failed) return work(inner)
    try {
      const done = await inTime(work(inner))
      // Deleted just after: what was written went with it.
      if (!failing) return done
      await failing
      return work(inner)
    } catch (error) {
      if (closed) throw new EngineClosed('The local store is closed.', { cause: error })
      if (retired) throw outdatedError()
      try {
        // What was deleted on purpose, by logging out in another tab, is not made again.
        if (deleted) throw error
        if (lost) await (reopening ??= openAgain())
        // Memory has taken over meanwhile.
        if (failing) throw error
        if (error instanceof StoreFull && !(await inTime(makeRoom(inner)))) throw error
        return await inTime(work(inner))
      } catch (again) {
        if (again instanceof NewerStore) {
          retired = true
          outdated()
          throw outdatedError()
        }
        await fail()
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
    get deleted() {
      return deleted
    },
    get: (table, key) => guarded((store) => store.get(table, key)),
    all: (table) => guarded((store) => store.all(table)),
    list: (table, range) => guarded((store) => store.list(table, range)),
    write: (changes, durable) => guarded((store) => store.write(changes, durable)),
    reopen: async () => {
      await failing
      if (!failed || deleted || retired || closed) return null
      try {
        return await open()
      } catch (error) {
        if (error instanceof NewerStore) outdated()
        return null
      }
    },
    comeBack: async (disk, move) => {
      let over = false
      try {
        await inTime(
          move(() => over),
          MOVE_TIMEOUT_MS,
        )
        if (!failed || deleted || retired || closed) throw new Error('Meanwhile it is of no use any more.')
        inner = disk
        lost = false
        failed = false
        failing = null
        return true
      } catch {
        over = true
        disk.close().catch(() => {})
        return false
      }
    },
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
