// `npm run import -- <file>`, for who runs the server; the database is that of the server's settings.
import { runImport } from './run-import.ts'

process.exitCode = await runImport(process.argv.slice(2), process.env, { answer: console.log, say: console.error })
