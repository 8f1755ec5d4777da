// Peers side by side: all are started, then measured in turns, several times, so that what disturbs the machine disturbs all of them; the median counts.
import { median } from './measure.ts'
import { fill, startPeer, type PeerName } from './peers.ts'
import type { ServerProcess } from './process.ts'
import type { Traffic } from './traffic.ts'

export const ROUNDS = 3

export async function inTurns<T extends Record<string, number>>(
  names: readonly PeerName[],
  size: { rooms: number; members: number },
  measure: (traffic: Traffic, server: ServerProcess) => Promise<T>,
): Promise<Map<PeerName, T>> {
  await using started = new AsyncDisposableStack()
  const peers: { name: PeerName; traffic: Traffic; server: ServerProcess; results: T[] }[] = []
  for (const name of names) {
    const peer = started.use(await startPeer(name, size.rooms, size.members))
    const traffic = await fill(peer, size.rooms, size.members)
    started.defer(() => traffic.close())
    peers.push({ name, traffic, server: peer.server, results: [] })
  }
  // Once unmeasured: what runs for the first time is being compiled.
  for (const { traffic, server } of peers) await measure(traffic, server)
  for (let round = 0; round < ROUNDS; round++) for (const peer of peers) peer.results.push(await measure(peer.traffic, peer.server))
  return new Map(peers.map(({ name, results }) => [name, mediansOf(results)]))
}

function mediansOf<T extends Record<string, number>>(results: T[]): T {
  const [first] = results
  if (!first) throw new Error('Nothing was measured')
  return Object.fromEntries(Object.keys(first).map((key) => [key, median(results.map((result) => result[key] ?? NaN))])) as T
}

/** One field of everybody's figures. */
export const fieldOf = <T>(results: Map<PeerName, T>, field: (figures: T) => number): Map<string, number> =>
  new Map([...results].map(([name, figures]) => [name, field(figures)]))
