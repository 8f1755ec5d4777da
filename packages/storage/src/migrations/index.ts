// Migrations, forward only. Each has one file; a name that has once been released never changes.
import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { Engine, Schema } from '../schema.ts'
import { StorageError } from '../types.ts'
import { columnTypes } from './column-types.ts'
import * as start from './0001-start.ts'
import * as erasure from './0002-erasure.ts'
import * as accounts from './0003-accounts.ts'
import * as groups from './0004-groups.ts'
import * as identity from './0005-identity.ts'
import * as bots from './0006-bots.ts'
import * as journals from './0007-journals.ts'
import * as lostTokens from './0008-lost-tokens.ts'
import * as imports from './0009-imports.ts'
import * as decided from './0010-decided.ts'
import * as serverKeys from './0012-server-keys.ts'
import * as joined from './0013-joined.ts'
import * as ended from './0014-ended.ts'
import * as drafts from './0015-drafts.ts'
import * as unread from './0016-unread.ts'
import * as hidden from './0017-hidden.ts'
import * as pins from './0018-pins.ts'
import * as earlyEdits from './0019-early-edits.ts'
import * as pictures from './0020-pictures.ts'

const migrations = {
  '0001-start': start,
  '0002-erasure': erasure,
  '0003-accounts': accounts,
  '0004-groups': groups,
  '0005-identity': identity,
  '0006-bots': bots,
  '0007-journals': journals,
  '0008-lost-tokens': lostTokens,
  '0009-imports': imports,
  '0010-decided': decided,
  '0012-server-keys': serverKeys,
  '0013-joined': joined,
  '0014-ended': ended,
  '0015-drafts': drafts,
  '0016-unread': unread,
  '0017-hidden': hidden,
  '0018-pins': pins,
  '0019-early-edits': earlyEdits,
  '0020-pictures': pictures,
}

/** Brings the database up to the code; refuses one that newer code has migrated. `onEmpty` is called first where nothing was made yet. */
export async function migrate(db: Kysely<Schema>, engine: Engine, onEmpty?: () => void): Promise<void> {
  const types = columnTypes(engine)
  const known = Object.entries(migrations).map(
    ([name, migration]) => [name, { up: (kysely: Kysely<unknown>) => migration.up(kysely, types) }] as const,
  )
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(Object.fromEntries(known)) } })
  const applied = await appliedMigrations(db)
  if (applied.length === 0) onEmpty?.()
  const unknown = applied.filter((name) => !Object.hasOwn(migrations, name))
  if (unknown.length) {
    throw new StorageError(
      'database-newer',
      `The database was written by a newer version of Skein (it has ${unknown.join(', ')}). Start that version, or restore a backup made before the upgrade.`,
    )
  }
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}

async function appliedMigrations(db: Kysely<Schema>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some((table) => table.name === 'kysely_migration')) return []
  const rows = await db.withTables<{ kysely_migration: { name: string } }>().selectFrom('kysely_migration').select('name').execute()
  return rows.map((row) => row.name)
}
