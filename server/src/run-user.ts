// `npm run user`, from its arguments to its exit code.
import { createPasswords } from '@skein/auth'
import { ports } from './ports.ts'
import { readArguments } from './read-arguments.ts'
import { runCommand, type CommandOutput } from './run-command.ts'
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

  key <name> [--expires 90d]
                            makes a server key, for the back office of a page that embeds the chat; shows it this once
  keys                      server keys, the newest first
  delete-key <id>           ends one at once

A person is an email or an id. Without a terminal the password is the first line of standard input.
DATABASE_URL and DATA_DIR say which database, as for the server; add and key make one where there is none. On SQLite stop the server first.
Ends with 0 when it is done, 1 when it was refused, 2 when the command was not understood.`

type Wish = { run: (typeof commands)[string]['run']; isFirst: boolean; args: string[]; options: Options }

/** null: only help is wanted. @throws StartError */
function readWish(args: string[]): Wish | null {
  const flag = { type: 'boolean', default: false } as const
  const { values, positionals } = readArguments(args, {
    ...{ json: flag, yes: flag, help: { ...flag, short: 'h' } },
    ...{ expires: { type: 'string' }, email: { type: 'string' } },
  })
  const [name = '', ...rest] = positionals
  const { json, yes, help, expires, email } = values
  if (help) return null
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) throw new StartError(name === '' ? 'A command is missing.' : `There is no command ${name}.`)
  if (rest.length < command.least || rest.length > command.most) throw new StartError(`${name} does not take ${rest.length} arguments.`)
  if (json && name !== 'list') throw new StartError('--json belongs to list.')
  if (yes && name !== 'delete') throw new StartError('--yes belongs to delete.')
  if (expires !== undefined && name !== 'invite' && name !== 'key') throw new StartError('--expires belongs to invite and key.')
  if (email !== undefined && name !== 'invite') throw new StartError('--email belongs to invite.')
  return { run: command.run, isFirst: command.isFirst ?? false, args: rest, options: { json, yes, expires: expires ?? null, email: email ?? null } }
}

export const runUser = (
  args: string[],
  env: Record<string, string | undefined>,
  { terminal, ...output }: CommandOutput & { terminal: Terminal },
): Promise<0 | 1 | 2> =>
  runCommand(
    {
      usage,
      readWish: () => readWish(args),
      creates: ({ isFirst }) => isFirst,
      work: (wish, storage, { publicUrl, host, port }) => {
        const surroundings = {
          storage,
          passwords: createPasswords(ports.randomBytes),
          terminal,
          ports,
          address: publicUrl ?? `http://${host}:${port}`,
        }
        return wish.run(surroundings, wish.args, wish.options)
      },
    },
    env,
    output,
  )
