import { startMariadb, type Mariadb } from '@skein/testing'
import { afterAll, beforeAll } from 'vitest'
import { groupCallsSuite } from './group-calls.suite.ts'

let mariadb: Mariadb
beforeAll(async () => {
  mariadb = await startMariadb()
})
afterAll(() => mariadb.stop())

groupCallsSuite(async () => mariadb.url(await mariadb.createDatabase()))
