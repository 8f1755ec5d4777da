// The one thread that touches SQLite: node:sqlite is synchronous, and the main thread's loop carries all sockets (D4).
import { parentPort, workerData } from 'node:worker_threads'
import { batchRunner, failureOf, openSqlite } from './core.ts'
import { lockDatabase } from './lock.ts'
import type { FromWorker, ToWorker, WorkerOptions } from './messages.ts'

if (!parentPort) throw new Error('Runs as a worker thread only')
const port = parentPort
const { path } = workerData as WorkerOptions
const tell = (message: FromWorker): void => port.postMessage(message)

function serve(release: () => void): void {
  const database = openSqlite(path)
  const run = batchRunner(database)
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'batch') return tell(run(message.batch))
    database.close()
    release()
    tell({ kind: 'closed' })
    port.close()
  })
}

try {
  const lock = path === ':memory:' ? { release: () => undefined } : lockDatabase(path)
  if ('ownerPid' in lock) {
    tell({ kind: 'in-use', pid: lock.ownerPid })
  } else {
    serve(lock.release)
    tell({ kind: 'open' })
  }
} catch (error) {
  tell({ kind: 'failed', failure: failureOf(error) })
}
