// Whom the person has blocked: asked once for each engine when somebody wants to know, then kept as it changes here. Without a network what was known stays.
import type { Engine } from '@skein/engine'
import type { UserId } from '@skein/protocol'
import type { LitElement, ReactiveController } from 'lit'
import type { EngineController } from './engine-context.ts'

interface Known {
  people: ReadonlySet<UserId>
  asked: boolean
  hosts: Set<LitElement>
}
const known = new WeakMap<Engine, Known>()

export class BlockedController implements ReactiveController {
  #host: LitElement
  #engine: EngineController
  #of: Known | undefined

  constructor(host: LitElement, engine: EngineController) {
    this.#host = host
    this.#engine = engine
    host.addController(this)
  }

  #find(engine: Engine): Known {
    const of = known.get(engine) ?? { people: new Set(), asked: false, hosts: new Set() }
    known.set(engine, of)
    if (of !== this.#of) this.hostDisconnected()
    of.hosts.add(this.#host)
    this.#of = of
    return of
  }

  /** The other person of a direct chat, or nobody. */
  has(person: UserId | null): boolean {
    const { engine } = this.#engine
    if (!engine || person === null) return false
    const of = this.#find(engine)
    if (!of.asked && engine.network.connected) void this.learn()
    return of.people.has(person)
  }

  async learn(): Promise<void> {
    const { required: engine } = this.#engine
    const of = this.#find(engine)
    of.asked = true
    try {
      of.people = new Set((await engine.contacts.blocked()).map(({ id }) => id))
      for (const host of of.hosts) host.requestUpdate()
    } catch {
      of.asked = false
    }
  }

  hostDisconnected(): void {
    this.#of?.hosts.delete(this.#host)
    this.#of = undefined
  }
}
