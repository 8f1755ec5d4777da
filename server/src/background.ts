// Work that goes on behind an answer. Nobody waits for it but the server that stops; what fails is logged.
import type { Logger } from 'pino'

export interface Background extends AsyncDisposable {
  start(work: () => Promise<void>): void
}

/** Disposing waits for what is under way. */
export function createBackground(logger: Logger): Background {
  const open = new Set<Promise<void>>()
  return {
    start(work) {
      const running = work()
        .catch((error: unknown) => logger.error({ error }, 'work behind an answer failed'))
        .finally(() => open.delete(running))
      open.add(running)
    },
    [Symbol.asyncDispose]: async () => void (await Promise.all(open)),
  }
}
