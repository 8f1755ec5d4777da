// The contract of the storage: one list of tests, run on every database.
import { commitContract } from './commit.ts'
import type { Lab } from './lab.ts'

export function contract(lab: Lab): void {
  commitContract(lab)
}
