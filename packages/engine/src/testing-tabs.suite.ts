// Stand-ins for Web Locks, BroadcastChannel and the page's life cycle, shared by engines that play the tabs of one browser.
import { browserPorts } from './browser/ports.ts'
import { nodePorts } from './node/index.ts'
import type { Channel, Locks, PageState, Ports } from './ports.ts'
import type { StoreFactory } from './store/store.ts'

export interface TestTab {
  ports: Ports
  /** The browser tells the page its state. */
  show(state: PageState): void
  /** As when the process is stopped: timers, messages and locks say nothing until it wakes. What comes from the network and the disk still does. */
  stun(): void
  wake(): void
}

export interface Browser {
  locks: Locks
  channel(name: string, receive: (message: unknown) => void): Channel
  /** All that was posted. */
  readonly posted: unknown[]
  openTab(stores: StoreFactory): TestTab
}

interface Waiting {
  grant(): void
}

export function openBrowser(): Browser {
  const holders = new Map<string, { rob(): void }>()
  const queues = new Map<string, Waiting[]>()
  const channels = new Map<string, Set<(message: unknown) => void>>()
  const posted: unknown[] = []

  function next(name: string): void {
    if (!holders.has(name)) queues.get(name)?.shift()?.grant()
  }
  /** Runs `work` as the holder of the lock, which is free. */
  async function hold<T>(name: string, work: () => Promise<T>): Promise<T> {
    const robbed = Promise.withResolvers<never>()
    const holder = { rob: () => robbed.reject(new DOMException('stolen', 'AbortError')) }
    holders.set(name, holder)
    try {
      return await Promise.race([work(), robbed.promise])
    } finally {
      if (holders.get(name) === holder) {
        holders.delete(name)
        next(name)
      }
    }
  }
  const locks: Locks = {
    hold: (name, signal, work) =>
      new Promise((resolve, reject) => {
        const queue = queues.get(name) ?? []
        queues.set(name, queue)
        const waiting = { grant: () => void hold(name, work).then(resolve, reject) }
        queue.push(waiting)
        signal.addEventListener('abort', () => {
          const at = queue.indexOf(waiting)
          if (at < 0) return
          queue.splice(at, 1)
          reject(new DOMException('aborted', 'AbortError'))
        })
        next(name)
      }),
    steal: (name, work) => {
      holders.get(name)?.rob()
      holders.delete(name)
      return hold(name, work)
    },
  }
  function channel(name: string, receive: (message: unknown) => void): Channel {
    const others = channels.get(name) ?? new Set()
    channels.set(name, others)
    others.add(receive)
    return {
      post: (message) => {
        // As a browser's does.
        if (!others.has(receive)) throw new Error('Channel is closed')
        posted.push(message)
        const copy = structuredClone(message)
        for (const other of others) if (other !== receive) queueMicrotask(() => others.has(other) && other(copy))
      },
      close: () => void others.delete(receive),
    }
  }
  return {
    locks,
    channel,
    posted,
    openTab: (stores) => {
      const { documentCache } = browserPorts()
      const { setTimeout: wait, ...ports } = nodePorts(stores)
      const listeners = new Set<(state: PageState) => void>()
      let state: PageState = 'visible'
      let stunned: (() => void)[] | null = null
      const awake = (run: () => void): void => {
        if (stunned) stunned.push(run)
        else run()
      }
      /** The answer of a lock is heard only when awake. */
      const heard = <T>(work: Promise<T>): Promise<T> =>
        new Promise((resolve, reject) => {
          work.then(
            (value) => awake(() => resolve(value)),
            (error: unknown) => awake(() => reject(error instanceof Error ? error : new Error(String(error)))),
          )
        })
      return {
        ports: {
          ...ports,
          ...(documentCache ? { documentCache } : {}),
          setTimeout: (run, ms) => wait(() => awake(run), ms),
          locks: {
            hold: (name, signal, work) => heard(locks.hold(name, signal, work)),
            steal: (name, work) => heard(locks.steal(name, work)),
          },
          channel: (name, receive) => channel(name, (message) => awake(() => receive(message))),
          pageStates: (listener) => {
            listeners.add(listener)
            listener(state)
            return () => void listeners.delete(listener)
          },
        },
        show: (now) => {
          state = now
          for (const listener of listeners) listener(now)
        },
        stun: () => {
          stunned = []
        },
        wake: () => {
          const missed = stunned ?? []
          stunned = null
          for (const run of missed) run()
        },
      }
    },
  }
}
