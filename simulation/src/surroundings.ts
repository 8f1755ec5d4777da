// Takes the place of the process's clock, timers and randomness, before any library has kept them. Outside of a run they are the real ones.
import { createRequire, syncBuiltinESMExports } from 'node:module'
import type { Random } from './random.ts'
import { realNow } from './real-timers.ts'
import type { Scheduler, Task } from './scheduler.ts'

export interface Run {
  scheduler: Scheduler
  /** What libraries draw from. */
  random: Random
}

let run: Run | null = null

/** From now on time, timers and randomness are this run's; null: the real ones. */
export function surroundWith(next: Run | null): void {
  run = next
}

const load = createRequire(import.meta.url)
const RealDate = Date
const realTimers = { ...load('node:timers') } as typeof import('node:timers')
const realTimersPromises = { ...load('node:timers/promises') } as typeof import('node:timers/promises')
const realRandom = Math.random.bind(Math)

const nowOf = ({ scheduler }: Run): number => Math.floor(scheduler.now) + scheduler.current.clockOffset

class SimulatedDate extends RealDate {
  constructor(...given: []) {
    if (given.length === 0 && run) super(nowOf(run))
    else super(...given)
  }
  static override now(): number {
    return run ? nowOf(run) : realNow()
  }
}

/** What setTimeout returns. */
class Timer {
  task: Task | null
  constructor(task: Task) {
    this.task = task
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  hasRef(): boolean {
    return true
  }
}

type Callback = (...values: unknown[]) => void

function setTimeoutNow(callback: Callback, ms?: number, ...values: unknown[]): unknown {
  if (!run) return realTimers.setTimeout(callback, ms, ...values)
  const { scheduler } = run
  return new Timer(scheduler.post(scheduler.current, Math.max(1, Math.floor(Number(ms) || 0)), () => callback(...values)))
}

function setIntervalNow(callback: Callback, ms?: number, ...values: unknown[]): unknown {
  if (!run) return realTimers.setInterval(callback, ms, ...values)
  const { scheduler } = run
  const actor = scheduler.current
  const wait = Math.max(1, Math.floor(Number(ms) || 0))
  const again = (): Task =>
    scheduler.post(actor, wait, () => {
      timer.task = again()
      callback(...values)
    })
  const timer: Timer = new Timer(again())
  return timer
}

function setImmediateNow(callback: Callback, ...values: unknown[]): unknown {
  if (!run) return realTimers.setImmediate(callback, ...values)
  const { scheduler } = run
  return new Timer(scheduler.post(scheduler.current, 0, () => callback(...values)))
}

function clear(timer: unknown): void {
  if (!(timer instanceof Timer)) return realTimers.clearTimeout(timer as NodeJS.Timeout)
  if (timer.task) timer.task.cancelled = true
}

const timers = {
  setTimeout: setTimeoutNow,
  setInterval: setIntervalNow,
  setImmediate: setImmediateNow,
  clearTimeout: clear,
  clearInterval: clear,
  clearImmediate: clear,
}

const promised = {
  setTimeout: (ms?: number, value?: unknown, options?: object) =>
    run ? new Promise((resolve) => setTimeoutNow(resolve, ms, value)) : realTimersPromises.setTimeout(ms, value, options),
  setImmediate: (value?: unknown) => (run ? new Promise((resolve) => setImmediateNow(resolve, value)) : realTimersPromises.setImmediate(value)),
}

interface CryptoModule {
  webcrypto: { getRandomValues(bytes: Uint8Array): Uint8Array; randomUUID(): string }
  randomUUID(): string
  randomBytes(count: number): Buffer
}
const crypto = load('node:crypto') as CryptoModule
const { webcrypto } = crypto
const real = { values: webcrypto.getRandomValues.bind(webcrypto), uuid: webcrypto.randomUUID.bind(webcrypto), bytes: crypto.randomBytes }

function randomValues<T extends ArrayBufferView>(view: T): T {
  if (!run) real.values(view as unknown as Uint8Array)
  else run.random.into(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
  return view
}
function uuid(): string {
  if (!run) return real.uuid()
  const hex = Buffer.from(run.random.bytes(16)).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}

Object.defineProperty(webcrypto, 'getRandomValues', { value: randomValues, configurable: true })
Object.defineProperty(webcrypto, 'randomUUID', { value: uuid, configurable: true })
Object.assign(crypto, { randomUUID: uuid, randomBytes: (count: number) => (run ? Buffer.from(run.random.bytes(count)) : real.bytes(count)) })
Object.assign(load('node:timers') as object, timers)
Object.assign(load('node:timers/promises') as object, promised)
Object.assign(globalThis, timers, { Date: SimulatedDate })
Math.random = () => (run ? run.random.fraction() : realRandom())
syncBuiltinESMExports()

export const currentScheduler = (): Scheduler | null => run?.scheduler ?? null
