// Time: one queue of everything that happens, run one after another in a single thread. What a piece of work starts belongs to whoever it belongs to,
// so that a server or a tab can be stopped dead, whatever it was doing.
import { realImmediate } from './real-timers.ts'
import type { Trace } from './trace.ts'

/** A process, a tab or a disk. */
export class Actor {
  readonly name: string
  /** What its globals are, for a tab. */
  readonly scope: object | null
  alive = true
  /** How far its clock is off, in milliseconds. */
  clockOffset: number
  /** Set while it is frozen: what it should have done meanwhile. */
  held: Task[] | null = null

  constructor(name: string, options: { scope?: object; clockOffset?: number } = {}) {
    this.name = name
    this.scope = options.scope ?? null
    this.clockOffset = options.clockOffset ?? 0
  }
}

export interface Task {
  at: number
  order: number
  actor: Actor
  run: () => void
  cancelled: boolean
}

const before = (a: Task, b: Task): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

export class Scheduler {
  readonly trace: Trace
  readonly harness = new Actor('harness')
  now: number
  current: Actor = this.harness
  /** What ended in an exception that nobody caught. */
  readonly failures: unknown[] = []
  ran = 0
  readonly #heap: Task[] = []
  #order = 0

  constructor(start: number, trace: Trace) {
    this.now = start
    this.trace = trace
  }

  /** Runs later, as `actor`. */
  post(actor: Actor, delayMs: number, run: () => void): Task {
    const task: Task = { at: this.now + Math.max(0, delayMs), order: this.#order++, actor, run, cancelled: false }
    this.#push(task)
    return task
  }

  freeze(actor: Actor): void {
    actor.held ??= []
  }

  thaw(actor: Actor): void {
    const held = actor.held ?? []
    actor.held = null
    for (const task of held) {
      task.at = this.now
      task.order = this.#order++
      this.#push(task)
    }
  }

  /** Runs everything that falls due in this time; ends early once `done` holds. */
  async runFor(ms: number, done: () => boolean = () => false): Promise<boolean> {
    const end = this.now + ms
    for (let next = this.#heap[0]; next && next.at <= end; next = this.#heap[0]) {
      if (done()) return true
      this.#pop()
      if (next.cancelled || !next.actor.alive) continue
      if (next.actor.held) {
        next.actor.held.push(next)
        continue
      }
      this.now = Math.max(this.now, next.at)
      this.current = next.actor
      this.ran++
      this.trace.add(next.actor.name, this.now)
      try {
        next.run()
      } catch (error) {
        this.failures.push(error)
      }
      // Everything that follows without waiting for time or I/O.
      await new Promise<void>((resolve) => realImmediate(resolve))
      this.current = this.harness
    }
    if (done()) return true
    this.now = Math.max(this.now, end)
    return false
  }

  #push(task: Task): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(task)
    while (at > 0) {
      const up = (at - 1) >> 1
      const parent = heap[up]
      if (!parent || before(parent, task)) break
      heap[at] = parent
      at = up
    }
    heap[at] = task
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (!last || heap.length === 0) return
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const right = left + 1
      let next = heap[left]
      let place = left
      const other = heap[right]
      if (next && other && before(other, next)) {
        next = other
        place = right
      }
      if (!next || before(last, next)) break
      heap[at] = next
      at = place
    }
    heap[at] = last
  }
}
