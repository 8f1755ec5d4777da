// The local store in memory: for bots that want no disk, and for going on when the disk failed.
import { TABLES, type TableName, type Tables } from './rows.ts'
import { holds, type Change, type LocalStore, type Range, type StoreFactory } from './store.ts'

interface Kept {
  group: string
  order: number
  /** JSON, so that nobody shares an object with the store. */
  text: string
}
type Data = Record<TableName, Map<string, Kept>>

const emptyData = (): Data => {
  const data: Partial<Data> = {}
  for (const table of TABLES) data[table] = new Map()
  return data as Data
}

function memoryStore(data: Data): LocalStore {
  return {
    get: async <T extends TableName>(table: T, key: string) => {
      const kept = data[table].get(key)
      return kept && (JSON.parse(kept.text) as Tables[T])
    },
    all: async <T extends TableName>(table: T) => Array.from(data[table].values(), (kept) => JSON.parse(kept.text) as Tables[T]),
    list: async <T extends TableName>(table: T, range: Range) => {
      const { group, from = -Infinity, to = Infinity, limit = Infinity, newestFirst = false } = range
      const rows = [...data[table].values()].filter((kept) => kept.group === group && kept.order >= from && kept.order <= to)
      rows.sort((a, b) => (newestFirst ? b.order - a.order : a.order - b.order))
      return rows.slice(0, limit).map((kept) => JSON.parse(kept.text) as Tables[T])
    },
    write: async (changes: readonly Change[]) => {
      for (const change of changes) {
        if (!('expect' in change)) continue
        const kept = data[change.expect].get(change.key)
        if (!holds(change, kept && (JSON.parse(kept.text) as object))) return false
      }
      for (const change of changes) {
        if ('put' in change) data[change.put].set(change.key, { group: change.group, order: change.order, text: JSON.stringify(change.row) })
        else if ('remove' in change) data[change.remove].delete(change.key)
        else if ('removeGroup' in change) {
          for (const [key, kept] of data[change.removeGroup]) if (kept.group === change.group) data[change.removeGroup].delete(key)
        }
      }
      return true
    },
    close: async () => {},
  }
}

/** Stores that live as long as the factory does. */
export function memoryStores(): StoreFactory {
  const stores = new Map<string, Data>()
  return {
    open: async (name) => {
      const data = stores.get(name) ?? emptyData()
      stores.set(name, data)
      return memoryStore(data)
    },
    remove: async (name) => void stores.delete(name),
  }
}
