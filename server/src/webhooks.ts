// `npm run webhooks -- <command>`, for who runs the server; the database is that of the server's settings.
import { webhooksProgram } from './webhook-commands.ts'
import { runOperator } from './run-operator.ts'

process.exitCode = await runOperator(webhooksProgram, process.argv.slice(2), process.env, { answer: console.log, say: console.error })
