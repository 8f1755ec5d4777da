// One round: a fresh world and cast; blows and gusts until the kills are done; then calm, in which everything must arrive; then the judgement.
import { setTimeout as sleep } from 'node:timers/promises'
import { until, type Mariadb } from '@skein/testing'
import { openCast, type Cast } from './cast.ts'
import { check, type Violation } from './check.ts'
import type { Counts } from './check-sends.ts'
import type { Expected } from './device.ts'
import { createFaults, type Blow, type Faults } from './faults.ts'
import { History, type Ending, type Recorded, type Stored, type View } from './history.ts'
import { modelOf } from './model.ts'
import { createRandom, shuffled, type Random } from './random.ts'
import { openWorld, type World } from './world.ts'

export interface RoundOptions {
  seed: number
  /** null: SQLite. */
  mariadb: Mariadb | null
  /** Two need MariaDB. */
  nodes: 1 | 2
  /** In which order is the seed's matter. */
  blows: readonly Blow[]
  /** How long a stopped process stands still, in milliseconds. */
  stopMs: number
  /** Ends the blows early. */
  signal?: AbortSignal
  /** Before each SIGKILL: sends that were handed over and not acknowledged, over all devices. */
  killed(inFlight: number): void
}

export interface RoundResult {
  counts: Counts
  violations: Violation[]
  faults: ReadonlyMap<string, number>
  history: readonly Recorded[]
}

const IN_FLIGHT = 20
/** Acknowledged since the last blow, before the next kill. */
const TRAFFIC = 10
/** What does not come in this time does not come: generous, since machines are busy. */
const PATIENCE_MS = 180_000

/** What is expected at the end is looked up so often. */
const READ_AGAIN_MS = 30_000

/** Liveness is broken. */
class Stuck extends Error {}

interface Scene {
  options: RoundOptions
  random: Random
  history: History
  world: World
  cast: Cast
  faults: Faults
  patience(what: string, is: () => boolean): Promise<void>
}

export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const history = new History()
  const random = createRandom(options.seed)
  await using world = await openWorld({ nodes: options.nodes, mariadb: options.mariadb, history, random })
  await using cast = await openCast(world, history, random, options.seed)
  const { fleet } = cast
  const faults = createFaults(world, fleet, history, random, options.stopMs)
  const patience = async (what: string, is: () => boolean): Promise<void> => {
    const over = new AbortController()
    const late = async (): Promise<void> => {
      await sleep(PATIENCE_MS, undefined, { signal: over.signal })
      const states = Array.from(fleet.states.values(), (state) => ({ ...state, views: state.views?.length }))
      throw new Stuck(`${what} did not come within ${PATIENCE_MS / 1_000} s; ${JSON.stringify(states)}`)
    }
    await Promise.race([until(fleet, is), late()]).finally(() => over.abort())
  }
  const scene: Scene = { options, random, history, world, cast, faults, patience }

  await storm(scene)
  const { views, settled } = await arrive(scene)
  await cast.readChains()
  await fleet.close()
  for (const node of world.nodes) await node.stop()
  const ending: Ending = { stored: await world.read(), views, settled }
  return { ...check(history.events, ending), faults: faults.counts, history: history.events }
}

/** Notes it where somebody was stuck; anything else is a mistake of this program. */
async function noting(history: History, work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (!(error instanceof Stuck)) throw error
    history.add({ is: 'broken', what: error.message })
    return false
  }
}

async function storm(scene: Scene): Promise<void> {
  const { cast, faults, history, options, patience, random } = scene
  const { fleet } = cast
  const calm = new AbortController()
  const performance = cast.perform(calm.signal)
  await noting(history, async () => {
    await patience('everybody', () => fleet.every(({ ready }) => ready))
    fleet.order({ do: 'talk', on: true })
    for (const blow of shuffled(options.blows, random)) {
      if (options.signal?.aborted) break
      for (let gusts = random.between(0, 2); gusts > 0; gusts--) faults.gust()
      if (blow === 'kill' || blow === 'kill both') await kill(scene, blow === 'kill both')
      else await faults.strike(blow)
    }
  })
  calm.abort()
  await Promise.all([performance, faults.calm()])
  fleet.order({ do: 'talk', on: false })
}

