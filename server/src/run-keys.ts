// `npm run keys`, from its arguments to its exit code.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { KeyFileError, openTokenKey, rotateTokenKey, type KeyState } from '@skein/auth'
import type { Ports } from './ports.ts'
import { readSettings } from './settings.ts'
import { StartError } from './start-error.ts'

const usage = `Usage: npm run keys -- <command>

  list      the keys that sign access tokens: which signs, which still verifies
  rotate    adds a key, which signs within half a minute; the old one verifies until its tokens have ended

DATA_DIR says where, as for the server. Servers that run notice by themselves. Ends with 0 when it is done, 1 when it was refused, 2 when the
command was not understood.`

const words: Record<KeyState, string> = {
  next: 'signs soon',
  signs: 'signs',
  verifies: 'verifies until its tokens have ended',
  ended: 'ended; goes with the next rotation',
}

/** `answer` takes what a script reads, `say` everything else. */
export async function runKeys(
  args: string[],
  env: Record<string, string | undefined>,
  { ports, answer, say }: { ports: Ports; answer: (text: string) => void; say: (text: string) => void },
): Promise<0 | 1 | 2> {
  const [command, ...rest] = args
  if (command === '--help' || command === '-h') {
    answer(usage)
    return 0
  }
  if ((command !== 'list' && command !== 'rotate') || rest.length > 0) {
    say(usage)
    return 2
  }
  try {
    const dir = join(readSettings(env).dataDir, 'keys')
    if (!existsSync(dir))
      throw new StartError(`There are no keys in ${dir}. Give DATA_DIR as the server has it, or start the server first, which makes them.`)
    if (command === 'rotate') {
      const { id, from } = await rotateTokenKey(dir, ports.randomBytes, ports.now())
      answer(`Added ${id}. It signs from ${new Date(from).toISOString()} on.`)
    } else {
      const key = await openTokenKey(dir, ports.randomBytes)
      for (const { id, from, state } of key.list(ports.now()))
        answer(`${id}  ${from === 0 ? 'from the start' : new Date(from).toISOString()}  ${words[state]}`)
    }
    return 0
  } catch (error) {
    if (!(error instanceof StartError) && !(error instanceof KeyFileError)) throw error
    say(error.message)
    return 1
  }
}
