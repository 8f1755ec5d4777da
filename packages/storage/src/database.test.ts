import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { Database } from './database.ts'
import { SqliteClient, SqliteError } from './sqlite/client.ts'
import { SqliteConnections } from './sqlite/connections.ts'
import { StorageError } from './types.ts'

const failure = (errcode: number): SqliteError => new SqliteError({ message: 'Fault', errcode })

test('a disk that fails while something is read is a database that does not answer; what is the statement’s fault stays what it is', async () => {
  const connections = new SqliteConnections(await SqliteClient.open(':memory:', () => undefined))
  const database = new Database('sqlite', {} as never, connections, { randomBytes } as never)
  const failing = (fault: Error): Promise<never> => database.read(() => Promise.reject(fault))
  for (const errcode of [10, 10 | (3 << 8), 13]) {
    const error = failure(errcode)
    const read = failing(error)
    await expect(read).rejects.toBeInstanceOf(StorageError)
    await expect(read).rejects.toMatchObject({ code: 'database-unreachable', cause: error })
  }
  for (const error of [failure(1555), failure(1), new TypeError('a bug')]) await expect(failing(error)).rejects.toBe(error)
  let tries = 0
  const again = (): Promise<number> => (++tries < 3 ? Promise.reject(failure(5)) : Promise.resolve(tries))
  expect(await database.transaction(again)).toBe(3)
  // Who loses time and again may come later.
  await expect(database.transaction(() => Promise.reject(failure(5)))).rejects.toMatchObject({ code: 'database-unreachable' })
  await database.close()
})
