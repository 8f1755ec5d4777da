// What every group of queries is made from.
import type { Database } from './database.ts'
import type { StoragePorts } from './types.ts'

/** Called at every step of the commit; a throw is taken for the database failing there. For tests. */
export interface Faults {
  at(point: string): Promise<void> | void
}

export interface Context {
  database: Database
  ports: StoragePorts
  faults: Faults | undefined
}
