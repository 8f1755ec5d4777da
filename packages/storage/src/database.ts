// The database as the queries see it: Kysely to build statements, and sessions to run them in.
import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Compilable, Kysely, QueryResult } from 'kysely'
import { NotWritten, type Connection, type Connections, type FailureKind } from './connections.ts'
import type { Engine, Schema } from './schema.ts'
import type { Statement } from './statements.ts'
import { StorageError, type StoragePorts } from './types.ts'

type Query<Row = unknown> = Compilable<Row> | Statement<Row>
type RowOf<Q> = Q extends Compilable<infer Row> ? Row : Q extends Statement<infer Row> ? Row : never
type RowsOf<Queries extends readonly Query[]> = { [I in keyof Queries]: RowOf<Queries[I]>[] }

const compiled = (query: Query): Statement => ('compile' in query ? query.compile() : query)

/** One connection for as long as a piece of work lasts. Several statements at once cost one message to SQLite's thread. */
export class Session {
  readonly #connection: Pick<Connection, 'run'>
  readonly engine: Engine
  /** What `writeLast` was given. */
  readonly last: Statement[] = []

  constructor(connection: Pick<Connection, 'run'>, engine: Engine) {
    this.#connection = connection
    this.engine = engine
  }

  /** The rows of each query, in the order of the queries. */
  async rows<const Queries extends readonly Query[]>(...queries: Queries): Promise<RowsOf<Queries>> {
    const results = await this.#connection.run(queries.map(compiled))
    return results.map((result) => result.rows) as RowsOf<Queries>
  }

  /** The rows of each list of statements, a list's together; lists may be empty. All of them are one message to SQLite's thread. */
  async lists<const Lists extends readonly (readonly Statement[])[]>(...lists: Lists): Promise<RowsOf<{ [I in keyof Lists]: Lists[I][number] }>> {
    const statements = lists.flat()
    const results = statements.length ? await this.#connection.run(statements) : []
    let end = 0
    return lists.map((list) => results.slice(end, (end += list.length)).flatMap((result) => result.rows)) as RowsOf<{
      [I in keyof Lists]: Lists[I][number]
    }>
  }

  async row<Row>(query: Query<Row>): Promise<Row | undefined> {
    const [result] = await this.#connection.run([compiled(query)])
    return result?.rows[0] as Row | undefined
  }

  /** Runs one query that writes; how many rows it found to write. */
  async change(query: Query): Promise<number> {
    const [result] = await this.#connection.run([compiled(query)])
    return Number(result?.numAffectedRows ?? 0)
  }

  /** Writes that go with COMMIT: after them the transaction's work asks for nothing more. */
  writeLast(statements: readonly Query[]): void {
    this.last.push(...statements.map(compiled))
  }
  async write(statements: readonly Query[]): Promise<void> {
    if (statements.length) await this.#connection.run(statements.map(compiled))
  }
}

/** A COMMIT whose answer is not known: the transaction is stored, or it is not. */
export class UnknownCommit extends StorageError {
  constructor(cause: unknown) {
    super('database-unreachable', 'The answer to COMMIT was lost.')
    this.name = 'UnknownCommit'
    this.cause = cause
  }
}

export interface CommitHooks {
  beforeCommit(): Promise<void> | void
  afterCommit(): Promise<void> | void
}

/** Tries of a transaction that loses against others, before its error is handed on. */
const MAX_TRIES = 8

export class Database {
  readonly engine: Engine
  /** Builds statements; they run in sessions. */
  readonly build: Kysely<Schema>
  readonly #connections: Connections
  readonly #ports: StoragePorts
  readonly #busy = new AsyncLocalStorage<true>()
  readonly #working = new Set<Promise<unknown>>()

  constructor(engine: Engine, build: Kysely<Schema>, connections: Connections, ports: StoragePorts) {
    this.engine = engine
    this.build = build
    this.#connections = connections
    this.#ports = ports
  }

  kindOf(error: unknown): FailureKind {
    return this.#connections.kindOf(error instanceof UnknownCommit ? error.cause : error)
  }

  /** Work on one connection, outside a transaction. On SQLite nothing else runs meanwhile; on MySQL each statement sees what is committed when it starts. */
  read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#withConnection((connection) => work(new Session(this.#patient(connection), this.engine)))
  }

  /** On MySQL a statement outside a transaction may lose against one: nothing of it is stored, so it alone is asked again. */
  #patient(connection: Connection): Pick<Connection, 'run'> {
    if (this.engine === 'sqlite') return { run: (statements) => this.#again(() => connection.run(statements), 1) }
    return {
      run: async (statements) => {
        const results: QueryResult<unknown>[] = []
        for (const one of statements) results.push(...(await this.#again(() => connection.run([one]))))
        return results
      },
    }
  }

  /** One transaction, tried once. READ COMMITTED on MySQL; on SQLite the only writer. */
  once<T>(work: (session: Session) => Promise<T>, hooks?: CommitHooks): Promise<T> {
    return this.#withConnection(async (connection) => {
      let committing = false
      try {
        await connection.begin()
        const session = new Session(connection, this.engine)
        const result = await work(session)
        committing = true
        await hooks?.beforeCommit()
        await connection.commit(session.last)
        await hooks?.afterCommit()
        return result
      } catch (error) {
        await connection.rollback()
        if (error instanceof NotWritten) throw error.cause
        throw committing ? new UnknownCommit(error) : error
      }
    })
  }

  /** One transaction, tried again when it loses against another. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#again(() => this.once(work))
  }

  /** Whoever loses time and again is told that the database does not answer: the same may be asked later. */
  async #again<T>(work: () => Promise<T>, tries = MAX_TRIES): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        if (this.kindOf(error) !== 'conflict') throw error
        if (attempt === tries) throw unreachable(error)
        await this.backOff(attempt)
      }
    }
  }

  /** Waits a little before the next try, each waiter for another time. */
  async backOff(attempt: number): Promise<void> {
    const [random = 0] = this.#ports.randomBytes(1)
    await sleep(Math.ceil((random / 256) * Math.min(2 ** attempt, 100)))
  }

  async #withConnection<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    // Waiting for a second connection while holding the first never ends on SQLite, and exhausts the pool on MySQL (D5).
    if (this.#busy.getStore()) throw new Error('The database was asked inside one of its own transactions')
    const working = this.#connections.acquire().then(async (connection) => {
      try {
        return await this.#busy.run(true, () => work(connection))
      } finally {
        connection.release()
      }
    })
    this.#working.add(working)
    try {
      return await working
    } catch (error) {
      throw this.#connections.kindOf(error) === 'unreachable' ? unreachable(error) : error
    } finally {
      this.#working.delete(working)
    }
  }

  /** Waits for what is under way: a pool that is ended in the middle of a transaction loses its commit, and never says that it has ended. */
  async close(): Promise<void> {
    while (this.#working.size > 0) await Promise.allSettled(this.#working)
    await this.#connections.close()
  }
}

/** The one error for a database that does not answer. */
export function unreachable(error: unknown): StorageError {
  if (error instanceof StorageError) return error
  return new StorageError('database-unreachable', `The database does not answer: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  })
}
