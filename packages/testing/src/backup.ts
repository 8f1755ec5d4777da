// A backup of a database beside its tables, so that a test can put yesterday back on either database, also under somebody who has it open.
import { DatabaseSync } from 'node:sqlite'
import { createConnection, type RowDataPacket } from 'mysql2/promise'

type Run = (sql: string) => Promise<Record<string, unknown>[]>

async function withDatabase<T>(url: string, work: (run: Run) => Promise<T>): Promise<T> {
  if (url.startsWith('sqlite:')) {
    const database = new DatabaseSync(url.slice('sqlite:'.length), { enableForeignKeyConstraints: false, timeout: 10_000 })
    try {
      return await work(async (sql) => database.prepare(sql).all())
    } finally {
      database.close()
    }
  }
  const connection = await createConnection(url)
  try {
    await connection.query('set foreign_key_checks = 0')
    return await work(async (sql) => (await connection.query<RowDataPacket[]>(sql))[0])
  } finally {
    await connection.end()
  }
}

let backups = 0

/** Keeps the rows as they are now; what it resolves with puts them back, and may be called again and again. */
export async function backUp(url: string): Promise<() => Promise<void>> {
  const mark = `backup_${++backups}_`
  const list = url.startsWith('sqlite:')
    ? `select name from sqlite_master where type = 'table'`
    : 'select table_name as name from information_schema.tables where table_schema = database()'
  const tables = await withDatabase(url, async (run) => {
    const names = (await run(list)).map(({ name }) => String(name)).filter((name) => !/^(kysely|sqlite|backup)_/.test(name))
    for (const name of names) await run(`create table ${mark}${name} as select * from ${name}`)
    return names
  })
  return () =>
    withDatabase(url, async (run) => {
      for (const name of tables) {
        await run(`delete from ${name}`)
        await run(`insert into ${name} select * from ${mark}${name}`)
      }
    })
}
