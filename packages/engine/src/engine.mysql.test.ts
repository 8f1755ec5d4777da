import { startMariadb, type Mariadb } from '@skein/testing'
import { afterAll, beforeAll } from 'vitest'
import { engineSuite } from './engine.suite.ts'

let mariadb: Mariadb
beforeAll(async () => {
  mariadb = await startMariadb()
})
afterAll(() => mariadb.stop())

engineSuite(async () => mariadb.url(await mariadb.createDatabase()))
