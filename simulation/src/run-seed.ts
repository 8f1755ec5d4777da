// One seed: a world, its people, some sixty steps with everything checked after each, and the end.
import { chatIdOf, type ChatId, type UserId } from '@skein/protocol'
import { checkAll } from './checks.ts'
import { Device } from './device.ts'
import { checkErasure } from './erasure-checks.ts'
import { settle } from './liveness.ts'
import { setLimits } from './lowered-limits.ts'
import { allSteps } from './all-steps.ts'
import { backUp } from './restore.ts'
import { issuedToken } from './server-node.ts'
import { openWindow, seats, type Step } from './steps.ts'
import { Broken, World, type Person } from './world.ts'

export interface Outcome {
  seed: number
  violations: string[]
  log: string[]
  digest: string
  lines: string[]
  pairs: ReadonlyMap<string, number>
  steps: Map<string, number>
  faults: Map<string, number>
  closings: Map<string, number>
  operations: number
  commits: number
  acknowledged: number
  simulatedMs: number
  epochs: number
  errors: string[]
}

const STEPS = 60

/** A database with its tables, made once: every run starts from the same bytes. */
let template: Uint8Array | null = null

async function makeTemplate(): Promise<Uint8Array> {
  const world = new World({ seed: 0, keepTrace: false, nodes: 1, rates: { sync: 0, storage: 0, database: 0, disk: 0 }, template: null })
  world.startNode()
  await world.until('the server', () => world.nodes.every(({ isUp }) => isUp), 60_000)
  const copy = world.machine.backup()
  world.close()
  return copy
}

export async function runSeed(seed: number, options: { keepTrace?: boolean } = {}): Promise<Outcome> {
  template ??= await makeTemplate()
  const nodes = seed % 3 === 2 ? 1 + (seed % 2) + (seed % 5 === 0 ? 1 : 0) : 1
  const troubled = seed % 4 !== 0
  const world = new World({
    seed,
    keepTrace: options.keepTrace ?? false,
    nodes,
    rates: troubled ? { sync: 0.04, storage: 0.01, database: 0.01, disk: seed % 8 === 3 ? 0.02 : 0 } : { sync: 0, storage: 0, database: 0, disk: 0 },
    template,
  })
  setLimits(seed % 2 === 1)
  const steps = new Map<string, number>()
  const start = world.scheduler.now
  try {
    await prepare(world)
    world.troubles.on = troubled
    const kinds = allSteps(world)
    for (let step = 0; step < STEPS && world.violations.length === 0; step++) {
      const kind = choose(world, kinds)
      if (kind) steps.set(kind.name, (steps.get(kind.name) ?? 0) + 1)
      await world.run(pause(world))
      look(world)
      if (step % 12 === 6) backUp(world)
      checkAll(world)
    }
    if (world.violations.length === 0) await settle(world)
    if (world.violations.length === 0) await checkErasure(world)
  } catch (error) {
    if (error instanceof Broken) world.violations.push(error.message)
    else world.violations.push(error instanceof Error ? (error.stack ?? String(error)) : String(error))
  }
  const record = world.record()
  const outcome: Outcome = {
    seed,
    violations: world.violations,
    log: world.log,
    digest: world.trace.digest,
    lines: world.trace.lines ?? [],
    pairs: world.states.pairs,
    steps,
    faults: world.troubles.met,
    closings: world.closings,
    operations: record.operations,
    commits: record.commits,
    acknowledged: world.acknowledged,
    simulatedMs: world.scheduler.now - start,
    epochs: [...record.chats.values()].reduce((sum, chat) => sum + chat.epochs, 0),
    errors: world.errors,
  }
  world.close()
  return outcome
}

function choose(world: World, kinds: readonly Step[]): Step | null {
  const total = kinds.reduce((sum, { weight }) => sum + weight, 0)
  for (let tries = 0; tries < 5; tries++) {
    let at = world.random.fraction() * total
    const kind = kinds.find(({ weight }) => (at -= weight) < 0)
    if (kind?.run(world)) return kind
  }
  return null
}

function pause(world: World): number {
  const { random } = world
  const kind = random.fraction()
  if (kind < 0.45) return random.between(0, 60)
  if (kind < 0.85) return random.between(60, 1_500)
  return kind < 0.98 ? random.between(1_500, 12_000) : random.between(30_000, 100_000)
}

function look(world: World): void {
  const { states, scheduler } = world
  const { now } = scheduler
  for (const device of world.devices) {
    if (!device.link.up) states.enter('offline', now, 0)
    if (device.tabs.length > 1) states.enter('two tabs', now, 0)
    for (const { frozen } of device.tabs) if (frozen) states.enter('frozen', now, 0)
    for (const { state } of device.outbox.values()) states.enter(state.at === 'aside' ? 'set aside' : 'waiting words', now, 0)
  }
  if (world.troubles.recently(now, 'database')) states.enter('database failing', now, 0)
  if (world.troubles.recently(now, 'disk')) states.enter('disk failing', now, 0)
  if (world.nodes.length > 1) states.enter('several servers', now, 0)
  states.look(now)
}

