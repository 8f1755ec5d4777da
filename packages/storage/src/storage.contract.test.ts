// The contract on SQLite: files in a temporary folder.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Worker } from 'node:worker_threads'
import { afterAll } from 'vitest'
import { contract } from './contract/contract.ts'
import { SqliteClient } from './sqlite/client.ts'
import { statement } from './statements.ts'

const folder = mkdtempSync(join(tmpdir(), 'skein-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let databases = 0
const newDatabase = () => Promise.resolve(`sqlite:${join(folder, `${++databases}.db`)}`)
const pathOf = (url: string) => url.slice('sqlite:'.length)

function query(url: string, sql: string) {
  const database = new DatabaseSync(pathOf(url), { readOnly: sql.startsWith('select') })
  const rows = database.prepare(sql).all()
  database.close()
  return Promise.resolve(rows)
}

contract({
  engine: 'sqlite',
  newDatabase,
  query,
  // There is one writer, so nobody waits in a circle.
  async against(url, first, second, work) {
    for (const sql of [first, second]) await query(url, sql)
    return work()
  },
  async settings(url) {
    const client = await SqliteClient.open(pathOf(url), () => undefined)
    const names = ['journal_mode', 'synchronous', 'foreign_keys', 'secure_delete']
    const results = await client.run(names.map((name) => statement(`pragma ${name}`)))
    await client.close()
    return Object.fromEntries(results.flatMap((result) => result.rows).flatMap((row) => Object.entries(row as object)))
  },
  spoil: (url) => Promise.resolve(writeFileSync(pathOf(url), 'This is a letter, not a database. '.repeat(100))),
  async mortal() {
    const worker = new Promise<Worker>((resolve) => process.once('worker', resolve))
    return {
      url: await newDatabase(),
      die: async () => void (await (await worker).terminate()),
      revive: () => Promise.resolve(),
    }
  },
})
