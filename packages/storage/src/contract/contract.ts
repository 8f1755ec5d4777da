// The contract of the storage: one list of tests, run on every database.
import { accountsContract } from './accounts.ts'
import { botsContract } from './bots.ts'
import { commitContract } from './commit.ts'
import { concurrencyContract } from './concurrency.ts'
import { erasureContract } from './erasure.ts'
import { faultsContract } from './faults.ts'
import { healingDecisionsContract } from './healing-decisions.ts'
import { healingContract } from './healing.ts'
import { blocksContract } from './blocks.ts'
import { groupsContract } from './groups.ts'
import { chatLinksContract } from './chat-links.ts'
import { identityContract } from './identity.ts'
import type { Lab } from './lab.ts'
import { importsContract } from './imports.ts'
import { joiningContract } from './joining.ts'
import { linksContract } from './links.ts'
import { openingContract } from './opening.ts'
import { peopleContract } from './people.ts'
import { pinsContract } from './pins.ts'
import { randomContract } from './random.ts'
import { readingContract } from './reading.ts'

export function contract(lab: Lab): void {
  commitContract(lab)
  faultsContract(lab)
  concurrencyContract(lab)
  healingContract(lab)
  healingDecisionsContract(lab)
  readingContract(lab)
  peopleContract(lab)
  groupsContract(lab)
  joiningContract(lab)
  chatLinksContract(lab)
  blocksContract(lab)
  pinsContract(lab)
  accountsContract(lab)
  botsContract(lab)
  linksContract(lab)
  identityContract(lab)
  importsContract(lab)
  openingContract(lab)
  erasureContract(lab)
  randomContract(lab)
}
