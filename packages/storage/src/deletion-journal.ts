// The deletion journal as a file: one key a line, only ever appended to, in memory while it is open.
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { StorageError, type DeletionJournal } from './types.ts'

const KEY = /^[\w-]{43}$/

/** A journal that is as lasting as the set of its keys. */
export function journalOf(keys: Set<string>): DeletionJournal {
  return {
    has: (key) => keys.has(key),
    place: () => {
      const [first] = keys
      return first === undefined ? null : { first, count: keys.size }
    },
    add: async (news) => news.forEach((key) => keys.add(key)),
  }
}

/** The keys of a journal that somebody else writes, as they stand in the file; none where there is no file. @throws StorageError when it is damaged */
export async function readDeletionJournal(path: string): Promise<ReadonlySet<string>> {
  try {
    return keysOf(await readFile(path, 'latin1'), path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Set()
    throw error
  }
}

/** Of the lines that are whole. @throws StorageError */
function keysOf(text: string, path: string): Set<string> {
  const lines = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1)
  const bad = lines.findIndex((line) => !KEY.test(line))
  if (bad >= 0) throw new StorageError('journal-damaged', `The deletion journal ${path} is damaged in line ${bad + 1}`)
  return new Set(lines)
}

/** A journal that is open; whoever opened it closes it after the storage. */
export interface JournalFile extends DeletionJournal, AsyncDisposable {}

/**
 * Opens or makes the file. What a crash left of a last line is cut off: nobody was told that it stands there.
 * @throws StorageError when the file is damaged, or cannot be read and written.
 */
export async function openDeletionJournal(path: string): Promise<JournalFile> {
  let file: FileHandle
  try {
    file = await open(path, 'a+', 0o600)
  } catch (error) {
    throw new StorageError('journal-damaged', `The deletion journal ${path} cannot be opened: ${String(error)}`)
  }
  const text = await file.readFile('latin1')
  const whole = text.lastIndexOf('\n') + 1
  let keys: Set<string>
  try {
    keys = keysOf(text, path)
  } catch (error) {
    await file.close()
    throw error
  }
  if (whole < text.length) await file.truncate(whole)
  let length = whole
  let turn: Promise<void> = Promise.resolve()

  async function append(news: readonly string[]): Promise<void> {
    const fresh = [...new Set(news)].filter((key) => !keys.has(key))
    if (!fresh.length) return
    const line = `${fresh.join('\n')}\n`
    try {
      await file.write(line)
      await file.datasync()
    } catch (error) {
      // Half a line would damage the next one.
      await file.truncate(length)
      throw error
    }
    length += line.length
    for (const key of fresh) keys.add(key)
  }

  return {
    ...journalOf(keys),
    add: (news) => {
      const next = turn.then(() => append(news))
      turn = next.catch(() => undefined)
      return next
    },
    async [Symbol.asyncDispose]() {
      await turn
      await file.close()
    },
  }
}
