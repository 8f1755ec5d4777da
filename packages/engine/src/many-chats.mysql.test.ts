import { startMariadb, type Mariadb } from '@skein/testing'
import { afterAll, beforeAll } from 'vitest'
import { manyChatsSuite } from './many-chats.suite.ts'

let mariadb: Mariadb
beforeAll(async () => {
  mariadb = await startMariadb()
})
afterAll(() => mariadb.stop())

manyChatsSuite(async () => mariadb.url(await mariadb.createDatabase()))
