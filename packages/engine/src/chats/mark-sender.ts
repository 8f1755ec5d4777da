// One's own marks on their way to the server: kept until the server's value is as high or its answer says that this is all it takes.
import { raised } from '@skein/http/answers'
import { retryAfterMs } from '../http.ts'
import type { Local } from '../local.ts'
import { putChat } from '../local.ts'
import { backoffMs, inBackground, leftOf, type Ports, type Timer } from '../ports.ts'
import type { Session } from '../session.ts'
import { expectField } from '../store/store.ts'

const EVERY_MS = 1_000

export interface MarkSender {
  /** Rows changed. */
  consider(): void
  start(): void
  stop(): void
}

export function createMarkSender(local: Local, session: Session, ports: Ports): MarkSender {
  let running = false
  let timer: Timer | null = null
  let attempt = 0

  async function send(): Promise<void> {
    const waiting = [...local.marks.values()].slice(0, 200)
    if (waiting.length === 0) return
    const marks = Object.fromEntries(waiting.map((row) => [row.chat, row.marks]))
    const { markPos } = await session.ask((api) => api.api.marks.$post({ json: { marks } }), raised)
    for (const { chat } of waiting) {
      const risen = markPos[chat]
      // Only this device's own mark lies between: nothing to read.
      if (risen) await local.update(chat, (row) => (row.markPos === risen[0] ? putChat(row, { ...row, markPos: risen[1] }) : null))
    }
    // Also a capped answer ends the retry; what rose meanwhile stays.
    for (const { chat, marks: sent } of waiting) await local.commit([expectField('marks', chat, 'marks', sent), { remove: 'marks', key: chat }])
    attempt = 0
  }
  async function sendAndGoOn(): Promise<void> {
    let wait = EVERY_MS
    try {
      await send()
    } catch (error) {
      wait += retryAfterMs(error) + backoffMs(attempt++, ports)
    }
    timer = null
    if (local.marks.size > 0) schedule(wait)
  }
  let lastAt = -Infinity
  /** At most one request a second. */
  function schedule(atLeastMs = 0): void {
    if (!running || timer !== null) return
    timer = ports.setTimeout(
      () => {
        lastAt = ports.now()
        inBackground(sendAndGoOn(), ports)
      },
      Math.max(atLeastMs, leftOf(EVERY_MS, lastAt, ports.now())),
    )
  }

  return {
    consider: () => {
      if (local.marks.size > 0) schedule()
    },
    start: () => {
      running = true
      schedule()
    },
    stop: () => {
      running = false
      if (timer !== null) ports.clearTimeout(timer)
      timer = null
    },
  }
}
