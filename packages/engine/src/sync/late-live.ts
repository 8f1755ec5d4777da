// Live documents whose code is not there yet: what is asked of them meanwhile is done once it is, and until then nobody is connected.
import type { ChatId } from '@skein/protocol'
import { lateParts, loadLateParts } from '../late.ts'
import { backoffMs, inBackground, type Timer } from '../ports.ts'
import type { Live, LiveOptions } from './live.ts'

/** Whoever waits longer for it is told that there is no connection. */
const SLOW_MS = 20_000

export function createLateLive(options: LiveOptions): Live {
  const { ports } = options
  const there = lateParts()
  if (there) return there.createLive(options)

  let live: Live | null = null
  let loading = false
  let stopped = false
  let attempt = 0
  /** Since when it could not be loaded, and when that is tried again. */
  let failedSince: number | null = null
  let nextTryAt: number | null = null
  let timer: Timer | null = null
  let shown: ReadonlySet<ChatId> = new Set()
  const considered = new Set<ChatId>()

  function missed(): void {
    failedSince ??= ports.now()
    options.changed()
  }
  async function load(): Promise<void> {
    if (loading || live || stopped) return
    loading = true
    if (timer !== null) ports.clearTimeout(timer)
    timer = nextTryAt = null
    const slow = ports.setTimeout(missed, SLOW_MS)
    try {
      const { createLive } = await loadLateParts()
      if (!stopped) begin(createLive(options))
    } catch {
      if (stopped) return
      const ms = backoffMs(attempt++, ports)
      nextTryAt = ports.now() + ms
      timer = ports.setTimeout(() => inBackground(load(), ports), ms)
      missed()
    } finally {
      ports.clearTimeout(slow)
      loading = false
    }
  }
  function begin(made: Live): void {
    live = made
    made.start()
    made.show(shown)
    for (const chat of considered) made.consider(chat)
    options.changed()
  }
  function consider(chat: ChatId): void {
    if (live) live.consider(chat)
    else considered.add(chat)
  }

  return {
    get network() {
      return live?.network ?? { connected: false, offlineSince: failedSince, nextTryAt, stuck: false, incomplete: attempt > 1 }
    },
    get online() {
      return live?.online ?? new Set()
    },
    start: () => inBackground(load(), ports),
    connect: () => (live ? live.connect() : inBackground(load(), ports)),
    disconnected: () => live?.disconnected(),
    consider,
    relocated: (chat) => (live ? live.relocated(chat) : consider(chat)),
    show: (next) => {
      shown = next
      live?.show(next)
    },
    shows: (chat) => shown.has(chat),
    isLive: (chat) => live?.isLive(chat) ?? false,
    retry: (chat) => (live ? live.retry(chat) : consider(chat)),
    nextTries: () => live?.nextTries() ?? new Map(),
    setTyping: (chat, typing) => live?.setTyping(chat, typing),
    typing: (chat) => live?.typing(chat) ?? [],
    documentState: (chat) => live?.documentState(chat) ?? null,
    stop: async () => {
      stopped = true
      if (timer !== null) ports.clearTimeout(timer)
      await live?.stop()
    },
  }
}
