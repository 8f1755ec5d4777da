// `npm run simulate`.
import './surroundings.ts'
import './lowered-limits.ts'

const { simulate } = await import('./simulate.ts')
process.exitCode = await simulate(process.argv.slice(2))