/** SIGKILL to one server or all, amid traffic, with enough words on their way. */
async function kill({ cast: { fleet }, faults, history, options, patience, random, world }: Scene, both: boolean): Promise<void> {
  let acknowledged = 0
  const deaf = history.listen((event) => {
    if (event.is === 'ok') acknowledged++
  })
  // As people do who see that they are offline: the engines' own schedule is for those who do not look. Not more often, since each time begins anew.
  fleet.order({ do: 'connect' })
  const again = setInterval(() => fleet.order({ do: 'connect' }), 10_000)
  try {
    await patience('traffic', () => fleet.connected >= fleet.names.length / 2 && acknowledged >= TRAFFIC)
  } finally {
    clearInterval(again)
    deaf()
  }
  const volley = (): void => fleet.order({ do: 'volley', count: 4 })
  do {
    volley()
    // Some may have been dead when it was ordered, or it was over before it was looked at.
    const more = setInterval(volley, 1_000)
    await patience(`${IN_FLIGHT} in flight`, () => fleet.inFlight >= IN_FLIGHT).finally(() => clearInterval(more))
    await sleep(random.between(0, 40))
  } while (fleet.inFlight < IN_FLIGHT)
  const nodes = both ? world.nodes : [random.pick(world.nodes) ?? world.home]
  options.killed(fleet.inFlight)
  faults.note('SIGKILL')
  await Promise.all(nodes.map((node) => node.kill()))
  await Promise.all(nodes.map((node) => node.start()))
}

/** The faults have stopped: every outbox empties, and everybody, fresh devices too, comes to show the same. */
async function arrive({ cast, history, patience, world }: Scene): Promise<{ views: View[]; settled: string[] }> {
  const { fleet } = cast
  let settled: string[] = []
  const arrived = await noting(history, async () => {
    // Two nodes tell each other nothing yet: they keep every promise of the database, and show each other's words to those who ask anew. So at the end there is one.
    if (world.nodes.length > 1) {
      for (const node of world.nodes) await node.stop()
      await world.home.start()
    }
    cast.route(world.home.port)
    fleet.order({ do: 'connect' })
    await patience('an empty outbox everywhere', () => fleet.every(({ connected, waiting }) => connected && waiting === 0))
    settled = [...fleet.names, ...cast.bots]
    const expected = expectedOf(await world.read())
    await cast.addFresh()
    cast.route(world.home.port)
    await patience('every fresh device', () => fleet.every(({ ready }) => ready))
    fleet.order({ do: 'expect', expected })
    // Words that were deleted ten minutes ago may be erased just now.
    const again = setInterval(() => void world.read().then((stored) => fleet.order({ do: 'expect', expected: expectedOf(stored) })), READ_AGAIN_MS)
    await patience('the same for all', () => fleet.every(({ views }) => views !== null) && oneDocument(fleet.views())).finally(() =>
      clearInterval(again),
    )
  })
  return { views: arrived ? fleet.views() : await fleet.showAnyhow(), settled }
}

function expectedOf({ chats, links }: Stored): Expected {
  return Object.fromEntries(
    chats.map(({ id }) => {
      const { messages } = modelOf(links.filter(({ chat }) => chat === id))
      return [id, { messages: messages.length, revs: messages.reduce((sum, { rev }) => sum + rev, 0) }]
    }),
  )
}

function oneDocument(views: readonly View[]): boolean {
  const documents = new Map<string, string>()
  return views.every(({ chat, document }) => {
    if (document === null) return false
    const other = documents.get(chat) ?? document
    documents.set(chat, other)
    return other === document
  })
}
