// The contract on MariaDB: each bed has a database of its own on one private server.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createMysqlDatabase, startMariadb, type Mariadb } from '@skein/testing'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, expect, inject, test, vi } from 'vitest'
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

test('a connection that is lost under a statement leaves nothing behind that would keep a process from ending', async () => {
  const source = new URL('./mysql/connections.ts', import.meta.url)
  const program = `
    const { openMysql } = await import('${source}')
    const { connections } = await openMysql('${server}')
    const [one, other] = [await connections.acquire(), await connections.acquire()]
    const [{ rows: [{ id }] }] = await one.run([{ sql: 'select connection_id() as id', parameters: [] }])
    const lost = one.run([{ sql: 'select sleep(600)', parameters: [] }]).catch((error) => error.code)
    await other.run([{ sql: 'kill ' + id, parameters: [] }])
    console.log(await lost)
    for (const connection of [one, other]) connection.release()
    await connections.close()`
  // With a timer left behind, the test would run out of time.
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
  expect(stdout.trim()).toBe('PROTOCOL_CONNECTION_LOST')
}, 30_000)

test('a statement that is not answered for a minute is given up with its connection; the others go on', async () => {
  const { connections } = await openMysql(server)
  const [one, other] = [await connections.acquire(), await connections.acquire()]
  const [{ rows } = { rows: [] }] = await one.run([statement('select connection_id() as id')])
  const [{ id } = { id: 0 }] = rows as { id: number }[]
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const lost = one.run([statement('select sleep(600)')]).catch((error: unknown) => error)
    vi.advanceTimersByTime(60_000)
    expect(await lost).toMatchObject({ code: 'database-unreachable' })
  } finally {
    vi.useRealTimers()
  }
  // The database itself goes on with it.
  await other.run([statement(`kill ${id}`)])
  for (const connection of [one, other]) connection.release()
  const third = await connections.acquire()
  expect(await third.run([statement('select 1 as alive')])).toMatchObject([{ rows: [{ alive: 1 }] }])
  third.release()
  await connections.close()
})
