// `npm run keys -- <command>`: the keys that sign access tokens, for who runs the server.
import { ports } from './ports.ts'
import { runKeys } from './run-keys.ts'

process.exitCode = await runKeys(process.argv.slice(2), process.env, { ports, answer: console.log, say: console.error })
