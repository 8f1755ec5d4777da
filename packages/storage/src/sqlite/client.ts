// The main thread's side of the SQLite worker: batches out, results in, and a report when the worker dies.
import { Worker } from 'node:worker_threads'
import type { QueryResult } from 'kysely'
import type { Statement } from '../statements.ts'
import { StorageError } from '../types.ts'
import type { Batch, Failure, FromWorker, StatementResult, ToWorker, Value, WorkerOptions } from './messages.ts'

/** An error that SQLite answered. */
export class SqliteError extends Error {
  /** SQLite's extended result code. */
  readonly errcode: number
  /** Which statement of its batch failed, from 0. */
  readonly failedAt: number
  constructor({ message, errcode }: Failure, failedAt = 0) {
    super(message)
    this.name = 'SqliteError'
    this.errcode = errcode
    this.failedAt = failedAt
  }
}

interface Waiting {
  resolve(results: QueryResult<unknown>[]): void
  reject(error: Error): void
}

/** What is on the other side of a client: a thread that takes messages and answers each. */
export interface SqliteThread {
  post(message: ToWorker): void
}

/** Starts the thread that holds the database of that path. `ended` is called once, whatever ended it. */
export type StartThread = (path: string, heard: (message: FromWorker) => void, ended: (cause: string) => void) => SqliteThread

const startWorker: StartThread = (path, heard, ended) => {
  const workerData: WorkerOptions = { path }
  // Without this process's own options: some, like --input-type, are none for a worker's file.
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData, name: 'sqlite', execArgv: [] })
  let cause = 'it ended'
  worker.on('message', heard)
  worker.on('error', (error) => {
    cause = error instanceof Error ? error.message : String(error)
  })
  worker.on('exit', () => ended(cause))
  return { post: (message) => worker.postMessage(message) }
}

export class SqliteClient {
  readonly #thread: SqliteThread
  readonly #waiting = new Map<number, Waiting>()
  /** Each SQL text crosses to the worker once and is then known by its number; statements.ts keeps them few. */
  readonly #numbers = new Map<string, number>()
  readonly #opened = Promise.withResolvers<void>()
  readonly #exited = Promise.withResolvers<void>()
  #nextBatch = 1
  #nextText = 1
  #closing = false
  #dead: Error | null = null

  static async open(path: string, onFatal: (error: Error) => void, start: StartThread = startWorker): Promise<SqliteClient> {
    const client = new SqliteClient(path, onFatal, start)
    await client.#opened.promise
    return client
  }

  private constructor(path: string, onFatal: (error: Error) => void, start: StartThread) {
    const ended = (cause: string): void => {
      const running = !this.#dead && !this.#closing
      const error = this.#die(new StorageError('database-unreachable', `The thread that holds the database died: ${cause}.`))
      this.#exited.resolve()
      if (running) onFatal(error)
    }
    this.#thread = start(path, (message) => this.#receive(message, path), ended)
  }

  #die(error: Error): Error {
    this.#dead ??= error
    this.#opened.reject(this.#dead)
    for (const { reject } of this.#waiting.values()) reject(this.#dead)
    this.#waiting.clear()
    return this.#dead
  }

  #receive(message: FromWorker, path: string): void {
    if (message.kind === 'open') this.#opened.resolve()
    else if (message.kind === 'in-use') this.#die(inUse(path, message.pid))
    else if (message.kind === 'failed') this.#die(notOpened(path, message.failure))
    else if (message.kind === 'results') {
      const waiting = this.#waiting.get(message.id)
      this.#waiting.delete(message.id)
      if (message.failure) waiting?.reject(new SqliteError(message.failure, message.results.length))
      else waiting?.resolve(message.results.map(toQueryResult))
    }
  }

  /** Runs the statements as one message, in order; a failing one ends the rest. */
  run(statements: readonly Statement[]): Promise<QueryResult<unknown>[]> {
    if (this.#dead) return Promise.reject(this.#dead)
    if (this.#closing) return Promise.reject(new StorageError('database-unreachable', 'The database is closed.'))
    const batch: Batch = { id: this.#nextBatch++, texts: [], statements: [] }
    try {
      // Values first: a text gets its number only when its batch is sent.
      const values = statements.map(({ parameters }) => parameters.map(toValue))
      statements.forEach(({ sql, times = 1, expect = null }, i) => batch.statements.push([this.#number(sql, batch), values[i] ?? [], times, expect]))
    } catch (error) {
      return Promise.reject(error)
    }
    return new Promise((resolve, reject) => {
      this.#waiting.set(batch.id, { resolve, reject })
      this.#thread.post({ kind: 'batch', batch })
    })
  }

  #number(sql: string, batch: Batch): number {
    const known = this.#numbers.get(sql)
    if (known !== undefined) return known
    const number = this.#nextText++
    this.#numbers.set(sql, number)
    batch.texts.push([number, sql])
    return number
  }

  async close(): Promise<void> {
    if (!this.#closing && !this.#dead) {
      this.#closing = true
      this.#thread.post({ kind: 'close' })
    }
    await this.#exited.promise
  }
}

function toQueryResult(result: StatementResult): QueryResult<unknown> {
  if ('changes' in result) return { rows: [], numAffectedRows: BigInt(result.changes) }
  const { columns, rows } = result
  return {
    rows: rows.map((row) => {
      const object: Record<string, Value> = {}
      for (let i = 0; i < columns.length; i++) object[columns[i] ?? ''] = row[i] ?? null
      return object
    }),
  }
}

function toValue(value: unknown): Value {
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string' || value instanceof Uint8Array) return value
  throw new TypeError(`No value for a column: ${typeof value}`)
}

const inUse = (path: string, pid: number | null): StorageError =>
  new StorageError(
    'database-in-use',
    `The database ${path} is in use by another process${pid === null ? '' : ` (pid ${pid})`}. Stop that one first, or set another DATA_DIR.`,
  )

function notOpened(path: string, { message, errcode }: Failure): StorageError {
  const code = errcode & 0xff
  const damaged = code === 11 || code === 26 // SQLITE_CORRUPT, SQLITE_NOTADB
  return new StorageError(damaged ? 'database-damaged' : 'database-unreachable', `The database ${path} cannot be opened: ${message}.`)
}
