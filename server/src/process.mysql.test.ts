import { startMariadb } from '@skein/testing'
import { afterAll, beforeAll } from 'vitest'
import { describeServerProcess } from './process.suite.ts'

let mariadb: Awaited<ReturnType<typeof startMariadb>>
beforeAll(async () => {
  mariadb = await startMariadb()
})
afterAll(() => mariadb.stop())

describeServerProcess({ fresh: async () => ({ DATABASE_URL: mariadb.url(await mariadb.createDatabase()) }), shared: true })
