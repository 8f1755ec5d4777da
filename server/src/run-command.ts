// What every program beside the server does with its wish, from its arguments to its exit code.
import type { Storage } from '@skein/storage'
import { openDatabase } from './database.ts'
import { ports } from './ports.ts'
import { readSettings, type Settings } from './settings.ts'
import { StartError } from './start-error.ts'

/** `answer` takes what a script reads, `say` everything else. */
export interface CommandOutput {
  answer: (text: string) => void
  say: (text: string) => void
}

export interface Command<Wish> {
  usage: string
  /** null: only help is wanted. @throws StartError that says what was not understood */
  readWish(): Wish | null
  /** Whether a database that is not there yet is made for it: where that may be the first thing that somebody does. */
  creates?(wish: Wish): boolean
  /** Answers with what to print. @throws StartError that says why not */
  work(wish: Wish, storage: Storage, settings: Settings): Promise<string>
  /** What other errors of `work` mean, in a sentence; undefined for a bug. */
  sentenceOf?(error: unknown): string | undefined
}

function onFatal(error: Error): never {
  throw error
}

/** Resolves with 0 when it is done, 1 when it was refused, 2 when it was not understood. */
export async function runCommand<Wish>(
  { usage, readWish, creates, work, sentenceOf }: Command<Wish>,
  env: Record<string, string | undefined>,
  { answer, say }: CommandOutput,
): Promise<0 | 1 | 2> {
  let wish: Wish | null
  try {
    wish = readWish()
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    say(`${error.message}\n\n${usage}`)
    return 2
  }
  try {
    if (wish === null) answer(usage)
    else {
      const settings = readSettings(env)
      // The deletion journal is left to the server: it has one writer.
      await using database = await openDatabase(settings, { ports, say, onFatal, journal: false, absent: creates?.(wish) ? 'tell' : 'refuse' })
      answer(await work(wish, database.storage, settings))
    }
    return 0
  } catch (error) {
    const sentence = error instanceof StartError ? error.message : sentenceOf?.(error)
    if (sentence === undefined) throw error
    say(sentence)
    return 1
  }
}
