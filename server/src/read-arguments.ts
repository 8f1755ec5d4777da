// The arguments of the programs beside the server.
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { StartError } from './start-error.ts'

/** Ids of 12 or 16 bytes as base64url: one in 64 begins with a dash, as options do. */
const dashedId = /^-(?:[\w-]{15}|[\w-]{21})$/
/** No argument of a process holds it. */
const MARK = '\0'

/** As `parseArgs`, except that an id may begin with a dash. @throws StartError */
export function readArguments<Options extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: Options) {
  const unmarked = (text: string): string => text.replace(MARK, '')
  try {
    const typeOf = (arg = ''): string | undefined => (arg.startsWith('--') ? options[arg.slice(2)]?.type : undefined)
    const isId = (arg: string, at: number): boolean => dashedId.test(arg) && !typeOf(arg) && typeOf(args[at - 1]) !== 'string'
    const marked = args.map((arg, at) => (isId(arg, at) ? MARK + arg : arg))
    const { values, positionals } = parseArgs({ args: marked, allowPositionals: true, options })
    return { values, positionals: positionals.map(unmarked) }
  } catch (error) {
    throw new StartError(error instanceof Error ? unmarked(error.message) : String(error))
  }
}
