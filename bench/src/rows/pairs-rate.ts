// 500 chats of two, 200 messages a second over all of them.
import { steady } from '../measure.ts'
import { against, atMost, type Row } from '../row.ts'
import { fieldOf, inTurns } from '../rounds.ts'

export const pairsRate: Row = {
  name: 'pairs-rate',
  what: '500 chats of two, 200 messages/s: p50 delivery',
  async run() {
    const peers = ['ws', 'hocuspocus', 'socket.io', 'skein'] as const
    const results = await inTurns(peers, { rooms: 500, members: 2 }, (traffic, server) => steady(unmarked(traffic), server, 200, 3))
    const figures = against(
      'ws',
      'ms',
      fieldOf(results, ({ p50Ms }) => p50Ms),
    )
    const cpu = against(
      'ws',
      'µs CPU',
      fieldOf(results, ({ cpuMicrosPerDelivery }) => cpuMicrosPerDelivery),
    )
    return { figures: [...figures, ...cpu], goals: [atMost('Skein, × the bare broadcast', figures.at(-1)?.ratio ?? NaN, 2.4)] }
  },
}

/** The rate of 200/s is that of messages: a thousand members' marks would be five times as many requests. */
function unmarked<T extends { members: { mark?: () => void }[] }>(traffic: T): T {
  for (const member of traffic.members) delete member.mark
  return traffic
}
