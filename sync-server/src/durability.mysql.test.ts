import { startMariadb, type Mariadb } from '@skein/testing'
import { afterAll, beforeAll } from 'vitest'
import { durabilitySuite } from './durability.suite.ts'

let mariadb: Mariadb
beforeAll(async () => {
  mariadb = await startMariadb()
})
afterAll(() => mariadb.stop())

durabilitySuite(async () => mariadb.url(await mariadb.createDatabase()))
