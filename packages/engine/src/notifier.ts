// Tells listeners that something changed, at most once a frame: at once after a quiet time, else at the next frame.
import type { Ports, Timer } from './ports.ts'

const FRAME_MS = 16

export interface Notifier {
  changed(): void
  subscribe(listener: () => void): () => void
  close(): void
}

export function createNotifier(ports: Ports): Notifier {
  const listeners = new Set<() => void>()
  let timer: Timer | null = null
  let lastAt = -Infinity
  let closed = false

  function tell(): void {
    timer = null
    lastAt = ports.now()
    // A copy: who comes back while being told would otherwise be told for ever.
    for (const listener of Array.from(listeners)) listener()
  }
  return {
    changed: () => {
      if (closed || timer !== null) return
      timer = ports.setTimeout(tell, Math.max(0, lastAt + FRAME_MS - ports.now()))
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close: () => {
      closed = true
      if (timer !== null) ports.clearTimeout(timer)
      listeners.clear()
    },
  }
}
