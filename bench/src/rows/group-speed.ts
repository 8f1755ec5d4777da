// 50 members at full speed.
import { fullSpeed } from '../measure.ts'
import { against, atLeast, type Row } from '../row.ts'
import { fieldOf, inTurns } from '../rounds.ts'

export const groupSpeed: Row = {
  name: 'group-speed',
  what: '50 members at full speed: deliveries/s',
  async run() {
    const peers = ['ws', 'hocuspocus', 'socket.io', 'skein'] as const
    const results = await inTurns(peers, { rooms: 1, members: 50 }, (traffic, server) => fullSpeed(traffic, server, 1, 3))
    const figures = against(
      'ws',
      '/s',
      fieldOf(results, ({ deliveriesPerSecond }) => deliveriesPerSecond),
    )
    return { figures, goals: [atLeast('Skein, × the bare broadcast', figures.at(-1)?.ratio ?? NaN, 0.9)] }
  },
}
