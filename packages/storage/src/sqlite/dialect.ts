// SQLite for Kysely: its builder's grammar, and a driver for the migrations that runs on the worker.
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import type { DatabaseConnection, Dialect, Driver, Kysely, QueryResult } from 'kysely'
import { statement, type Statement } from '../statements.ts'
import type { SqliteClient } from './client.ts'

/** A migration and its name in the list are one transaction. */
class Adapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class ClientConnection implements DatabaseConnection {
  readonly #client: SqliteClient
  constructor(client: SqliteClient) {
    this.#client = client
  }
  async executeQuery<R>(query: Statement): Promise<QueryResult<R>> {
    const [result] = await this.#client.run([query])
    return result as QueryResult<R>
  }
  streamQuery(): never {
    throw new Error('Results are read whole, never streamed')
  }
}

class ClientDriver implements Driver {
  readonly #client: SqliteClient
  constructor(client: SqliteClient) {
    this.#client = client
  }
  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return new ClientConnection(this.#client)
  }
  async beginTransaction(): Promise<void> {
    await this.#client.run([statement('begin immediate')])
  }
  async commitTransaction(): Promise<void> {
    await this.#client.run([statement('commit')])
  }
  async rollbackTransaction(): Promise<void> {
    await this.#client.run([statement('rollback')])
  }
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}

export const sqliteDialect = (client: SqliteClient): Dialect => ({
  createAdapter: () => new Adapter(),
  createDriver: () => new ClientDriver(client),
  createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
})
