// Redis, where several servers count requests together. Nothing that must not be lost stands there, and the server works on while it does not answer.
import { createClient } from '@redis/client'
import type { Logger } from 'pino'

const CONNECT_MS = 5_000
/** How often it is asked for a sign of life, and how long it may be without one, in milliseconds. */
const PING_MS = 1_000
const SILENT_MS = 2_500
/** Between two tries, in milliseconds. */
const MIN_WAIT_MS = 100
const MAX_WAIT_MS = 5_000

export interface Redis extends AsyncDisposable {
  readonly client: object
  /** Rejects when it does not answer. */
  ping(): Promise<void>
}

/** Connects in the background, and again whenever the connection is lost. */
export async function openRedis(url: string, logger: Logger): Promise<Redis> {
  const client = createClient({
    url,
    // What is asked while there is no connection fails at once.
    disableOfflineQueue: true,
    // One that hangs is one that is gone.
    pingInterval: PING_MS,
    socket: {
      connectTimeout: CONNECT_MS,
      socketTimeout: SILENT_MS,
      reconnectStrategy: (attempt) => Math.min(MIN_WAIT_MS * 2 ** attempt, MAX_WAIT_MS),
    },
  })
  let isTold = false
  client.on('error', (error: Error) => {
    if (!isTold) logger.warn({ error }, 'Redis does not answer; each server counts for itself until it does')
    isTold = true
  })
  client.on('ready', () => {
    if (isTold) logger.info('Redis answers again')
    isTold = false
  })
  void client.connect().catch(() => undefined)
  return {
    client,
    ping: async () => void (await client.ping()),
    async [Symbol.asyncDispose]() {
      client.destroy()
    },
  }
}
