// 1,000 sockets come back, 400 at a time, each to one of 500 chats: connected, authenticated and synced. And when the engine's own backoff lets them.
import { backoffMs, memoryStores, RESTART_SPREAD_MS } from '@skein/engine'
import { nodePorts } from '@skein/engine/node'
import { median } from '../measure.ts'
import { startPeer, type PeerName } from '../peers.ts'
import { against, atMost, type Row } from '../row.ts'
import { ROUNDS } from '../rounds.ts'

const ROOMS = 500
const AT_ONCE = 400
const HOLD_MS = 50

export const comeBack: Row = {
  name: 'come-back',
  what: '1,000 sockets come back, 400 at a time: time, server CPU, first reconnects',
  async run() {
    const times = new Map<string, number>()
    const cpus = new Map<string, number>()
    for (const name of ['ws', 'hocuspocus', 'socket.io', 'skein'] as const) {
      const { ms, cpuMs } = await measure(name)
      times.set(name, ms)
      cpus.set(name, cpuMs)
    }
    const figures = [...against('ws', 'ms', times), ...against('ws', 'ms CPU', cpus)]
    const largest = largestHold()
    const ratio = (unit: string): number => figures.find((figure) => figure.who === 'skein' && figure.unit === unit)?.ratio ?? NaN
    return {
      figures: [...figures, { who: 'engine: first reconnects in the fullest 50 ms', value: largest * 100, unit: '%', ratio: null }],
      goals: [
        atMost('time, × the bare broadcast', ratio('ms'), 1.8),
        atMost('server CPU, × the bare broadcast', ratio('ms CPU'), 2.4),
        atMost('first reconnects in the fullest 50 ms, %', largest * 100, 5),
      ],
    }
  },
}

async function measure(name: PeerName): Promise<{ ms: number; cpuMs: number }> {
  await using peer = await startPeer(name, ROOMS, 2)
  const results: { ms: number; cpuMs: number }[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const seats = Array.from({ length: 2 * ROOMS }, (_, i) => i)
    const [start, cpu] = [performance.now(), peer.server.cpuMs()]
    const members = await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        const joined = []
        for (let i = seats.shift(); i !== undefined; i = seats.shift()) joined.push(await peer.join(i >> 1, i & 1))
        return joined
      }),
    )
    // The first round warms the code up; that the documents are cold is a part of every round.
    if (round > 0) results.push({ ms: performance.now() - start, cpuMs: peer.server.cpuMs() - cpu })
    for (const member of members.flat()) member.close()
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
  return { ms: median(results.map(({ ms }) => ms)), cpuMs: median(results.map(({ cpuMs }) => cpuMs)) }
}

/** The share of 1,000 engines whose first attempt after a restart falls into the fullest 50 ms. */
function largestHold(): number {
  const ports = nodePorts(memoryStores())
  const holds = new Map<number, number>()
  for (let i = 0; i < 1_000; i++) {
    const hold = Math.floor(backoffMs(0, ports, RESTART_SPREAD_MS) / HOLD_MS)
    holds.set(hold, (holds.get(hold) ?? 0) + 1)
  }
  return Math.max(...holds.values()) / 1_000
}
