// Skein's server: read the settings, start, go on until somebody stops it, drain.
import { once } from 'node:events'
import { createLogger } from './log.ts'
import { ports } from './ports.ts'
import { readSettings } from './settings.ts'
import { StartError } from './start-error.ts'
import { startServer } from './start.ts'

/** A drain that takes longer is broken off, in milliseconds. */
const STOP_MS = 15_000

const logger = createLogger()
const stop = new AbortController()
// A terminal's Ctrl-C comes twice, from the terminal and from npm: the second one changes nothing.
process.on('SIGINT', () => stop.abort())
process.on('SIGTERM', () => stop.abort())
function onFatal(error: unknown): void {
  logger.fatal({ error }, 'draining after what nobody caught')
  process.exitCode = 1
  stop.abort()
}
process.on('unhandledRejection', onFatal)
process.on('uncaughtException', onFatal)

try {
  await using server = await startServer(readSettings(process.env), { ports, logger, say: console.log, onFatal })
  console.log([`ready ${server.url}`, ...server.welcome].join('\n'))
  if (!stop.signal.aborted) await once(stop.signal, 'abort')
  console.log('Stopping…')
  setTimeout(() => {
    logger.error({ open: process.getActiveResourcesInfo() }, 'the drain took too long and was broken off')
    process.exit(1)
  }, STOP_MS).unref()
} catch (error) {
  if (!(error instanceof StartError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
