import { startMariadb, type Mariadb } from '@skein/testing'
import { afterAll, beforeAll } from 'vitest'
import { recoverySuite } from './recovery.suite.ts'

let mariadb: Mariadb
beforeAll(async () => {
  mariadb = await startMariadb()
})
afterAll(() => mariadb.stop())

recoverySuite(async () => mariadb.url(await mariadb.createDatabase()))
