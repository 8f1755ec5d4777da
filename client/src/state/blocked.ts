// Whom the person has blocked: asked when somebody first wants to know, and again whenever a chat or its menu is opened. Without a network what was known stays.
import type { Engine } from '@skein/engine'
import type { UserId } from '@skein/protocol'
import type { LitElement, ReactiveController } from 'lit'
import type { EngineController } from './engine-context.ts'

interface Known {
  /** Whose list it is: an engine may have another person later. */
  of: UserId | null
  people: ReadonlySet<UserId>
  asked: boolean
  hosts: Set<LitElement>
}
const known = new WeakMap<Engine, Known>()

const personOf = ({ session }: Engine): UserId | null => (session.status === 'logged-in' ? session.user.id : null)

function knownTo(engine: Engine): Known {
  const before = known.get(engine)
  const of = personOf(engine)
  if (before?.of === of) return before
  const fresh: Known = { of, people: new Set(), asked: false, hosts: before?.hosts ?? new Set() }
  known.set(engine, fresh)
  return fresh
}

export class BlockedController implements ReactiveController {
  #host: LitElement
  #engine: EngineController
  #hosts: Set<LitElement> | undefined

  constructor(host: LitElement, engine: EngineController) {
    this.#host = host
    this.#engine = engine
    host.addController(this)
  }

  /** The other person of a direct chat; null: nobody. */
  has(person: UserId | null): boolean {
    const { engine } = this.#engine
    if (!engine || person === null) return false
    const now = knownTo(engine)
    if (now.hosts !== this.#hosts) {
      this.hostDisconnected()
      now.hosts.add(this.#host)
      this.#hosts = now.hosts
    }
    if (!now.asked && engine.network.connected) void this.learn()
    return now.people.has(person)
  }

  /** Asks anew. */
  async learn(): Promise<void> {
    const { required: engine } = this.#engine
    const asked = knownTo(engine)
    asked.asked = true
    const answer = await engine.contacts.blocked().catch(() => null)
    // Somebody else may be there by now.
    if (!answer || knownTo(engine) !== asked) return
    asked.people = new Set(answer.map(({ id }) => id))
    for (const host of asked.hosts) host.requestUpdate()
  }

  hostDisconnected(): void {
    this.#hosts?.delete(this.#host)
    this.#hosts = undefined
  }
}
