// `npm run reports -- <command>`, for who runs the server; the database is that of the server's settings.
import { reportsProgram } from './report-commands.ts'
import { runOperator } from './run-operator.ts'

process.exitCode = await runOperator(reportsProgram, process.argv.slice(2), process.env, { answer: console.log, say: console.error })
