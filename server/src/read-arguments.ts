// The arguments of the programs beside the server.
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { StartError } from './start-error.ts'

/** Ids, which are base64url: one in 64 begins with a dash, as options do. */
const dashedId = /^-[\w-]{15,}$/
/** No argument of a process holds it. */
const MARK = '\0'

/** As `parseArgs`, except that an id may begin with a dash. @throws StartError */
export function readArguments<Options extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: Options) {
  const unmarked = (text: string): string => text.replace(MARK, '')
  try {
    const isId = (arg: string): boolean => dashedId.test(arg) && !Object.hasOwn(options, arg.slice(2))
    const marked = args.map((arg) => (isId(arg) ? MARK + arg : arg))
    const { values, positionals } = parseArgs({ args: marked, allowPositionals: true, options })
    return { values, positionals: positionals.map(unmarked) }
  } catch (error) {
    throw new StartError(error instanceof Error ? unmarked(error.message) : String(error))
  }
}
