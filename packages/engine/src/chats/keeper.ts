// Chats that are kept whole on this device: downloads what is missing from the newest gap backwards, a page at a time, resting as long as each page took.
import { MAX_HISTORY_PAGE, type ChatId } from '@skein/protocol'
import { HttpError, isPassing, retryAfterMs } from '../http.ts'
import { putChat, type Local } from '../local.ts'
import { backoffMs, inBackground, type Ports, type Timer } from '../ports.ts'
import type { ChatRow } from '../store/rows.ts'
import { EngineError } from '../types.ts'
import { firstSeq, lastGap, latestSeq } from './ranges.ts'
import type { Room } from './room.ts'
import type { ServedHistory } from './served-history.ts'

/** What a page may take. */
const PAGE_BYTES = 256 * 1024
/** The shortest rest between two pages. */
const REST_MS = 20

export interface Keeper {
  start(): void
  stop(): void
  /** A chat's row changed. */
  consider(): void
  /** The network is there again. */
  connected(): void
}

const isWhole = (row: ChatRow): boolean => lastGap(row.ranges, latestSeq(row)) < firstSeq(row)

export function createKeeper(local: Local, history: ServedHistory, room: Room, ports: Ports): Keeper {
  let running = false
  let working = false
  let timer: Timer | null = null
  let attempt = 0
  /** Refused for reasons of their own: not asked again before the next start. */
  const refused = new Set<ChatId>()

  const next = (): ChatRow | undefined =>
    [...local.chats.values()].find(
      (row) => row.kept === 'yes' && row.position && !row.removed && !row.forked && !refused.has(row.id) && !isWhole(row),
    )

  async function page({ id, ranges, ...row }: ChatRow): Promise<void> {
    if (!(await room.make(PAGE_BYTES))) {
      if (running) await local.update(id, (now) => (now.kept === 'yes' ? putChat(now, { ...now, kept: 'over-budget' }) : null))
      return
    }
    const gap = lastGap(ranges, latestSeq({ id, ranges, ...row }))
    const rows = await history.fetch(id, gap + 1, MAX_HISTORY_PAGE)
    // A server that has nothing there would be asked for ever.
    if (!rows.some(({ seq }) => seq === gap)) refused.add(id)
  }
  async function work(): Promise<void> {
    working = true
    let wait = REST_MS
    try {
      const row = next()
      if (!row) return
      const since = ports.now()
      try {
        await page(row)
        attempt = 0
        wait = Math.max(REST_MS, ports.now() - since)
      } catch (error) {
        if (!(error instanceof EngineError)) throw error
        if (error instanceof HttpError && !isPassing(error)) refused.add(row.id)
        else wait = retryAfterMs(error) + backoffMs(attempt++, ports)
      }
      if (running) timer = ports.setTimeout(go, wait)
    } finally {
      working = false
    }
  }
  function go(): void {
    timer = null
    if (running && !working) inBackground(work(), ports)
  }
  const hurry = (): void => {
    if (timer !== null) ports.clearTimeout(timer)
    go()
  }

  return {
    start: () => {
      running = true
      refused.clear()
      go()
    },
    stop: () => {
      running = false
      if (timer !== null) ports.clearTimeout(timer)
      timer = null
    },
    consider: () => {
      if (timer === null && next()) go()
    },
    connected: () => {
      attempt = 0
      if (!working) hurry()
    },
  }
}
