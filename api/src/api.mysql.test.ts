// The API's contract on a MariaDB of its own.
import { openStorage } from '@skein/storage'
import { startMariadb } from '@skein/testing'
import { afterAll, beforeAll } from 'vitest'
import { apiContract } from './contract/api.suite.ts'

let mariadb: Awaited<ReturnType<typeof startMariadb>>
beforeAll(async () => {
  mariadb = await startMariadb()
})
afterAll(() => mariadb.stop())

apiContract('mysql', async (ports) => openStorage({ url: mariadb.url(await mariadb.createDatabase()) }, ports))
