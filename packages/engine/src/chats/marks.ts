// One's own marks on their way to the server: kept until the server's value is as high or its answer says that this is all it takes.
import type { ChatId } from '@skein/protocol'
import { raised } from '@skein/http/answers'
import { retryAfterMs } from '../http.ts'
import type { Local } from '../local.ts'
import { putChat } from '../local.ts'
import { backoffMs, inBackground, leftOf, type Ports, type Timer } from '../ports.ts'
import type { Session } from '../session.ts'
import type { Marks } from '../store/rows.ts'
import { expectField, put } from '../store/store.ts'
import { latestSeq } from './ranges.ts'
import { withMarksCounted } from './unread.ts'

const EVERY_MS = 1_000

export interface MarkSender {
  /** Owes a receipt for what others wrote and this device holds. */
  delivered(chat: ChatId): Promise<void>
  seen(chat: ChatId, seq: number): Promise<void>
  start(): void
  stop(): void
}

export function createMarkSender(local: Local, session: Session, ports: Ports): MarkSender {
  let running = false
  let timer: Timer | null = null
  let attempt = 0

  async function raise(chat: ChatId, marks: Marks): Promise<void> {
    let rose = false
    await local.update(chat, async (row) => {
      const next = await withMarksCounted(row, { [local.self]: marks }, local)
      rose = next !== null && !row.removed
      return next && [...putChat(row, next), put('marks', { chat, marks: next.marks[local.self] ?? marks })]
    })
    if (rose) schedule()
  }

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
  local.subscribe(() => {
    if (local.marks.size > 0) schedule()
  })

  return {
    delivered: async (chat) => {
      const row = local.chats.get(chat)
      if (row && row.othersSeq > (row.marks[local.self]?.[0] ?? 0)) await raise(chat, [row.othersSeq, 0])
    },
    seen: (chat, seq) => {
      const row = local.chats.get(chat)
      const capped = row ? Math.min(seq, latestSeq(row)) : 0
      return capped > 0 ? raise(chat, [capped, capped]) : Promise.resolve()
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
