import { startMariadb, type Mariadb } from '@skein/testing'
import { afterAll, beforeAll } from 'vitest'
import { attackSuite } from './attacks.suite.ts'

let mariadb: Mariadb
beforeAll(async () => {
  mariadb = await startMariadb()
})
afterAll(() => mariadb.stop())

attackSuite(async () => mariadb.url(await mariadb.createDatabase()))
