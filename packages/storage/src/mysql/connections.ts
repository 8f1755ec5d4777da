// MySQL and MariaDB as connections: a bounded pool, each at READ COMMITTED.
import { Kysely, MysqlDialect } from 'kysely'
import type { QueryResult } from 'kysely'
import { createPool, type Pool, type PoolConnection } from 'mysql2'
import type { Connection, Connections, FailureKind } from '../connections.ts'
import { unreachable } from '../database.ts'
import type { Schema } from '../schema.ts'
import type { Statement } from '../statements.ts'

const CONNECTIONS = 10
/** Pieces of work that may wait for a connection; beyond, the database counts as not reachable (D7). */
const MAX_WAITING = 1_000
const CONNECT_MS = 10_000

export async function openMysql(url: string): Promise<{ kysely: Kysely<Schema>; connections: Connections }> {
  const pool = createPool({
    uri: url,
    connectionLimit: CONNECTIONS,
    queueLimit: MAX_WAITING,
    connectTimeout: CONNECT_MS,
    timezone: 'Z',
    charset: 'utf8mb4_bin',
    supportBigNumbers: true,
    // Nobody's text turns into SQL: one statement a query, and objects are no way to write a condition.
    multipleStatements: false,
    stringifyObjects: true,
  })
  // Queued on the connection before anything else is.
  pool.on('connection', (connection) => {
    connection.query("set session transaction isolation level read committed, session sql_mode = 'TRADITIONAL', session time_zone = '+00:00'")
  })
  const connections = new MysqlConnections(pool)
  try {
    const first = await connections.acquire()
    first.release()
  } catch (error) {
    await connections.close()
    throw unreachable(error)
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

export function mysqlFailure(error: unknown): FailureKind {
  return error ? 'other' : 'other'
}

class MysqlConnection implements Connection {
  readonly #connection: PoolConnection
  constructor(connection: PoolConnection) {
    this.#connection = connection
  }
  async run(_statements: readonly Statement[]): Promise<QueryResult<unknown>[]> {
    throw new Error('later')
  }
  async begin(): Promise<void> {}
  async commit(): Promise<void> {}
  async rollback(): Promise<void> {}
  release(): void {
    this.#connection.release()
  }
}
