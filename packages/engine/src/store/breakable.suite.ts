// A disk that tests break: what is written to it fails, and where it is to be opened it does not.
import { memoryStores } from './memory-store.ts'
import type { StoreFactory } from './store.ts'

interface Breaks {
  /** Every write fails, and it does not open. */
  broken: boolean
  /** The write that fails is stored all the same. */
  late: boolean
  /** One write more fails, stored or not. */
  once: boolean
}

export function breakable(): { disk: StoreFactory; state: Breaks } {
  const stores = memoryStores()
  const state: Breaks = { broken: false, late: false, once: false }
  const disk: StoreFactory = {
    ...stores,
    open: async (name, lost) => {
      if (state.broken) throw new Error('UnknownError')
      const store = await stores.open(name, lost)
      return {
        ...store,
        write: async (changes, durable) => {
          if (!state.broken && !state.once) return store.write(changes, durable)
          state.once = false
          if (state.late && (await store.write(changes, durable))) state.late = false
          throw new Error('UnknownError')
        },
      }
    },
  }
  return { disk, state }
}
