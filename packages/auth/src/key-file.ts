// Key files: read, or made once. A file that is there is never replaced, and a damaged one is an error that names it.
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { base64url } from '@skein/protocol'

/** Random bytes, from the platform's cryptographic source; tests hand in a repeatable one. */
export type RandomBytes = (count: number) => Uint8Array

/** A key file that cannot be used. `message` names the file and says what to do. */
export class KeyFileError extends Error {
  readonly path: string
  constructor(path: string, problem: string, advice: string) {
    super(`The key file ${path} cannot be used: ${problem}. Skein never replaces a key by itself. ${advice}`)
    this.name = 'KeyFileError'
    this.path = path
  }
}

const errorCode = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}

/** Written beside, then put in its place by `place`: nobody reads half a key. */
async function write(path: string, text: string, randomBytes: RandomBytes, place: (temporary: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.${base64url(randomBytes(9))}`
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await place(temporary)
  } finally {
    await rm(temporary, { force: true })
  }
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Of two processes that start at once one wins for both. */
const writeOnce = (path: string, text: string, randomBytes: RandomBytes): Promise<void> =>
  write(path, text, randomBytes, async (temporary) => {
    try {
      await link(temporary, path)
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
    }
  })

const textOf = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** Puts another value in the place of what a key file holds, whole or not at all: only ever because somebody asked for it. */
export const replace = (path: string, value: unknown, randomBytes: RandomBytes): Promise<void> =>
  write(path, textOf(value), randomBytes, (temporary) => rename(temporary, path))

/** Without the parser's own words: they quote the text, which is a key. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('it is not JSON')
  }
}

/** What the file at `path` holds, after making it where there is none. `parse` throws a sentence about what is wrong. */
export async function readOrCreate<T>(
  path: string,
  options: { create: () => unknown; parse: (value: unknown) => T; advice: string; randomBytes: RandomBytes },
): Promise<T> {
  try {
    let text = await readText(path)
    if (text === null) {
      await writeOnce(path, textOf(options.create()), options.randomBytes)
      text = (await readText(path)) ?? ''
    }
    return options.parse(parseJson(text))
  } catch (error) {
    throw new KeyFileError(path, error instanceof Error ? error.message : String(error), options.advice)
  }
}
