// The contract on MariaDB: each bed has a database of its own on one private server.
import { createMysqlDatabase, startMariadb, type Mariadb } from '@skein/testing'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, inject } from 'vitest'
import { contract } from './contract/contract.ts'
import { openMysql } from './mysql/connections.ts'
import { statement } from './statements.ts'

const server = inject('mariadb')
const mortals: Mariadb[] = []
afterAll(async () => {
  for (const mortal of mortals) await mortal.stop()
})

contract({
  engine: 'mysql',
  newDatabase: async () => server.replace(/[^/]+$/, await createMysqlDatabase(server)),
  async query(url, sql) {
    const connection = await createConnection(url)
    const [rows] = await connection.query<RowDataPacket[]>(sql)
    await connection.end()
    return rows
  },
  async against(url, first, second, work) {
    const connection = await createConnection(url)
    try {
      await connection.query('start transaction')
      await connection.query(first)
      const done = work()
      done.catch(() => undefined)
      // Not innodb_trx: what it says is as old as its last reader, who must not come within a tenth of a second.
      for (let isWaiting = false; !isWaiting;) {
        const [[status]] = await connection.query<RowDataPacket[]>('show engine innodb status')
        isWaiting = String(status?.['Status']).includes('LOCK WAIT')
      }
      await connection.query(second)
      await connection.query('commit')
      return await done
    } finally {
      await connection.end()
    }
  },
  async settings(url) {
    const { connections } = await openMysql(url)
    const connection = await connections.acquire()
    // The isolation's variable has another name on each of the two.
    const [isolation, rest] = await connection.run([
      statement("show session variables where variable_name in ('tx_isolation', 'transaction_isolation')"),
      statement(
        'select @@session.innodb_lock_wait_timeout as lock_wait, @@session.wait_timeout as idle, @@session.sql_mode as modes, @@session.time_zone as time_zone',
      ),
    ])
    connection.release()
    await connections.close()
    const [variable] = (isolation?.rows ?? []) as { Value: string }[]
    return { isolation: variable?.Value, ...(rest?.rows[0] as object) }
  },
  spoil: () => Promise.resolve(),
  async mortal() {
    const mortal = await startMariadb()
    mortals.push(mortal)
    return { url: mortal.url(await mortal.createDatabase()), die: () => mortal.kill(), revive: () => mortal.start() }
  },
})
