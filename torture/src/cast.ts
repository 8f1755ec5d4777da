// Who takes part: eight people in six chats of two, twelve devices, two bots and a reader. Half of the devices live in this process, the others in two that can be killed.
import { createRandom, type Random } from './random.ts'
import { Fleet, type Plan } from './fleet.ts'
import type { History } from './history.ts'
import { ChainReader, HttpPerson, register, runBot, type Person } from './people.ts'
import { openProxy } from './proxy.ts'
import type { World } from './world.ts'

const PEOPLE = 8
/** Pairs of people who share a chat. */
const PAIRS: readonly (readonly [number, number])[] = [
  [0, 1],
  [2, 3],
  [4, 5],
  [6, 7],
  [1, 2],
  [5, 6],
]
const HOUR_MS = 3_600_000
const CLOCKS = [0, 0, -9 * HOUR_MS, 5 * HOUR_MS, 31 * HOUR_MS]

export interface Cast extends AsyncDisposable {
  readonly fleet: Fleet
  /** Those who send over HTTP. */
  readonly bots: readonly string[]
  /** Bots and reader go on until the signal. */
  perform(signal: AbortSignal): Promise<void>
  /** Everybody's network leads to that port. */
  route(port: number): void
  /** A new device for each person. */
  addFresh(): Promise<void>
  /** The chains once more from their beginning, over HTTP. */
  readChains(): Promise<void>
}

export async function openCast(world: World, history: History, random: Random, seed: number): Promise<Cast> {
  await using building = new AsyncDisposableStack()
  let parts = building
  const fleet = new Fleet(seed, history)
  const anyNode = (): World['nodes'][number] => random.pick(world.nodes) ?? world.home
  const people: Person[] = await Promise.all(Array.from({ length: PEOPLE }, (_, i) => register(world.home.origin, `person${i}`)))
  const chatsOf = new Map<Person, string[]>(people.map((person) => [person, []]))
  const chatsFor = (person: Person): string[] => chatsOf.get(person) ?? []
  for (const [i, j] of PAIRS) {
    const [one, other] = [people[i], people[j]]
    if (!one || !other) continue
    const chat = await new HttpPerson(one, () => world.home.origin).chatWith(other)
    for (const person of [one, other]) chatsFor(person).push(chat)
  }

  async function plan(person: Person, name: string, folder: string | null): Promise<Plan> {
    const proxy = parts.use(await openProxy(anyNode().port))
    const { id, email, password } = person
    return {
      name,
      user: id,
      email,
      password,
      chats: chatsFor(person),
      folder: folder && `${folder}/${name}`,
      clockMs: random.pick(CLOCKS) ?? 0,
      proxy,
    }
  }
  const here: Plan[] = []
  for (const [i, person] of people.entries()) if (i % 2 === 0 || i > 4) here.push(await plan(person, `here${i}`, null))
  fleet.add(here, false)
  for (const group of [people.slice(0, 3), people.slice(3, 6)]) {
    const there: Plan[] = []
    for (const person of group) there.push(await plan(person, `there${people.indexOf(person)}`, world.folder))
    fleet.add(there, true)
  }

  const senders = people.slice(0, 2).map((person, i) => ({ name: `bot${i}`, self: new HttpPerson(person, () => anyNode().origin) }))
  const [reading = senders[0]?.self.person] = people.slice(1)
  if (!reading) throw new Error('nobody')
  const self = new HttpPerson(reading, () => anyNode().origin)
  // From here on whoever holds the cast ends it; the devices go before their networks.
  parts = building.move()

  return {
    fleet,
    bots: senders.map(({ name }) => name),
    perform: async (signal) => {
      const sending = senders.map((bot, i) => runBot(bot.name, bot.self, chatsFor(bot.self.person), history, createRandom(seed + i), signal))
      await Promise.all([...sending, new ChainReader('reader', self, history).run(chatsFor(reading), createRandom(seed - 1), signal)])
    },
    route: (port) => {
      for (const { plans } of fleet.hosts) for (const { proxy } of plans) proxy.route(port)
    },
    addFresh: async () => {
      for (const [i, person] of people.entries()) fleet.add([await plan(person, `fresh${i}`, null)], false)
    },
    readChains: async () => {
      const reader = new ChainReader('last reader', self, history)
      for (const chat of chatsFor(reading)) while ((await reader.read(chat))?.more) continue
    },
    [Symbol.asyncDispose]: async () => {
      await fleet.close()
      await parts.disposeAsync()
    },
  }
}
