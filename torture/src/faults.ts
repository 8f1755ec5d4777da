// What is done to servers, database, disk, network and devices. Each fault ends by itself; `mend` waits for those that go on.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fleet, Host } from './fleet.ts'
import type { History } from './history.ts'
import { shuffled, type Random } from './random.ts'
import type { World } from './world.ts'

/** To the servers, one after another, in turn with the kills. */
export type Blow =
  | 'kill'
  | 'kill both'
  | 'stop server'
  | 'full disk'
  | 'full disk and kill'
  | 'database killed'
  | 'database stopped'
  | 'nodes switched'
/** To devices and their networks, at any time. */
const WEATHER = [
  'cut',
  'silent',
  'silent, then reset',
  'slow',
  'reset',
  'cut',
  'slow',
  'reset',
  'devices killed',
  'devices killed',
  'devices stopped',
] as const

export interface Faults {
  /** How often each came. */
  readonly counts: Map<string, number>
  strike(blow: Exclude<Blow, 'kill' | 'kill both'>): Promise<void>
  /** Counts and notes what another does. */
  note(what: string): void
  /** Something befalls devices or their networks, and passes by itself. */
  gust(): void
  /** Nothing new, and resolves once all is mended. */
  calm(): Promise<void>
}

/** `stopMs`: how long a stopped process stands still. */
export function createFaults(world: World, fleet: Fleet, history: History, random: Random, stopMs: number): Faults {
  const counts = new Map<string, number>()
  const note = (what: string): void => {
    counts.set(what, (counts.get(what) ?? 0) + 1)
    history.add({ is: 'fault', what })
  }
  const afflicted = new Set<string | Host>()
  const going = new Set<Promise<void>>()
  const calmed = new AbortController()
  let deck: (typeof WEATHER)[number][] = []

  async function strike(blow: Exclude<Blow, 'kill' | 'kill both'>): Promise<void> {
    const node = random.pick(world.nodes)
    const { disk, mariadb } = world
    if (!node) return
    note(blow)
    switch (blow) {
      case 'stop server':
        node.pause()
        await sleep(stopMs)
        return node.resume()
      case 'full disk':
      case 'full disk and kill':
        await disk?.fill(node.pid)
        fleet.order({ do: 'volley', count: 2 })
        await sleep(random.between(300, 2_000))
        if (blow === 'full disk') return disk?.free(node.pid)
        await node.kill()
        await disk?.free(node.pid)
        return node.start()
      case 'database killed':
        await mariadb?.kill()
        fleet.order({ do: 'volley', count: 2 })
        await sleep(random.between(0, 1_500))
        return mariadb?.start()
      case 'database stopped':
        if (!mariadb) return
        process.kill(mariadb.pid, 'SIGSTOP')
        fleet.order({ do: 'volley', count: 2 })
        await sleep(stopMs)
        process.kill(mariadb.pid, 'SIGCONT')
        return
      case 'nodes switched':
        for (const host of fleet.hosts) for (const { proxy } of host.plans) proxy.route(random.pick(world.nodes)?.port ?? node.port)
    }
  }

  async function afflict(what: (typeof WEATHER)[number]): Promise<void> {
    const wait = async (from: number, to: number): Promise<void> => {
      await sleep(random.between(from, to), undefined, { signal: calmed.signal }).catch(() => {})
    }
    if (what === 'devices killed' || what === 'devices stopped') {
      const host = random.pick(fleet.hosts.filter(({ child }) => child))
      // One at a time: the others must keep enough words on their way.
      if (!host || fleet.hosts.some((each) => afflicted.has(each))) return
      afflicted.add(host)
      note(what)
      if (what === 'devices stopped') {
        host.pause()
        await wait(stopMs, stopMs)
        host.resume()
      } else {
        await host.kill()
        await wait(0, 800)
        host.start()
      }
      afflicted.delete(host)
      return
    }
    const plan = random.pick(fleet.hosts.flatMap(({ plans }) => plans))
    if (!plan || afflicted.has(plan.name)) return
    const { name, proxy } = plan
    afflicted.add(name)
    note(what)
    if (what === 'reset') proxy.reset()
    else if (what === 'cut') proxy.cut()
    else if (what === 'slow') proxy.slow(random.between(2_000, 50_000), random.between(20, 400))
    else proxy.hold()
    if (what !== 'reset') await wait(500, 5_000)
    if (what === 'silent, then reset') proxy.reset()
    proxy.mend()
    afflicted.delete(name)
  }

  return {
    counts,
    note,
    strike,
    gust: () => {
      // So many at once that enough words are still on their way.
      if (afflicted.size >= 3) return
      if (deck.length === 0) deck = shuffled(WEATHER, random)
      const what = deck.pop()
      if (!what) return
      const work = afflict(what)
      going.add(work)
      void work.finally(() => going.delete(work))
    },
    calm: async () => {
      calmed.abort()
      await Promise.all(going)
    },
  }
}
