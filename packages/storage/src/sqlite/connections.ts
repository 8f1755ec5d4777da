// SQLite as connections: one, handed from one user to the next in the order in which they came.
import type { QueryResult } from 'kysely'
import { NotWritten, type Connection, type Connections, type FailureKind } from '../connections.ts'
import { statement, type Statement } from '../statements.ts'
import { StorageError } from '../types.ts'
import { SqliteError, type SqliteClient } from './client.ts'

const begin = statement('begin immediate')
const commit = statement('commit')
const rollback = statement('rollback')

const BUSY = 5
/** Read-only, I/O error, damaged, full, cannot open, no database: no statement's fault. */
const OUT_OF_ORDER = new Set([8, 10, 11, 13, 14, 26])
const CONSTRAINT_PRIMARYKEY = 1555
const CONSTRAINT_UNIQUE = 2067

export class SqliteConnections implements Connections {
  readonly #client: SqliteClient
  #free = true
  readonly #queue: (() => void)[] = []

  constructor(client: SqliteClient) {
    this.#client = client
  }

  async acquire(): Promise<Connection> {
    if (this.#free) this.#free = false
    else await new Promise<void>((resolve) => this.#queue.push(resolve))
    return new SqliteConnection(this.#client, () => this.#release())
  }

  #release(): void {
    const next = this.#queue.shift()
    if (next) next()
    else this.#free = true
  }

  kindOf(error: unknown): FailureKind {
    if (error instanceof StorageError) return 'unreachable'
    if (!(error instanceof SqliteError)) return 'other'
    if ((error.errcode & 0xff) === BUSY) return 'conflict'
    if (OUT_OF_ORDER.has(error.errcode & 0xff)) return 'unreachable'
    return error.errcode === CONSTRAINT_PRIMARYKEY || error.errcode === CONSTRAINT_UNIQUE ? 'duplicate' : 'other'
  }

  close(): Promise<void> {
    return this.#client.close()
  }
}

class SqliteConnection implements Connection {
  readonly #client: SqliteClient
  readonly #release: () => void
  /** `begin` waits for the first statements and goes with them: one message fewer. */
  #beginWaits = false
  #inTransaction = false

  constructor(client: SqliteClient, release: () => void) {
    this.#client = client
    this.#release = release
  }

  async run(statements: readonly Statement[]): Promise<QueryResult<unknown>[]> {
    if (!this.#beginWaits) return this.#client.run(statements)
    this.#beginWaits = false
    this.#inTransaction = true
    const [, ...results] = await this.#client.run([begin, ...statements])
    return results
  }

  async begin(): Promise<void> {
    this.#beginWaits = true
  }

  /** The last statements and COMMIT are one message. */
  async commit(last: readonly Statement[]): Promise<void> {
    if (!this.#inTransaction && last.length === 0) return
    const statements = this.#beginWaits ? [begin, ...last, commit] : [...last, commit]
    this.#beginWaits = false
    this.#inTransaction = true
    await this.#client.run(statements).catch((error: unknown) => {
      throw error instanceof SqliteError && error.failedAt < statements.length - 1 ? new NotWritten(error) : error
    })
    this.#inTransaction = false
  }

  async rollback(): Promise<void> {
    // Fails when SQLite has rolled back by itself, as it does on a full disk; then there is nothing to undo.
    if (this.#inTransaction) await this.#client.run([rollback]).catch(() => undefined)
    this.#inTransaction = false
  }

  release(): void {
    this.#release()
  }
}
