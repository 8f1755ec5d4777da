// MySQL and MariaDB as connections: a bounded pool, each at READ COMMITTED.
import { Kysely, MysqlDialect, type QueryResult } from 'kysely'
import { createPool, type FieldPacket, type Pool, type PoolConnection } from 'mysql2'
import { NotWritten, type Connection, type Connections, type FailureKind } from '../connections.ts'
import { unreachable } from '../database.ts'
import type { Schema } from '../schema.ts'
import { statement, type Statement } from '../statements.ts'
import { StorageError } from '../types.ts'
import { mysqlFailure } from './failures.ts'

const CONNECTIONS = 10
/** Pieces of work that may wait for a connection; beyond, the database counts as not reachable (D7). */
const MAX_WAITING = 1_000
const CONNECT_MS = 10_000
/** A connection that does nothing is closed by us after the first time, by the server after the second, in the middle of a transaction too. */
const IDLE_MS = 30_000
const IDLE_SECONDS = 60
/** A statement without an answer for so long is given up, with its connection. */
const QUERY_MS = 60_000
const LOCK_SECONDS = 10

/**
 * The feed's cursor goes two minutes back, so no transaction that writes may live longer: waiting for a lock and idling both end before.
 * The modes are the ones the code is tested with, whatever the server's own settings.
 */
const SESSION = [
  'set session transaction isolation level read committed',
  `set session wait_timeout = ${IDLE_SECONDS}, session innodb_lock_wait_timeout = ${LOCK_SECONDS}, session sql_mode = 'TRADITIONAL', session time_zone = '+00:00'`,
]

export async function openMysql(url: string): Promise<{ kysely: Kysely<Schema>; connections: Connections }> {
  const pool = createPool({
    uri: url,
    connectionLimit: CONNECTIONS,
    queueLimit: MAX_WAITING,
    connectTimeout: CONNECT_MS,
    maxIdle: 0,
    idleTimeout: IDLE_MS,
    timezone: 'Z',
    charset: 'utf8mb4_bin',
    supportBigNumbers: true,
    multipleStatements: false,
  })
  // Queued on the connection before anything else is; without its settings it is of no use.
  pool.on('connection', (connection) => {
    for (const sql of SESSION) connection.query(sql, (error) => error && connection.destroy())
  })
  const connections = new MysqlConnections(pool)
  try {
    const first = await connections.acquire()
    first.release()
  } catch (error) {
    await connections.close()
    const { host, pathname } = new URL(url)
    throw new StorageError(
      'database-unreachable',
      `The database ${pathname.slice(1)} at ${host} cannot be opened. Check DATABASE_URL, and that the server runs. ${error instanceof Error ? error.message : ''}`,
    )
  }
  return { kysely: new Kysely<Schema>({ dialect: new MysqlDialect({ pool }) }), connections }
}

class MysqlConnections implements Connections {
  readonly #pool: Pool
  constructor(pool: Pool) {
    this.#pool = pool
  }

  acquire(): Promise<Connection> {
    return new Promise((resolve, reject) => {
      this.#pool.getConnection((error, connection) => {
        if (error) reject(unreachable(error))
        else resolve(new MysqlConnection(connection))
      })
    })
  }

  kindOf(error: unknown): FailureKind {
    return mysqlFailure(error)
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#pool.end(() => resolve()))
  }
}

class MysqlConnection implements Connection {
  readonly #connection: PoolConnection
  #broken = false

  constructor(connection: PoolConnection) {
    this.#connection = connection
  }

  async run(statements: readonly Statement[]): Promise<QueryResult<unknown>[]> {
    const results: QueryResult<unknown>[] = []
    for (const one of statements) results.push(await this.#query(one))
    return results
  }

  #query({ sql, parameters }: Statement): Promise<QueryResult<unknown>> {
    return new Promise((resolve, reject) => {
      // mysql2's own stays behind when the connection is lost, and keeps a process that should end; it also begins only when what is queued before has ended.
      const timer = setTimeout(() => {
        this.#broken = true
        this.#connection.destroy()
        reject(new StorageError('database-unreachable', 'The database has not answered for a minute.'))
      }, QUERY_MS)
      this.#connection.query({ sql, values: parameters.map(toParameter) }, (error, result, fields) => {
        clearTimeout(timer)
        if (error) {
          this.#broken ||= mysqlFailure(error) === 'unreachable'
          reject(error)
        } else if (Array.isArray(result)) resolve({ rows: withBytes(result, fields) })
        else resolve({ rows: [], numAffectedRows: BigInt(result.affectedRows) })
      })
    })
  }

  async begin(): Promise<void> {
    await this.#query(statement('start transaction'))
  }

  async commit(last: readonly Statement[]): Promise<void> {
    await this.run(last).catch((error: unknown) => {
      throw new NotWritten(error)
    })
    await this.#query(statement('commit'))
  }

  async rollback(): Promise<void> {
    await this.#query(statement('rollback')).catch(() => {
      this.#broken = true
    })
  }

  release(): void {
    if (this.#broken) this.#connection.destroy()
    else this.#connection.release()
  }
}

const toParameter = (value: unknown): unknown =>
  value instanceof Uint8Array && !Buffer.isBuffer(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value

/** The number of the character set "binary". */
const BINARY = 63

/** Bytes as plain Uint8Arrays of their own, as SQLite gives them; mysql2 gives views into whole packets. */
function withBytes(rows: unknown[], fields: FieldPacket[]): unknown[] {
  const columns = fields.filter((field) => field.characterSet === BINARY).map((field) => field.name)
  if (!columns.length) return rows
  for (const row of rows as Record<string, unknown>[]) {
    for (const name of columns) {
      const value = row[name]
      if (Buffer.isBuffer(value)) row[name] = new Uint8Array(value)
    }
  }
  return rows
}