const NAMES = ['Alice', 'Bob', 'Carol', 'Dave']

/** Accounts, devices and chats; nothing goes wrong meanwhile. */
async function prepare(world: World): Promise<void> {
  const { random, options } = world
  world.startNode()
  await world.until('the server', () => world.nodes.every(({ isUp }) => isUp), 60_000)
  const people = random.between(2, 3)
  const ids = new Map<string, UserId>()
  for (const name of NAMES.slice(0, people)) {
    const isEmbedded = random.chance(0.2)
    const person: Person = { name, email: `${name.toLowerCase()}@example.org`, id: '' as UserId, devices: [], isEmbedded }
    const getToken = async (): Promise<string> => {
      // The page's own server has its bad moments, too.
      if (world.troubles.on && random.chance(0.1)) throw new Error('The page has no token.')
      return issuedToken(person, world.scheduler.now)
    }
    const identity = isEmbedded ? { getToken, subject: () => person.email } : null
    world.people.push(person)
    const count = random.chance(0.4) ? 2 : 1
    for (let n = 1; n <= count; n++) {
      const kind = random.chance(0.3) ? 'indexeddb' : 'memory'
      const device = new Device(`${name} ${n}`, world, {
        kind,
        clockOffset: random.chance(0.3) ? random.between(-12 * 3_600_000, 12 * 3_600_000) : random.between(-2_000, 2_000),
        link: world.link(),
        // Half of it is for rows: some dozen.
        quota: random.chance(0.25) ? random.between(8_000, 40_000) : null,
        identity,
      })
      person.devices.push(device)
      let done = false
      device.openTab((open) => {
        const entered = (_: 'done' | 'refused', problem: unknown): void => {
          if (problem instanceof Error) world.broken('prepare', problem.message)
          done = true
        }
        if (n > 1 || isEmbedded) world.logIn(person, open, entered)
        else world.as(open.tab.actor, () => open.engine.register(person.email, name, 'correct horse'), entered)
      })
      await world.until(`${device.name} to log in`, () => done, 60_000)
      const { session } = device.tabs[0]?.engine ?? {}
      if (session?.status !== 'logged-in') throw new Broken(`prepare: ${device.name} is ${session?.status}`)
      device.user = session.user.id
      person.id = session.user.id
      ids.set(name, person.id)
      if (random.chance(0.35)) await secondTab(world, device)
    }
  }
  const [first] = world.people
  for (const other of world.people.slice(1)) {
    const open = first?.devices[0]?.tabs[0]
    if (!open) throw new Broken('prepare: nobody is there')
    let chat: ChatId | null = null
    world.as(
      open.tab.actor,
      () => open.engine.directChat(other.id),
      (_, id) => {
        chat = id as ChatId
      },
    )
    await world.until('a chat', () => chat !== null, 10_000)
    if (chat) world.chats.push(chat)
    const text = `hello ${other.name}`
    world.as(open.tab.actor, () => (chat ? open.engine.send(chat, text) : undefined))
  }
  const known = (): boolean => world.devices.every((device) => device.tabs.every(({ engine }) => engine.chats.some(({ lastMessage }) => lastMessage)))
  await world.until('everybody to know a chat', known, 120_000)
  for (const seat of seats(world)) for (const { id } of seat.open.engine.chats) if (random.chance(0.7)) openWindow(world, seat, id)
  await beginGroup(world)
  for (let i = 1; i < options.nodes; i++) world.startNode()
  await world.run(500)
}

/** A group of everybody; the API has no route that makes one yet. */
async function beginGroup(world: World): Promise<void> {
  const [node] = world.nodes
  const { storage, sync } = node ?? {}
  const members = world.people.map(({ id }) => id)
  const [by] = members
  if (!node || !storage || !sync || !by) return
  const id = chatIdOf(world.random.bytes(17))
  world.scheduler.post(node.actor, 0, () => {
    storage.createChat({ id, kind: 'group', title: 'Crew', by, members, fromJoining: world.options.seed % 3 === 1 }).then(
      () => {
        sync.chatCreated(id, members)
        world.group = id
      },
      (error: unknown) => world.scheduler.failures.push(error),
    )
  })
  await world.until('the group', () => world.devices.every(({ chats }) => chats.get(id)?.document), 120_000)
  world.chats.push(id)
}

export async function secondTab(world: World, device: Device): Promise<void> {
  let ready = false
  device.openTab(() => {
    ready = true
  })
  await world.until(`another tab of ${device.name}`, () => ready, 60_000)
}
