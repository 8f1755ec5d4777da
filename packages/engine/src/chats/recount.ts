// Asks the server for what this device cannot tell by its rows: the unread count, and what is pinned.
import type { ChatId } from '@skein/protocol'
import { HttpError, isPassing, retryAfterMs } from '../http.ts'
import type { Local } from '../local.ts'
import { backoffMs, inBackground, type Ports, type Timer } from '../ports.ts'
import { EngineError } from '../types.ts'
import type { ChatSync } from './chat-sync.ts'
import { knowsPins } from './pins.ts'

/** Chats asked about before the next look; the server answers them one by one. */
const AT_ONCE = 5

export interface Recounter {
  start(): void
  stop(): void
  /** The chat's row changed. */
  consider(chat: ChatId): void
}

export function createRecounter(local: Local, sync: ChatSync, ports: Ports): Recounter {
  const waiting = new Set<ChatId>()
  let running = false
  let working = false
  let timer: Timer | null = null
  let attempt = 0

  /** While a mark of one's own is on its way, the server counts from another one. */
  function canCount(chat: ChatId): boolean {
    const row = local.chats.get(chat)
    return row !== undefined && !(row.exact && knowsPins(row)) && row.position !== null && !row.removed && !row.forked && !local.marks.has(chat)
  }
  async function ask(): Promise<void> {
    const chats = [...waiting].slice(0, AT_ONCE)
    for (const chat of chats) waiting.delete(chat)
    const due = chats.filter(canCount)
    if (due.length === 0) return
    let wait = 0
    try {
      await sync.adopt(await sync.ask(due))
    } catch (error) {
      // Refused for a reason of its own: the feed finds out which.
      if (error instanceof HttpError && !isPassing(error)) return
      if (!(error instanceof EngineError)) throw error
      wait = retryAfterMs(error)
    }
    // Still not told: the server was out of reach, or something moved on meanwhile.
    const left = due.filter(canCount)
    for (const chat of left) waiting.add(chat)
    if (left.length > 0) later(wait + backoffMs(attempt++, ports))
    else attempt = 0
  }
  async function work(): Promise<void> {
    working = true
    try {
      while (running && timer === null && waiting.size > 0) await ask()
    } finally {
      working = false
    }
  }
  function go(): void {
    if (running && !working && timer === null && waiting.size > 0) inBackground(work(), ports)
  }
  function later(ms: number): void {
    if (!running) return
    timer = ports.setTimeout(() => {
      timer = null
      go()
    }, ms)
  }

  return {
    start: () => {
      running = true
      for (const chat of local.chats.keys()) if (canCount(chat)) waiting.add(chat)
      go()
    },
    stop: () => {
      running = false
      if (timer !== null) ports.clearTimeout(timer)
      timer = null
    },
    consider: (chat) => {
      if (!canCount(chat)) return
      waiting.add(chat)
      go()
    },
  }
}
