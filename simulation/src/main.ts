// `npm run simulate`: the process's clock and randomness are taken first, then the sources are loaded.
import './surroundings.ts'
import { loadThroughPatches } from './loading.ts'

const args = process.argv.slice(2)
const at = args.indexOf('--planted')
loadThroughPatches(at < 0 ? null : Number(args[at + 1]))

const { simulate } = await import('./simulate.ts')
process.exitCode = await simulate(args)
