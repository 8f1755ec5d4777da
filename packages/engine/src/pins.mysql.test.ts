import { startMariadb, type Mariadb } from '@skein/testing'
import { afterAll, beforeAll } from 'vitest'
import { pinsSuite } from './pins.suite.ts'

let mariadb: Mariadb
beforeAll(async () => {
  mariadb = await startMariadb()
})
afterAll(() => mariadb.stop())

pinsSuite(async () => mariadb.url(await mariadb.createDatabase()))
