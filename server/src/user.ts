// `npm run user -- <command>`: accounts by hand, for who runs the server; the database is that of the server's settings.
import { runUser } from './run-user.ts'
import { createTerminal } from './terminal.ts'

process.exitCode = await runUser(process.argv.slice(2), process.env, {
  terminal: createTerminal(process.stdin, process.stderr),
  answer: console.log,
  say: console.error,
})
