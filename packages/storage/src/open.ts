// Opens a database, brings its schema up to the code, and puts the storage together.
import { Kysely } from 'kysely'
import { blocks } from './blocks.ts'
import { apiKeys } from './api-keys.ts'
import { accountSweeps } from './account-sweeps.ts'
import { changes } from './changes.ts'
import { chats } from './chats.ts'
import { committing } from './commit/commit.ts'
import type { Connections } from './connections.ts'
import type { Context, Faults } from './context.ts'
import { Database } from './database.ts'
import { deliveries } from './deliveries.ts'
import { documents } from './documents.ts'
import { eraseUser } from './erase-user.ts'
import { erasures } from './erasures.ts'
import { followJournal } from './forgotten-deletions.ts'
import { groups } from './groups.ts'
import { healing } from './heal/heal.ts'
import { history } from './history.ts'
import { chatLinks } from './chat-links.ts'
import { identities } from './identities.ts'
import { importing } from './import/import.ts'
import { links } from './links.ts'
import { marks } from './marks.ts'
import { migrate } from './migrations/index.ts'
import { openMysql } from './mysql/connections.ts'
import { pictures } from './pictures.ts'
import { reports } from './reports.ts'
import { reusedSessions } from './reused-sessions.ts'
import type { Engine, Schema } from './schema.ts'
import { serverKeys } from './server-keys.ts'
import { sessions } from './sessions.ts'
import { SqliteClient, type StartThread } from './sqlite/client.ts'
import { SqliteConnections } from './sqlite/connections.ts'
import { sqliteDialect } from './sqlite/dialect.ts'
import { statement } from './statements.ts'
import { summaries } from './summaries.ts'
import { sweeps } from './sweeps.ts'
import { StorageError, type Storage, type StoragePorts } from './types.ts'
import { users } from './users.ts'
import { webhooks } from './webhooks.ts'

export interface StorageOptions {
  /** `sqlite:<path>`, `sqlite::memory:` or `mysql://user:password@host:port/database`. */
  url: string
  /** Called once when the database is gone for good while it was in use (its thread died): the process should end. Default: nothing. */
  onFatal?: (error: Error) => void
  /** Called before tables are made in a database that has none; what it throws, opening ends with. Default: nothing. */
  onEmpty?: () => void
  /** Called with how many messages the database had forgotten to be deleted, which are erased now: it was restored. Default: nothing. */
  onForgotten?: (messages: number) => void
}

/** The ports of a storage; `faults` is for tests, and so is another thread for SQLite than a real one. */
export interface OpenPorts extends StoragePorts {
  faults?: Faults
  sqliteThread?: StartThread
}

interface Opened {
  engine: Engine
  kysely: Kysely<Schema>
  connections: Connections
}

async function open({ url, onFatal }: StorageOptions, sqliteThread: StartThread | undefined): Promise<Opened> {
  if (url.startsWith('sqlite:')) {
    const client = await SqliteClient.open(url.slice('sqlite:'.length), onFatal ?? (() => undefined), sqliteThread)
    return { engine: 'sqlite', kysely: new Kysely<Schema>({ dialect: sqliteDialect(client) }), connections: new SqliteConnections(client) }
  }
  if (url.startsWith('mysql:')) return { engine: 'mysql', ...(await openMysql(url)) }
  throw new TypeError(`Not the address of a database: expects sqlite:<path> or mysql://…`)
}

/**
 * Opens the database and migrates it forward. One process at a time may hold a SQLite database; MySQL takes many.
 * @throws StorageError when it is newer than the code, in use, damaged, or does not answer.
 */
export async function openStorage(options: StorageOptions, ports: OpenPorts): Promise<Storage> {
  const { engine, kysely, connections } = await open(options, ports.sqliteThread)
  const database = new Database(engine, kysely, connections, ports)
  const context: Context = { database, ports, faults: ports.faults }
  const journal = followJournal(context)
  try {
    await migrate(kysely, engine, options.onEmpty)
    const forgotten = await journal.eraseForgotten()
    if (forgotten > 0) options.onForgotten?.(forgotten)
  } catch (error) {
    await connections.close()
    throw connections.kindOf(error) === 'unreachable' && !(error instanceof StorageError)
      ? new StorageError('database-unreachable', String(error))
      : error
  }
  return {
    engine,
    async ping() {
      await database.read((session) => session.row(statement('select 1 as one')))
    },
    ...committing(context),
    ...chats(context),
    ...summaries(context),
    ...healing(context),
    ...documents(context),
    ...history(context),
    ...changes(context),
    ...erasures(context),
    ...eraseUser(context),
    ...sweeps(context),
    ...marks(context),
    ...users(context),
    ...groups(context),
    ...chatLinks(context),
    ...blocks(context),
    ...sessions(context),
    ...apiKeys(context),
    ...serverKeys(context),
    ...webhooks(context),
    ...deliveries(context),
    ...reports(context),
    ...importing(context),
    ...pictures(context),
    ...reusedSessions(context),
    ...links(context),
    ...identities(context),
    ...accountSweeps(context),
    async [Symbol.asyncDispose]() {
      // What could not be noted is looked for when the database is opened again.
      await journal.follow().catch(() => undefined)
      await database.close()
    },
  }
}
