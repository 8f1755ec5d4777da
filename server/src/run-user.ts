// `npm run user`, from its arguments to its exit code.
import { parseArgs } from 'node:util'
import { createPasswords } from '@skein/auth'
import { openDatabase } from './database.ts'
import { ports } from './ports.ts'
import { readSettings } from './settings.ts'
import { StartError } from './start-error.ts'
import type { Terminal } from './terminal.ts'
import { commands, type Options } from './user-commands.ts'

const usage = `Usage: npm run user -- <command>

  add <email> <name>        makes an account; asks for its password
  list [<text>] [--json]    accounts by name: all, or those whose name holds the text or whose email it is
  rename <person> <name>    gives another name
  reset <person>            asks for a new password; ends all sessions
  disable <person>          ends all sessions, and no log-in any more
  enable <person>           lets a disabled person log in again
  invite [--expires 7d] [--email <email>]
                            makes a link by which one person may create an account, for REGISTRATION=invite
  delete <person> [--yes]   erases the account and all words of theirs, for good

A person is an email or an id. Without a terminal the password is the first line of standard input.
DATABASE_URL and DATA_DIR say which database, as for the server. On SQLite stop the server first.
Ends with 0 when it is done, 1 when it was refused, 2 when the command was not understood.`

type Wish = { run: (typeof commands)[string]['run']; args: string[]; options: Options }

/** null: only help is wanted. @throws StartError */
function readWish(args: string[]): Wish | null {
  let parsed
  try {
    const flag = { type: 'boolean', default: false } as const
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: { json: flag, yes: flag, expires: { type: 'string' }, email: { type: 'string' }, help: { ...flag, short: 'h' } },
    })
  } catch (error) {
    throw new StartError(error instanceof Error ? error.message : String(error))
  }
  const [name = '', ...rest] = parsed.positionals
  const { json, yes, help, expires, email } = parsed.values
  if (help) return null
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) throw new StartError(name === '' ? 'A command is missing.' : `There is no command ${name}.`)
  if (rest.length < command.least || rest.length > command.most) throw new StartError(`${name} does not take ${rest.length} arguments.`)
  if (json && name !== 'list') throw new StartError('--json belongs to list.')
  if (yes && name !== 'delete') throw new StartError('--yes belongs to delete.')
  if ((expires ?? email) !== undefined && name !== 'invite') throw new StartError('--expires and --email belong to invite.')
  return { run: command.run, args: rest, options: { json, yes, expires: expires ?? '7d', email: email ?? null } }
}

function onFatal(error: Error): never {
  throw error
}

/** `answer` takes what a script reads, `say` everything else. Resolves with 0 when it is done, 1 when it was refused, 2 when it was not understood. */
export async function runUser(
  args: string[],
  env: Record<string, string | undefined>,
  io: { terminal: Terminal; answer: (text: string) => void; say: (text: string) => void },
): Promise<0 | 1 | 2> {
  const { terminal, answer, say } = io
  let wish: Wish | null
  try {
    wish = readWish(args)
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    say(`${error.message}\n\n${usage}`)
    return 2
  }
  try {
    if (!wish) answer(usage)
    else {
      // The deletion journal is left to the server: it has one writer.
      const settings = readSettings(env)
      await using database = await openDatabase(settings, { ports, say, onFatal, journal: false })
      const address = settings.publicUrl ?? `http://${settings.host}:${settings.port}`
      const surroundings = { storage: database.storage, passwords: createPasswords(ports.randomBytes), terminal, ports, address }
      answer(await wish.run(surroundings, wish.args, wish.options))
    }
    return 0
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    say(error.message)
    return 1
  }
}
