// Keys, then the database: what the server and the programs beside it begin with.
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { KeyFileError, openChainKey, openTokenKey, type ChainKey, type TokenKey } from '@skein/auth'
import { openDeletionJournal, openStorage, StorageError, type Storage } from '@skein/storage'
import type { Ports } from './ports.ts'
import type { Settings } from './settings.ts'
import { StartError } from './start-error.ts'

/** What to do, where the error itself does not say it. */
const advice: Record<StorageError['code'], string> = {
  'database-newer': '',
  'database-in-use': '',
  'database-unreachable': 'Start it, or correct DATABASE_URL.',
  'database-damaged': 'Restore it from a backup, or move it away: an empty one is then made.',
  'journal-damaged':
    'Take the damaged lines out (each line is one key), or restore it from a copy: without it a restored database brings deleted words back.',
}

export interface Database extends AsyncDisposable {
  readonly storage: Storage
  readonly tokenKey: TokenKey
  readonly chainKey: ChainKey
}

/** What people know a database by; never with a password. */
function placeOf({ dataDir, databaseUrl }: Settings): string {
  if (databaseUrl === null) return join(dataDir, 'skein.db')
  const { host, pathname } = new URL(databaseUrl)
  return `${decodeURIComponent(pathname.slice(1))} at ${host}`
}

/**
 * Brings the database up to date first. `say` tells the person at the terminal what takes time; `onFatal` is called when the database is gone for good.
 * `journal` is false for who erases no words, and may run beside a server that does. `absent`: what is done about a database that is not there yet; without it
 * one is made.
 * @throws StartError when a key file or the database must not be touched.
 */
export async function openDatabase(
  settings: Settings,
  surroundings: { ports: Ports; say: (line: string) => void; onFatal: (error: Error) => void; journal?: false; absent?: 'refuse' | 'tell' },
): Promise<Database> {
  const { ports, say, onFatal } = surroundings
  const { dataDir, databaseUrl } = settings
  const keys = join(dataDir, 'keys')
  const place = placeOf(settings)
  const onEmpty = (): void => {
    if (surroundings.absent === 'refuse')
      throw new StartError(
        `There is no database of Skein yet: ${place}. Give DATA_DIR or DATABASE_URL as the server has them, or start the server first, which makes one.`,
      )
    if (surroundings.absent === 'tell') say('There was none yet: it is made.')
  }
  await using parts = new AsyncDisposableStack()
  try {
    // Before a folder, a key or a file is made.
    if (surroundings.absent === 'refuse' && databaseUrl === null && !existsSync(place)) onEmpty()
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    const hadKeys = existsSync(keys)
    const tokenKey = await openTokenKey(keys, ports.randomBytes)
    const chainKey = await openChainKey(keys, ports.randomBytes)
    const journal = surroundings.journal === false ? null : parts.use(await openDeletionJournal(join(dataDir, 'deletions.journal')))
    say(`Opening the database ${place}…`)
    const storage = parts.use(
      await openStorage(
        {
          url: databaseUrl ?? `sqlite:${place}`,
          onFatal,
          onEmpty,
          onForgotten: (messages) =>
            say(`The database did not know that ${messages} messages were deleted; the deletion journal does: they are erased.`),
        },
        { ...ports, ...chainKey, journal },
      ),
    )
    if (!hadKeys && (await storage.countUsers()) > 0) {
      say(`The database is not new, but ${keys} was missing: new keys were made, and everybody has to log in again.`)
      say('Put the old keys back if you have them: without them words that a restore lost cannot be taken back from devices.')
    }
    const opened = parts.move()
    return { storage, tokenKey, chainKey, [Symbol.asyncDispose]: () => opened.disposeAsync() }
  } catch (error) {
    if (error instanceof KeyFileError) throw new StartError(error.message)
    if (error instanceof StorageError) throw new StartError(`${error.message.replace(/\.$/, '')}. ${advice[error.code]}`.trim())
    if (
      error instanceof Error &&
      'code' in error &&
      (error.code === 'EACCES' || error.code === 'EROFS' || error.code === 'ENOTDIR' || error.code === 'EEXIST')
    ) {
      throw new StartError(
        `DATA_DIR ${dataDir} cannot be used (${String(error.code)}). Choose a folder that this user may write to: DATA_DIR=… npm start.`,
      )
    }
    throw error
  }
}
