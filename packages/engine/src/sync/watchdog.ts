// When words that wait in an open document bring the socket down.
import type { OperationId } from '@skein/protocol'
import type { Ports, Timer } from '../ports.ts'
import type { Socket } from './socket.ts'

/** How often the watchdog looks. */
const WATCHDOG_MS = 30_000
/** Looks after which it barks whatever comes: other chats may be busy while this one's words are swallowed. */
const PATIENCE = 4

/** `looks`: how often it has looked, this time included. On a slow line the document itself takes long to come, and an answer waits behind what else comes. */
export const mustBark = (looks: number, wordsAreOut: boolean, heardSince: boolean): boolean => looks >= PATIENCE || (wordsAreOut && !heardSince)

export interface Watchdog {
  /** The word that waits first of all; null when none does. */
  watch(first: OperationId | null): void
  close(): void
}

export interface WatchdogOptions {
  ports: Ports
  socket: Socket
  /** Words were given to the document and not acknowledged. */
  wordsAreOut(): boolean
  /** The same word waits since the last look. */
  looked(): void
  stuck(is: boolean): void
}

/** Speaks up when the same word has waited too long although the socket is open. */
export function createWatchdog({ ports, socket, wordsAreOut, looked, stuck }: WatchdogOptions): Watchdog {
  let timer: Timer | null = null
  let watched: OperationId | null = null
  let looks = 0
  let heardAt = 0

  function look(): void {
    timer = ports.setTimeout(look, WATCHDOG_MS)
    const heardSince = socket.heardAt !== heardAt
    heardAt = socket.heardAt
    looks = socket.isOpen ? looks + 1 : 0
    if (!socket.isOpen) return
    if (!mustBark(looks, wordsAreOut(), heardSince)) return looked()
    looks = 0
    stuck(true)
    socket.drop()
  }
  function rest(): void {
    if (timer !== null) ports.clearTimeout(timer)
    timer = null
    stuck(false)
  }
  return {
    watch: (first) => {
      if (first === watched) return
      watched = first
      rest()
      looks = 0
      heardAt = socket.heardAt
      if (first !== null) timer = ports.setTimeout(look, WATCHDOG_MS)
    },
    close: rest,
  }
}
