// Everything of one run: people with devices, servers over one database, the network between them, and who watches.
import { journalKey, type ChatId, type OperationId, type UserId } from '@skein/protocol'
import { journalOf, type DeletionJournal } from '@skein/storage'
import type { Logger, Sync } from '@skein/sync-server'
import { DatabaseMachine } from './database.ts'
import type { Device, DeviceWorld, OpenTab } from './device.ts'
import { Troubles, type Rates } from './faults.ts'
import type { Promised } from './healing-checks.ts'
import { Network, type Link } from './network.ts'
import { Random } from './random.ts'
import { Record } from './record.ts'
import { Scheduler, type Actor } from './scheduler.ts'
import { createTokens, ServerNode, sha256 } from './server-node.ts'
import { States } from './states.ts'
import { surroundWith } from './surroundings.ts'
import { Trace } from './trace.ts'
import { createWireWatch } from './wire-watch.ts'
import { Words } from './words.ts'

const START = Date.UTC(2026, 0, 1)

export class Broken extends Error {}

export interface Person {
  name: string
  email: string
  id: UserId
  devices: Device[]
  /** They use the chat in pages that have a log-in of their own. */
  isEmbedded: boolean
}

export interface JoinLink {
  id: string
  token: string
  /** Its maker has been told that it works no more. */
  revoked: boolean
}

export interface WorldOptions {
  seed: number
  keepTrace: boolean
  nodes: number
  rates: Rates
  /** A database with all tables and nothing in it. */
  template: Uint8Array | null
}

