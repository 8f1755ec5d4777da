// What runs on the thread that holds SQLite: batches of statements, each with its result; and how a database is opened.
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Batch, Failure, FromWorker, StatementResult, Value } from './messages.ts'

/** Prepared statements kept; the least recently used one makes room. */
const MAX_PREPARED = 300
/** How long another program that writes (a backup, an administrator) may keep us waiting. */
const BUSY_MS = 5_000
/** Pages kept in memory, in KiB: what some hundred busy chats touch. */
const CACHE_KIB = 16_000
/** WAL pages after which they go to the database file: 16 MB, so that a page that many commits touch is written there once. */
const CHECKPOINT_PAGES = 4_000

interface Prepared {
  statement: StatementSync
  /** null for a statement without a result. */
  columns: string[] | null
}

export const failureOf = (error: unknown): Failure => ({
  message: error instanceof Error ? error.message : String(error),
  errcode: error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0,
})

export function openSqlite(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_MS, enableForeignKeyConstraints: true })
  database.exec(
    `pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on; pragma temp_store = memory; pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}; pragma cache_size = -${CACHE_KIB}`,
  )
  return database
}

/** Runs the batches of one client, which knows its statements by number. */
export function batchRunner(database: DatabaseSync): (batch: Batch) => FromWorker & { kind: 'results' } {
  const texts = new Map<number, string>()
  const prepared = new Map<number, Prepared>()

  function prepare(number: number): Prepared {
    const known = prepared.get(number)
    if (known) {
      prepared.delete(number)
      prepared.set(number, known)
      return known
    }
    const statement = database.prepare(texts.get(number) ?? '')
    const columns = statement.columns().map((column) => column.name)
    if (columns.length) statement.setReturnArrays(true)
    const fresh = { statement, columns: columns.length ? columns : null }
    prepared.set(number, fresh)
    const oldest = prepared.keys().next()
    if (prepared.size > MAX_PREPARED && !oldest.done) prepared.delete(oldest.value)
    return fresh
  }

  function run(number: number, parameters: Value[], times: number): StatementResult {
    const { statement, columns } = prepare(number)
    // With setReturnArrays the rows are arrays, which the type of all() does not know.
    if (columns) return { columns, rows: statement.all(...parameters) as unknown as Value[][] }
    const share = parameters.length / times
    let changes = 0
    for (let i = 0; i < times; i++) changes += Number(statement.run(...parameters.slice(i * share, (i + 1) * share)).changes)
    return { changes }
  }

  return ({ id, texts: news, statements }) => {
    for (const [number, text] of news) texts.set(number, text)
    const results: StatementResult[] = []
    let failure: Failure | null = null
    try {
      for (const [number, parameters, times, expect] of statements) {
        const result = run(number, parameters, times)
        if (expect !== null && 'rows' in result && result.rows.length !== expect) throw new Error(`${result.rows.length} rows and not ${expect}`)
        results.push(result)
      }
    } catch (error) {
      failure = failureOf(error)
    }
    return { kind: 'results', id, results, failure }
  }
}
