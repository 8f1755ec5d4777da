// Leading with code that is not there yet (`online.ts`): until it is, nobody is connected, and what is written waits.
import { lateParts, loadLateParts } from './late.ts'
import type { Leading, LeadingOptions } from './leading.ts'
import { backoffMs, inBackground, type Timer } from './ports.ts'

/** Whoever waits longer for it is told that there is no connection. */
const SLOW_MS = 20_000

export function openLateLeading(options: LeadingOptions): Leading {
  const { ports } = options
  const there = lateParts()
  if (there) return there.openLeading(options)

  let leading: Leading | null = null
  let loading = false
  let stopped = false
  let attempt = 0
  /** Since when it could not be loaded, and when that is tried again. */
  let failedSince: number | null = null
  let nextTryAt: number | null = null
  let timer: Timer | null = null

  function missed(): void {
    if (stopped) return
    failedSince ??= ports.now()
    options.changed()
  }
  async function load(): Promise<void> {
    if (loading || leading || stopped) return
    loading = true
    if (timer !== null) ports.clearTimeout(timer)
    timer = nextTryAt = null
    const slow = ports.setTimeout(missed, SLOW_MS)
    const parts = await loadLateParts().catch(() => null)
    ports.clearTimeout(slow)
    loading = false
    if (stopped) return
    if (!parts) {
      const ms = backoffMs(attempt++, ports)
      nextTryAt = ports.now() + ms
      timer = ports.setTimeout(() => inBackground(load(), ports), ms)
      return missed()
    }
    leading = parts.openLeading(options)
    leading.start()
  }

  /** Who needed the code for something else may have got it. */
  const look = (): void => {
    if (lateParts()) inBackground(load(), ports)
  }
  const nothing = (): void => {}
  const live: Leading['live'] = {
    get network() {
      return { connected: false, offlineSince: failedSince, nextTryAt, stuck: false, incomplete: attempt > 1 }
    },
    online: new Set(),
    typing: () => [],
    nextTries: () => new Map(),
    documentState: () => null,
    ...{ show: nothing, retry: nothing, setTyping: nothing, disconnected: nothing },
  }
  const feed: Leading['feed'] = { catchUp: look, refresh: look }
  return {
    fence: options.fence ?? 0,
    get live() {
      return leading?.live ?? live
    },
    get feed() {
      return leading?.feed ?? feed
    },
    consider: (chat) => (leading ? leading.consider(chat) : look()),
    start: () => inBackground(load(), ports),
    connect: () => (leading ? leading.connect() : inBackground(load(), ports)),
    stop: async () => {
      stopped = true
      if (timer !== null) ports.clearTimeout(timer)
      await leading?.stop()
    },
  }
}
