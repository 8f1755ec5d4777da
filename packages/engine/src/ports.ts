// What the engine takes from its surroundings. Two sets of ports exist, browser/ports.ts and node/ports.ts; tests hand in their own clock and randomness.
import type { Sha256 } from '@skein/protocol'
import type * as Y from 'yjs'
import { EngineError } from './types.ts'

export type Timer = ReturnType<typeof setTimeout> | number

/** Mutual exclusion between tabs: Web Locks, or a stand-in. */
export interface Locks {
  /** Waits for the lock, then holds it until `work` settles. Rejects when `signal` aborts the waiting, and while `work` goes on when another steals the lock. */
  hold<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>
  /** Takes the lock from whoever holds it. */
  steal<T>(name: string, work: () => Promise<T>): Promise<T>
}

/** Of the page that the engine runs in. An `asleep` page is about to stand still or to go: it runs nothing more until it wakes, if ever. */
export type PageState = 'visible' | 'hidden' | 'asleep'

/** A broadcast to the other tabs of the same person; one's own messages do not come back. */
export interface Channel {
  post(message: unknown): void
  close(): void
}

/** Local copies of live documents; only a cache, so every failure means "nothing there". */
export interface DocumentCache {
  /** Loads what is stored under the name into the document and keeps storing; `loaded` may never settle (I3). */
  open(name: string, document: Y.Doc): { loaded: Promise<unknown>; close(): Promise<void> }
  remove(name: string): Promise<void>
}

export interface Ports {
  fetch(url: string, init: RequestInit): Promise<Response>
  WebSocket: new (url: string) => WebSocket
  /** Milliseconds since 1970. */
  now(): number
  randomBytes(count: number): Uint8Array
  setTimeout(run: () => void, ms: number): Timer
  clearTimeout(timer: Timer): void
  sha256: Sha256
  locks?: Locks
  channel?(name: string, receive: (message: unknown) => void): Channel
  /** Told of failures that nobody waits for: each is a bug. */
  report?(error: unknown): void
  /** Calls back with true when the network may be there again, with false when it is gone for sure; returns the way to stop that. */
  onlineEvents?(listener: (online: boolean) => void): () => void
  /** Calls back with the page's state at once and whenever it changes; returns the way to stop that. */
  pageStates?(listener: (state: PageState) => void): () => void
  documentCache?: DocumentCache
  /** The browser's say over what it stores for this page. */
  storage?: {
    /** What may be stored at most; null where the browser does not tell. */
    quotaBytes(): Promise<number | null>
    /** The browser does not throw it away to make room (I6). */
    persisted(): Promise<boolean>
    /** Asks for that; the answer is the browser's or the person's. */
    persist(): Promise<boolean>
  }
}

/** Whatever was still going on when the engine closed, or when the tab stopped leading. */
export class EngineClosed extends Error {}

/** Work that nobody waits for. */
export function inBackground(work: Promise<unknown>, ports: Ports): void {
  work.catch((error: unknown) => {
    const told = error instanceof EngineError && error.code === 'newer-version'
    if (!told && !(error instanceof EngineClosed)) ports.report?.(error)
  })
}

/** A number in [0, 1). */
export function randomFraction(ports: Ports): number {
  return ports.randomBytes(6).reduce((sum, byte) => (sum + byte) / 256, 0)
}

/** What is left of `ms` since `since`; nothing when the clock was set back. */
export const leftOf = (ms: number, since: number, now: number): number => (now < since ? 0 : Math.max(0, since + ms - now))

/** Over so many milliseconds devices come back to a server that said that it restarts: all of them were told at once. */
export const RESTART_SPREAD_MS = 2_000

/** Exponential backoff with full jitter, from the first attempt on (H9). */
export function backoffMs(attempt: number, ports: Ports, firstMs = 1_000, maxMs = 30_000): number {
  return Math.floor(randomFraction(ports) * Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 16)))
}
