// How much is held and may be, and whether the browser promises to keep it.
import { budgetBytes, MAX_LOCAL_BYTES } from '../chats/budget.ts'
import type { Local } from '../local.ts'
import type { Ports } from '../ports.ts'
import type { StorageState } from '../types.ts'
import { usedBytes } from './rows.ts'
import { put } from './store.ts'

export interface StorageKeeper {
  readonly state: StorageState
  readonly budgetBytes: number
  /** Asks the browser what there is. */
  look(): Promise<void>
  /** The person has written: from now on the device holds what exists nowhere else, so the browser is asked, once, to keep it (I6). */
  wrote(): Promise<void>
}

export function createStorageKeeper(local: Local, ports: Ports, changed: () => void): StorageKeeper {
  let budget = MAX_LOCAL_BYTES
  let persisted: boolean | null = null
  let asked = false

  return {
    get state() {
      return { usedBytes: usedBytes(local.chats), budgetBytes: budget, persisted, failed: local.store.failed }
    },
    get budgetBytes() {
      return budget
    },
    look: async () => {
      budget = await budgetBytes(ports)
      persisted = (await ports.storage?.persisted().catch(() => null)) ?? null
      changed()
    },
    wrote: async () => {
      if (asked || !ports.storage) return
      asked = true
      // A person who was asked and said no is left alone.
      if (persisted || (await local.store.get('meta', 'persist'))) return
      await local.commit([put('meta', { key: 'persist', value: 'asked' })])
      persisted = await ports.storage.persist().catch(() => false)
      changed()
    },
  }
}