export class World implements DeviceWorld {
  readonly options: WorldOptions
  readonly trace: Trace
  readonly scheduler: Scheduler
  /** Decides what happens. */
  readonly random: Random
  readonly network: Network
  readonly machine: DatabaseMachine
  readonly troubles: Troubles
  readonly words = new Words()
  readonly states = new States()
  readonly nodes: ServerNode[] = []
  readonly people: Person[] = []
  readonly chats: ChatId[] = []
  readonly violations: string[] = []
  readonly closings = new Map<string, number>()
  /** What was done, in words. */
  readonly log: string[] = []
  readonly rewound = new Set<ChatId>()
  /** Something may be lost that no chat's history tells of. */
  wasRestored = false
  /** What stands in the deletion journal, which no restore touches. */
  readonly #deleted = new Set<string>()
  readonly journal: DeletionJournal = journalOf(this.#deleted)
  /** Every device has had its time to bring back what a restore lost. */
  healed = false
  /** What some device could prove when a restore lost it. */
  readonly lost: Promised[] = []
  acknowledged = 0
  /** A chat of several people, who come and go. */
  group: ChatId | null = null
  /** Waiting on a disk when a page for which it had failed died: it may have sent them, and nobody on the device can know. */
  readonly unsure = new Set<string>()
  /** Operations that waited and were taken back, and their chats. */
  readonly takenBack = new Map<OperationId, ChatId>()
  /** Links to join it, as far as their makers heard of them. */
  readonly joinLinks: JoinLink[] = []
  /** Copies of the database, oldest first. */
  readonly backups: Uint8Array[] = []
  /** Words said so far: each is another. */
  tokens = 0
  #record: Record
  #nodeCount = 0
  readonly #tabUsers = new WeakMap<Actor, UserId>()
  readonly #environment: Random
  /** Errors that the servers logged. */
  readonly errors: string[] = []

  constructor(options: WorldOptions) {
    this.options = options
    const { seed, rates, template } = options
    this.trace = new Trace(options.keepTrace)
    this.scheduler = new Scheduler(START, this.trace)
    this.random = new Random(seed, 1)
    this.#environment = new Random(seed, 2)
    this.troubles = new Troubles(new Random(seed, 3), rates, () => this.scheduler.now)
    this.machine = new DatabaseMachine(this.scheduler, new Random(seed, 4), template)
    this.machine.mishap = (sql) => this.troubles.database(sql)
    this.machine.committed = () => this.#record.follow()
    this.#record = new Record(
      this.machine,
      () => this.scheduler.now,
      (promise, what) => this.broken(promise, what),
    )
    this.#record.isApart = (chat) => this.rewound.has(chat)
    this.#record.isJournaled = (chat, author, id) => this.#deleted.has(journalKey(chat, author, id, sha256))
    this.#record.mayForget = () => this.troubles.recently(this.scheduler.now, 'disk', Infinity)
    this.#record.epochMoved = () => this.states.enter('epoch moving', this.scheduler.now, 3_000)
    const wire = createWireWatch({
      record: () => this.#record,
      broken: (promise, what) => this.broken(promise, what),
      userOf: (tab) => this.#tabUsers.get(tab) ?? this.#userOfTab(tab),
      // Nobody tells the other servers yet: they learn it with the next commit.
      sinceRemoved: (chat, user) => (options.nodes > 1 ? null : this.#record.sinceLeft(chat, user)),
      isRewound: (chat) => this.rewound.has(chat),
      acknowledged: (count) => {
        this.acknowledged += count
      },
      mayFail: () => this.troubles.recently(this.scheduler.now, 'database', 30_000),
      mayBeLate: () =>
        this.machine.slowMs > 3 ||
        this.scheduler.now - this.machine.slowAt < 30_000 ||
        this.troubles.recently(this.scheduler.now, 'database', 30_000),
      closed: (reason) => void this.closings.set(reason, (this.closings.get(reason) ?? 0) + 1),
    })
    this.network = new Network(this.scheduler, new Random(seed, 5), wire, () => this.random.pick(this.nodes.filter((node) => node.isUp)) ?? null)
    surroundWith({ scheduler: this.scheduler, random: this.#environment })
  }

  record(): Record {
    return this.#record
  }
  get devices(): Device[] {
    return this.people.flatMap((person) => person.devices)
  }
  nameOf(user: UserId): string {
    return this.people.find(({ id }) => id === user)?.name ?? user
  }
  broken(promise: string, what: string): void {
    this.violations.push(`${promise}: ${what}`)
  }
  diskMishap(fullUntil: number): ReturnType<Troubles['disk']> {
    return this.troubles.disk(fullUntil)
  }
  evicted(device: Device, chat: ChatId): void {
    for (const promised of this.lost.splice(0)) if (promised.device !== device || promised.chat !== chat) this.lost.push(promised)
  }
  isRewound(chat: ChatId): boolean {
    return this.rewound.has(chat)
  }
  /** Its past was lost, and devices may still be bringing it back. */
  isUnhealed(chat: ChatId): boolean {
    return this.rewound.has(chat) && !this.healed
  }
  say(what: string): void {
    this.log.push(`${((this.scheduler.now - START) / 1000).toFixed(3).padStart(9)}  ${what}`)
    this.trace.add(what, 0)
  }
  /** For sockets of nobody's device. */
  claim(tab: Actor, user: UserId): void {
    this.#tabUsers.set(tab, user)
  }
  #userOfTab(tab: Actor): UserId | null {
    for (const device of this.devices) for (const open of device.tabs) if (open.tab.actor === tab) return device.user
    return null
  }

  token(user: UserId, name: string): Promise<string> {
    return createTokens(() => Math.floor(this.scheduler.now)).issue({ sub: user, name, sid: 'hostile' })
  }

  ticket(user: UserId, name: string): Promise<string> {
    return createTokens(() => Math.floor(this.scheduler.now)).issueTicket({ sub: user, name, sid: 'plain' })
  }

  link(): Link {
    return { up: true, slowMs: this.random.pick([4, 20, 80, 400]) ?? 20, lost: 0, doubled: 0, unanswered: 0 }
  }

  startNode(): ServerNode {
    const ignore = (): void => {}
    const told = (fields: object, message: string): string => {
      const { err, error } = fields as { err?: unknown; error?: unknown }
      if (error) return `${message}: ${JSON.stringify(fields)}`
      return err instanceof Error ? `${message}: ${err.name} ${err.message}` : message
    }
    const logger: Logger = {
      debug: ignore,
      info: ignore,
      warn: (fields, message) => this.trace.add(told(fields, message), 0),
      error: (fields, message) => {
        this.errors.push(told(fields, message))
        // Nobody, honest or not, gets anything committed that no document takes.
        if (message.startsWith('a document is broken')) this.broken('promise 2', told(fields, message))
      },
    }
    const node = new ServerNode({
      name: `server ${++this.#nodeCount}`,
      scheduler: this.scheduler,
      random: this.#environment,
      database: this.machine,
      logger,
      syncFaults: this.troubles.sync,
      storageFaults: this.troubles.storage,
      journal: this.journal,
      clockOffset: this.random.between(-50, 50),
    })
    this.nodes.push(node)
    node.start()
    return node
  }

  /** Ends a server; another one takes its place when `again`. */
  killNode(node: ServerNode, again: boolean): void {
    const at = this.nodes.indexOf(node)
    // A restore has ended it while it was stopping.
    if (at < 0) return
    this.nodes.splice(at, 1)
    node.kill()
    this.network.died(node)
    if (again) this.startNode()
  }

  syncs(): Sync[] {
    return this.nodes.flatMap((node) => node.sync ?? [])
  }

  async run(ms: number, done?: () => boolean): Promise<boolean> {
    const result = await this.scheduler.runFor(ms, done)
    for (const failure of this.scheduler.failures.splice(0))
      this.broken('nothing throws', failure instanceof Error ? (failure.stack ?? String(failure)) : String(failure))
    return result
  }

  /** Runs until it holds; what never comes is a failure of the run. */
  async until(what: string, done: () => boolean, withinMs: number): Promise<void> {
    if (!(await this.run(withinMs, done))) throw new Broken(`liveness: ${what} did not come within ${withinMs / 1000} s`)
  }

  /** Does something as a tab and waits for nothing. What an engine refuses with a word of its own is in order. */
  as(actor: Actor, work: () => Promise<unknown> | void, after: (result: 'done' | 'refused', value: unknown) => void = () => {}): void {
    this.scheduler.post(actor, 0, () => {
      let going: Promise<unknown>
      try {
        going = Promise.resolve(work())
      } catch (error) {
        going = Promise.reject(error as Error)
      }
      going.then(
        (value) => after('done', value),
        (error: unknown) => {
          if (error instanceof Error && (error.name === 'EngineError' || error.constructor.name === 'EngineClosed')) after('refused', error)
          else this.scheduler.failures.push(error)
        },
      )
    })
  }

  /** Somebody logs in on a tab: with their password, or since the page it stands in says so. */
  logIn({ email, isEmbedded }: Person, { tab, engine }: OpenTab, after?: (result: 'done' | 'refused', value: unknown) => void): void {
    this.as(tab.actor, () => (isEmbedded ? engine.tokenChanged() : engine.login(email, 'correct horse')), after)
  }

  close(): void {
    surroundWith(null)
    this.machine.close()
  }
}
