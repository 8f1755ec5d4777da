import { startMariadb } from '@skein/testing'
import { expect, test } from 'vitest'
import { fuzzServer } from './fuzz.suite.ts'

const count = (tally: Record<string, number>): number => Object.values(tally).reduce((sum, n) => sum + n, 0)

test('attack 32, R1: 20,000 requests out of the description, a real server on SQLite: none is a 5xx, each is answered as described (seed 1)', async () => {
  const tally = await fuzzServer({}, 20_000, 1)
  process.stdout.write(`fuzz, SQLite: ${count(tally)} requests, ${JSON.stringify(tally)}\n`)
  expect(count(tally)).toBe(20_000)
  // Not all of it is refused at the first door.
  expect(tally['200']).toBeGreaterThan(2_000)
})

test('attack 32, R1: the same on MariaDB, 4,000 requests (seed 2)', async () => {
  const mariadb = await startMariadb()
  const tally = await fuzzServer({ DATABASE_URL: mariadb.url(await mariadb.createDatabase()) }, 4_000, 2)
  await mariadb.stop()
  process.stdout.write(`fuzz, MariaDB: ${count(tally)} requests, ${JSON.stringify(tally)}\n`)
  expect(count(tally)).toBe(4_000)
})
