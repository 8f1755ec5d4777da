// When a chat tries again what failed: one try at a time is planned, each later than the one before.
import { backoffMs, type Ports, type Timer } from '../ports.ts'

export interface RetryPlan {
  /** When the next try is made, in milliseconds; null when none is planned. */
  readonly at: number | null
  /** Plans a try, in place of the one that was planned. */
  later(run: () => void, atLeastMs?: number): void
  /** Tries now what was to be tried later; false when nothing was. */
  now(): boolean
  giveUp(): void
  /** It went well: the next failure waits short again. */
  reset(): void
}

export function createRetryPlan(ports: Ports, changed: () => void): RetryPlan {
  let timer: Timer | null = null
  let planned: { run(): void; at: number } | null = null
  let attempt = 0

  function giveUp(): void {
    if (timer === null) return
    ports.clearTimeout(timer)
    timer = null
    planned = null
    changed()
  }
  function now(): boolean {
    const due = planned
    giveUp()
    due?.run()
    return due !== null
  }
  return {
    get at() {
      return planned?.at ?? null
    },
    later: (run, atLeastMs = 0) => {
      if (timer !== null) ports.clearTimeout(timer)
      // All who were told to come back then would come at once.
      const wait = atLeastMs + backoffMs(attempt++, ports)
      planned = { run, at: ports.now() + wait }
      timer = ports.setTimeout(now, wait)
      changed()
    },
    now,
    giveUp,
    reset: () => {
      attempt = 0
    },
  }
}
