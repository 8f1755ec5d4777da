// Two people who have written 1,000 messages each while offline come together.
import { against, atMost, type Row } from '../row.ts'
import { inTurns } from '../rounds.ts'

const MESSAGES = 1_000

export const offlineMerge: Row = {
  name: 'offline-merge',
  what: 'two people, 1,000 messages each, offline, merged: time',
  async run() {
    const peers = ['ws', 'hocuspocus', 'socket.io', 'skein'] as const
    const results = await inTurns(peers, { rooms: 1, members: 2 }, async (traffic) => {
      const written = traffic.members.map((member) => Array.from({ length: MESSAGES }, () => traffic.sent(member)))
      const start = performance.now()
      traffic.members.forEach((member, i) => member.write(written[i] ?? []))
      await traffic.settled(1)
      return { ms: performance.now() - start }
    })
    const figures = against('ws', 'ms', new Map([...results].map(([name, { ms }]) => [name, ms])))
    return { figures, goals: [atMost('Skein, × the bare broadcast', figures.at(-1)?.ratio ?? NaN, 1.2)] }
  },
}
