// The local store in SQLite, for bots and tests in Node: one file a store.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { STORE_VERSION, TABLES, type TableName, type Tables } from '../store/rows.ts'
import { holds, NewerStore, StoreFull, type Change, type LocalStore, type Range, type StoreFactory } from '../store/store.ts'

const SQLITE_FULL = 13

const read = (row: Record<string, unknown>): unknown => JSON.parse(String(row['row']))

function sqliteStore(database: DatabaseSync): LocalStore {
  for (const table of TABLES) {
    database.exec(
      `CREATE TABLE IF NOT EXISTS ${table} (key TEXT PRIMARY KEY, grp TEXT NOT NULL, ord REAL NOT NULL, row TEXT NOT NULL) STRICT, WITHOUT ROWID`,
    )
    database.exec(`CREATE INDEX IF NOT EXISTS ${table}_in_order ON ${table} (grp, ord)`)
  }
  const get = (table: TableName, key: string): Record<string, unknown> | undefined =>
    database.prepare(`SELECT row FROM ${table} WHERE key = ?`).get(key)

  function apply(change: Change): void {
    if ('put' in change) {
      const { key, group, order, row } = change
      database.prepare(`INSERT OR REPLACE INTO ${change.put} (key, grp, ord, row) VALUES (?, ?, ?, ?)`).run(key, group, order, JSON.stringify(row))
    } else if ('remove' in change) database.prepare(`DELETE FROM ${change.remove} WHERE key = ?`).run(change.key)
    else if ('removeGroup' in change) database.prepare(`DELETE FROM ${change.removeGroup} WHERE grp = ?`).run(change.group)
  }

  return {
    get: async <T extends TableName>(table: T, key: string) => {
      const found = get(table, key)
      return found && (read(found) as Tables[T])
    },
    all: async <T extends TableName>(table: T) =>
      database
        .prepare(`SELECT row FROM ${table}`)
        .all()
        .map((row) => read(row) as Tables[T]),
    list: async <T extends TableName>(table: T, range: Range) => {
      const { group, from = -Infinity, to = Infinity, limit, newestFirst = false } = range
      const sql = `SELECT row FROM ${table} WHERE grp = ? AND ord BETWEEN ? AND ? ORDER BY ord ${newestFirst ? 'DESC' : 'ASC'} LIMIT ?`
      return database
        .prepare(sql)
        .all(group, from, to, limit ?? -1)
        .map((row) => read(row) as Tables[T])
    },
    write: async (changes: readonly Change[], durable: boolean) => {
      if (changes.length === 0) return true
      database.exec(`PRAGMA synchronous = ${durable ? 'FULL' : 'NORMAL'}`)
      database.exec('BEGIN IMMEDIATE')
      try {
        for (const change of changes) {
          if (!('expect' in change)) continue
          const found = get(change.expect, change.key)
          if (holds(change, found && (JSON.parse(String(found['row'])) as object))) continue
          database.exec('ROLLBACK')
          return false
        }
        for (const change of changes) apply(change)
        database.exec('COMMIT')
        return true
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK')
        throw (error as { errcode?: unknown }).errcode === SQLITE_FULL ? new StoreFull('The disk is full.', { cause: error }) : error
      }
    },
    close: async () => {
      if (database.isOpen) database.close()
    },
  }
}

/** Stores as SQLite files in a folder, which is made when it is not there. */
export function sqliteStores(folder: string): StoreFactory {
  const fileOf = (name: string): string => join(folder, `${encodeURIComponent(name)}.db`)
  return {
    open: async (name) => {
      mkdirSync(folder, { recursive: true })
      const database = new DatabaseSync(fileOf(name), { timeout: 2_000 })
      const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
      if (version > STORE_VERSION) {
        database.close()
        throw new NewerStore(`The local store ${name} is of version ${version}.`)
      }
      database.exec('PRAGMA journal_mode = WAL')
      database.exec(`PRAGMA user_version = ${STORE_VERSION}`)
      return sqliteStore(database)
    },
    remove: async (name) => {
      for (const end of ['', '-wal', '-shm']) rmSync(fileOf(name) + end, { force: true })
    },
  }
}
