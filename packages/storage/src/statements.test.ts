import { expect, test } from 'vitest'
import { insertRows, selectByKeys } from './statements.ts'

const keys = (count: number) => Array.from({ length: count }, (_, i) => [`chat ${i}`, i] as const)

test('keys of any number make few different texts, and each key is asked for', () => {
  const texts = new Set<string>()
  for (let count = 0; count <= 1_200; count++) {
    const statements = selectByKeys('sqlite', 'messages', ['seq'], ['chat_id', 'seq'], keys(count))
    const asked = statements.flatMap(({ parameters }) => parameters.filter((_, i) => i % 2 === 1))
    expect(new Set(asked).size).toBe(count)
    for (const { sql, parameters } of statements) {
      texts.add(sql)
      expect(sql.split('?').length - 1).toBe(parameters.length)
    }
  }
  expect(texts.size).toBe(10)
})

test('each database gets a list of tuples as it takes it', () => {
  const text = (engine: 'sqlite' | 'mysql') => selectByKeys(engine, 'messages', ['seq'], ['chat_id', 'seq'], keys(2), ' for update')[0]?.sql
  expect(text('sqlite')).toBe('select seq from messages where (chat_id, seq) in (values (?, ?), (?, ?)) for update')
  expect(text('mysql')).toBe('select seq from messages where (chat_id, seq) in ((?, ?), (?, ?)) for update')
})

const row = (n: number, size = 10) =>
  ({ chat_id: 'c', epoch: 'e', pos: n, bytes: new Uint8Array(size) }) as unknown as Parameters<typeof insertRows<'updates'>>[2][number]

test('no rows, no statement', () => {
  expect(insertRows('sqlite', 'updates', [])).toEqual([])
  expect(insertRows('mysql', 'updates', [])).toEqual([])
})

test('rows are one statement that runs often on SQLite, and one with many rows on MySQL', () => {
  const rows = [row(1), row(2), row(3)]
  expect(insertRows('sqlite', 'updates', rows)).toMatchObject([
    { sql: 'insert into "updates" ("chat_id", "epoch", "pos", "bytes") values (?, ?, ?, ?)', times: 3 },
  ])
  const [one] = insertRows('mysql', 'updates', rows)
  expect(one?.sql).toBe('insert into `updates` (`chat_id`, `epoch`, `pos`, `bytes`) values (?, ?, ?, ?), (?, ?, ?, ?), (?, ?, ?, ?)')
  expect(one?.parameters.filter((value) => typeof value === 'number')).toEqual([1, 2, 3])
})

test('D9: a statement for MySQL stays far below the size of a packet', () => {
  const rows = Array.from({ length: 40 }, (_, i) => row(i, 200_000))
  const statements = insertRows('mysql', 'updates', rows)
  expect(statements.length).toBe(8)
  expect(statements.flatMap(({ parameters }) => parameters.filter((value) => typeof value === 'number'))).toEqual(rows.map((_, i) => i))
  expect(insertRows('mysql', 'updates', [row(1, 3_000_000), row(2)]).length, 'one that is larger goes alone').toBe(2)
  expect(
    insertRows(
      'mysql',
      'updates',
      Array.from({ length: 1_001 }, (_, i) => row(i)),
    ).length,
  ).toBe(3)
})

test('a row that is there gets new values in the named columns', () => {
  const replacing = { key: ['chat_id', 'epoch', 'pos'], columns: ['bytes'] } as Parameters<typeof insertRows<'updates'>>[3]
  expect(insertRows('sqlite', 'updates', [row(1)], replacing)[0]?.sql).toMatch(
    / on conflict \(chat_id, epoch, pos\) do update set "bytes" = excluded\."bytes"$/,
  )
  expect(insertRows('mysql', 'updates', [row(1)], replacing)[0]?.sql).toMatch(/ on duplicate key update `bytes` = values\(`bytes`\)$/)
})
