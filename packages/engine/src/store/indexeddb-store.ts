// The local store in IndexedDB. An open that fails rejects, an abort rejects, a lost connection is told (I1, I2, I3, I4).
import { openDB, deleteDB, type IDBPDatabase, type IDBPTransaction } from 'idb'
import { STORE_VERSION, TABLES, type TableName, type Tables } from './rows.ts'
import { holds, NewerStore, StoreFull, type Change, type LocalStore, type Range, type StoreFactory } from './store.ts'

interface Kept {
  key: string
  group: string
  order: number
  row: object
}

const IN_ORDER = 'in-order'

type Writing = IDBPTransaction<unknown, string[], 'readwrite'>

// Requests are not awaited one by one: what fails in the database aborts the transaction, what fails before throws here.
async function apply(transaction: Writing, change: Change): Promise<void> {
  if ('put' in change) {
    const { key, group, order, row } = change
    transaction
      .objectStore(change.put)
      .put({ key, group, order, row })
      .catch(() => {})
  } else if ('remove' in change)
    transaction
      .objectStore(change.remove)
      .delete(change.key)
      .catch(() => {})
  else if ('removeGroup' in change) {
    const store = transaction.objectStore(change.removeGroup)
    const keys = await store.index(IN_ORDER).getAllKeys(IDBKeyRange.bound([change.group, -Infinity], [change.group, Infinity]))
    for (const key of keys) store.delete(key).catch(() => {})
  }
}

function indexedDbStore(database: IDBPDatabase): LocalStore {
  function reading(table: TableName) {
    const { store, done } = database.transaction(table)
    // Each request tells of its own failure.
    done.catch(() => {})
    return store
  }
  return {
    get: async <T extends TableName>(table: T, key: string) => {
      const kept = (await reading(table).get(key)) as Kept | undefined
      return kept?.row as Tables[T] | undefined
    },
    all: async <T extends TableName>(table: T) => ((await reading(table).getAll()) as Kept[]).map(({ row }) => row as Tables[T]),
    list: async <T extends TableName>(table: T, range: Range) => {
      const { group, from = -Infinity, to = Infinity, limit = Infinity, newestFirst = false } = range
      // IndexedDB takes it for an error, and an error for the end of the disk.
      if (from > to) return []
      const keys = IDBKeyRange.bound([group, from], [group, to])
      const rows: Tables[T][] = []
      const index = reading(table).index(IN_ORDER)
      if (!newestFirst) {
        const found = (await index.getAll(keys, limit === Infinity ? undefined : limit)) as Kept[]
        return found.map(({ row }) => row as Tables[T])
      }
      let cursor = await index.openCursor(keys, 'prev')
      while (cursor && rows.length < limit) {
        rows.push((cursor.value as Kept).row as Tables[T])
        cursor = await cursor.continue()
      }
      return rows
    },
    write: async (changes: readonly Change[], durable: boolean) => {
      if (changes.length === 0) return true
      const transaction: Writing = database.transaction<string[], 'readwrite'>([...TABLES], 'readwrite', {
        durability: durable ? 'strict' : 'relaxed',
      })
      // Also settles when the browser aborts for its own reasons, such as quota.
      const done = transaction.done
      done.catch(() => {})
      for (const change of changes) {
        if (!('expect' in change)) continue
        const kept = (await transaction.objectStore(change.expect).get(change.key)) as Kept | undefined
        if (holds(change, kept?.row)) continue
        transaction.abort()
        return false
      }
      try {
        for (const change of changes) await apply(transaction, change)
      } catch (error) {
        transaction.abort()
        throw error
      }
      await done.catch((error: unknown) => {
        throw error instanceof DOMException && error.name === 'QuotaExceededError' ? new StoreFull(error.message) : error
      })
      return true
    },
    close: async () => database.close(),
  }
}

/** Stores in this browser's IndexedDB. */
export function indexedDbStores(): StoreFactory {
  return {
    open: (name, lost) =>
      new Promise((resolve, reject) => {
        openDB(name, STORE_VERSION, {
          upgrade: (database) => {
            for (const table of TABLES) database.createObjectStore(table, { keyPath: 'key' }).createIndex(IN_ORDER, ['group', 'order'])
          },
          // An older program that holds it open lets go once its last write is done; who waits too long gives up by itself (GuardedStore).
          // Another tab wants to delete or upgrade it: let go, or it waits for ever.
          blocking: (_current, wanted, event) => {
            const { target } = event
            if (target instanceof IDBDatabase) target.close()
            lost(wanted === null ? 'deleted' : 'newer')
          },
          terminated: () => lost('closed'),
        }).then(
          (database) => resolve(indexedDbStore(database)),
          (error: unknown) => reject(error instanceof DOMException && error.name === 'VersionError' ? new NewerStore(error.message) : error),
        )
      }),
    remove: (name) => deleteDB(name),
  }
}
