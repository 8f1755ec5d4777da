import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { statement } from '../statements.ts'
import { SqliteClient, SqliteError } from './client.ts'
import { SqliteConnections } from './connections.ts'

const folder = mkdtempSync(join(tmpdir(), 'skein-client-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const memory = () => SqliteClient.open(':memory:', () => undefined)

test('a failing statement ends its batch; those before it have run, those after it have not', async () => {
  const client = await memory()
  const failed = client.run([
    statement('create table t (n integer primary key)'),
    statement('insert into t values (1)'),
    statement('insert into t values (1)'),
    statement('insert into t values (2)'),
  ])
  await expect(failed).rejects.toBeInstanceOf(SqliteError)
  const [result] = await client.run([statement('select n from t')])
  expect(result?.rows).toEqual([{ n: 1 }])
  await client.close()
})

test('a value that is none fails its own batch and no other with the same text', async () => {
  const client = await memory()
  const ask = (value: unknown) => client.run([statement('select ? as v', [value])])
  await expect(ask({ not: 'a value' })).rejects.toThrow(TypeError)
  expect((await ask('x'))[0]?.rows).toEqual([{ v: 'x' }])
  await client.close()
})

test('values come back as they went: bytes, large numbers, every text, nothing', async () => {
  const client = await memory()
  const values = [new Uint8Array([0, 255]), 2 ** 53 - 1, -1, 0.5, 'é\u0000👩‍🚀', '', null]
  const [result] = await client.run([statement(`select ${values.map((_, i) => `? as v${i}`).join(', ')}`, values)])
  expect(Object.values(result?.rows[0] ?? {})).toEqual(values)
  await client.close()
})

test('a statement that runs often takes its share of the parameters each time', async () => {
  const client = await memory()
  const insert = { sql: 'insert into t values (?, ?)', parameters: [1, 'a', 2, 'b', 3, 'c'], times: 3 }
  const [, inserted, rows] = await client.run([statement('create table t (n integer, s text)'), insert, statement('select n, s from t')])
  expect(inserted?.numAffectedRows).toBe(3n)
  expect(rows?.rows).toEqual([
    { n: 1, s: 'a' },
    { n: 2, s: 'b' },
    { n: 3, s: 'c' },
  ])
  await client.close()
})

test('more statements than the thread keeps prepared', async () => {
  const client = await memory()
  const ask = (n: number) => client.run([statement(`select ${n} as n`)])
  for (let n = 0; n < 700; n++) await ask(n)
  expect((await ask(3))[0]?.rows).toEqual([{ n: 3 }])
  await client.close()
})

test('what waits when the client closes is answered first; what comes later is refused', async () => {
  const client = await memory()
  const waiting = client.run([statement('select 1 as one')])
  const closing = client.close()
  await expect(client.run([statement('select 1 as one')])).rejects.toMatchObject({ code: 'database-unreachable' })
  expect((await waiting)[0]?.rows).toEqual([{ one: 1 }])
  await closing
  await client.close()
})

test('connections are handed on in the order in which they were asked for, and a transaction is never shared', async () => {
  const connections = new SqliteConnections(await memory())
  const first = await connections.acquire()
  await first.begin()
  await first.run([statement('create table t (n integer)')])
  const order: number[] = []
  const others = [1, 2, 3].map(async (n) => {
    const connection = await connections.acquire()
    order.push(n)
    await connection.run([statement('insert into t values (?)', [n])])
    connection.release()
  })
  await first.run([statement('insert into t values (0)')])
  await first.commit([])
  first.release()
  await Promise.all(others)
  expect(order).toEqual([1, 2, 3])
  await connections.close()
})

test('another process cannot take the database while this one holds it, and can afterwards', async () => {
  const path = join(folder, 'held.db')
  const script = `import { SqliteClient } from ${JSON.stringify(fileURLToPath(new URL('./client.ts', import.meta.url)))}
    const client = await SqliteClient.open(${JSON.stringify(path)}, () => undefined).catch((error) => process.stdout.write(error.message))
    if (client !== true) await client.close()`
  const tryIt = () => spawnSync(process.execPath, ['--input-type=module-typescript', '-e', script], { encoding: 'utf8' })
  const client = await SqliteClient.open(path, () => undefined)
  expect(tryIt().stdout).toContain(`in use by another process (pid ${process.pid})`)
  await client.close()
  expect(tryIt()).toMatchObject({ stdout: '', stderr: '', status: 0 })
})
