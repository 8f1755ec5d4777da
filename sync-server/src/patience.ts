// Asking a database that may not answer just now.
import { setTimeout as delay } from 'node:timers/promises'
import { Refusal } from '@skein/protocol'

/** Between two questions to a database that does not answer, in milliseconds. */
const MIN_WAIT_MS = 100
const MAX_WAIT_MS = 10_000

/** Asks until there is an answer, or a Refusal, which is one too, or nobody wants it any more. Never rejects. */
export async function untilAnswered(ask: () => Promise<void>, isWanted: () => boolean): Promise<void> {
  for (let wait = MIN_WAIT_MS; isWanted(); wait = Math.min(2 * wait, MAX_WAIT_MS)) {
    try {
      return await ask()
    } catch (error) {
      if (error instanceof Refusal) return
      await delay(wait, undefined, { ref: false })
    }
  }
}
