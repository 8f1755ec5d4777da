// Stand-ins for Web Locks and BroadcastChannel, shared by engines that play the tabs of one browser.
import type { Channel, Locks } from './ports.ts'

export interface Browser {
  locks: Locks
  channel(name: string, receive: (message: unknown) => void): Channel
}

export function openBrowser(): Browser {
  const queues = new Map<string, Promise<void>>()
  const channels = new Map<string, Set<(message: unknown) => void>>()
  return {
    locks: {
      hold: async (name, signal, work) => {
        const before = queues.get(name) ?? Promise.resolve()
        const gate = Promise.withResolvers<void>()
        queues.set(
          name,
          before.then(() => gate.promise),
        )
        try {
          await Promise.race([before, new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))])
          return await work()
        } finally {
          gate.resolve()
        }
      },
    },
    channel: (name, receive) => {
      const others = channels.get(name) ?? new Set()
      channels.set(name, others)
      others.add(receive)
      return {
        post: (message) => {
          // As a browser's does.
          if (!others.has(receive)) throw new Error('Channel is closed')
          const copy = structuredClone(message)
          for (const other of others) if (other !== receive) queueMicrotask(() => others.has(other) && other(copy))
        },
        close: () => void others.delete(receive),
      }
    },
  }
}
