// A program beside the server with a few commands, from its arguments to its exit code.
import type { Storage } from '@skein/storage'
import { readArguments } from './read-arguments.ts'
import { runCommand, type CommandOutput } from './run-command.ts'
import { StartError } from './start-error.ts'

/** Answers with what to print. @throws StartError that says why not */
export type OperatorCommand = (storage: Storage, args: string[], flags: ReadonlySet<string>) => Promise<string>

export interface Program {
  usage: string
  /** By name, with how many arguments each takes, and its flags. */
  commands: Record<string, { run: OperatorCommand; args: number; flags: readonly string[] }>
}

/** Takes control characters out of people's words, which could drive a terminal. */
export const printable = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ')

/** null: only help is wanted. @throws StartError */
function readWish({ commands }: Program, args: string[]): ((storage: Storage) => Promise<string>) | null {
  const names = [...new Set(Object.values(commands).flatMap(({ flags }) => flags))]
  const options = Object.fromEntries([...names, 'help'].map((name) => [name, { type: 'boolean' as const }]))
  const { values, positionals } = readArguments(args, options)
  if (values['help']) return null
  const [name = '', ...rest] = positionals
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) throw new StartError(name === '' ? 'A command is missing.' : `There is no command ${name}.`)
  if (rest.length !== command.args) throw new StartError(`${name} does not take ${rest.length} arguments.`)
  const flags = new Set(Object.keys(values))
  const foreign = [...flags].find((flag) => !command.flags.includes(flag))
  if (foreign !== undefined) throw new StartError(`--${foreign} does not belong to ${name}.`)
  return (storage) => command.run(storage, rest, flags)
}

export const runOperator = (program: Program, args: string[], env: Record<string, string | undefined>, output: CommandOutput): Promise<0 | 1 | 2> =>
  runCommand({ usage: program.usage, readWish: () => readWish(program, args), work: (wish, storage) => wish(storage) }, env, output)
