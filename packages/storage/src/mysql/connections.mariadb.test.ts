// What only MariaDB's connections can show: SQLite has none that could be lost.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, inject, test, vi } from 'vitest'
import { statement } from '../statements.ts'
import { openMysql } from './connections.ts'

const server = inject('mariadb')

test('a connection that is lost under a statement leaves nothing behind that would keep a process from ending', async () => {
  const source = new URL('./connections.ts', import.meta.url)
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
