// All devices: some in this process, some in others that can be killed, stopped and started again from their local stores. Each has a network of its own.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Watchable } from '@skein/testing'
import { Crew, type Order, type Report } from './crew.ts'
import type { DeviceOptions, DeviceState } from './device.ts'
import type { History, View } from './history.ts'
import type { Proxy } from './proxy.ts'
import { seedOf } from './random.ts'
import { compileCache } from './world.ts'

export type Plan = Omit<DeviceOptions, 'life' | 'seed' | 'server'> & { proxy: Proxy }

/** Devices of one process. */
export class Host {
  readonly plans: readonly Plan[]
  /** null: in this process, which nobody kills. */
  child: ChildProcess | null = null
  paused = false
  order: (order: Order) => void = () => {}
  #life = 0
  #dying = false
  #closed = (): void => {}
  readonly #fleet: Fleet
  readonly #apart: boolean

  constructor(fleet: Fleet, plans: readonly Plan[], apart: boolean) {
    this.#fleet = fleet
    this.plans = plans
    this.#apart = apart
  }

  start(): void {
    this.#dying = false
    const report = (said: Report): void => ('closed' in said ? this.#closed() : this.#fleet.report(said))
    if (this.#apart) {
      const child = fork(fileURLToPath(new URL('./crew-process.ts', import.meta.url)), {
        serialization: 'json',
        env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
      })
      child.on('message', (said: Report) => {
        if (this.child === child) report(said)
      })
      child.on('exit', (code, signal) => {
        if (!this.#dying && !this.#fleet.closing) report({ event: { is: 'broken', what: `A process of devices ended by itself: ${code ?? signal}` } })
      })
      this.child = child
      // What it cannot be told any more it need not know.
      this.order = (order) => void child.send(order, () => {})
    } else this.order = new Crew(report).order
    for (const { proxy, ...plan } of this.plans) {
      const seed = seedOf(seedOf(this.#fleet.seed, this.#life), this.#fleet.numberOf(plan.name))
      this.order({ do: 'open', options: { ...plan, server: proxy.origin, life: this.#life, seed } })
    }
    this.#life++
    this.order({ do: 'talk', on: this.#fleet.talking })
  }

  /** SIGKILL in the middle of whatever it does. */
  async kill(): Promise<void> {
    const { child } = this
    if (!child) return
    this.#dying = true
    // What it has said before it died counts: it is read to its end.
    const over = once(child, 'close')
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await Promise.all([over, gone])
    this.child = null
    this.paused = false
    for (const { name } of this.plans) this.#fleet.forget(name)
  }
  pause(): void {
    this.paused = this.child?.kill('SIGSTOP') ?? false
  }
  resume(): void {
    if (this.paused) this.child?.kill('SIGCONT')
    this.paused = false
  }
  /** Every engine says that what it has is on disk. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#closed = resolve
    })
    const gone = this.child && this.child.exitCode === null && this.child.signalCode === null ? once(this.child, 'exit') : null
    this.order({ do: 'close' })
    await (gone ?? (this.child ? null : closed))
  }
}

export class Fleet implements Watchable {
  readonly seed: number
  readonly hosts: Host[] = []
  readonly states = new Map<string, DeviceState>()
  talking = false
  closing = false
  readonly #history: History
  readonly #listeners = new Set<() => void>()
  readonly #names: string[] = []
  #shown: View[] = []

  constructor(seed: number, history: History) {
    this.seed = seed
    this.#history = history
    history.listen(() => this.#wake())
  }

  add(plans: readonly Plan[], apart: boolean): Host {
    const host = new Host(this, plans, apart)
    for (const { name } of plans) this.#names.push(name)
    this.hosts.push(host)
    host.start()
    return host
  }
  numberOf = (name: string): number => this.#names.indexOf(name)
  get names(): readonly string[] {
    return this.#names
  }

  report(said: Exclude<Report, { closed: true }>): void {
    if ('event' in said) this.#history.add(said.event)
    else if ('state' in said) this.states.set(said.state.device, said.state)
    else if ('shown' in said) this.#shown.push(...said.shown)
    this.#wake()
  }
  forget(name: string): void {
    this.states.delete(name)
    this.#wake()
  }
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  #wake(): void {
    for (const listener of this.#listeners) listener()
  }

  order(order: Order): void {
    if (order.do === 'talk') this.talking = order.on
    for (const host of this.hosts) host.order(order)
  }
  /** Handed to a document whose server is there, and not stored as far as anybody knows. */
  get inFlight(): number {
    return [...this.states.values()].reduce((sum, { connected, inFlight }) => sum + (connected ? inFlight : 0), 0)
  }
  get connected(): number {
    return [...this.states.values()].filter(({ connected, ready }) => connected && ready).length
  }
  every(is: (state: DeviceState) => boolean): boolean {
    return this.#names.every((name) => {
      const state = this.states.get(name)
      return state !== undefined && is(state)
    })
  }
  /** Of those that show all that is expected. */
  views(): View[] {
    return [...this.states.values()].flatMap(({ views }) => views ?? [])
  }
  /** What everybody shows now, of those who answer at once. */
  async showAnyhow(): Promise<View[]> {
    this.#shown = []
    this.order({ do: 'show' })
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    return this.#shown
  }
  async close(): Promise<void> {
    if (this.closing) return
    this.closing = true
    await Promise.all(this.hosts.map((host) => host.close()))
  }
}
