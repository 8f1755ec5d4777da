// 50 members, 40 messages a second, marks on.
import { steady } from '../measure.ts'
import { against, atMost, type Row } from '../row.ts'
import { fieldOf, inTurns } from '../rounds.ts'

export const groupRate: Row = {
  name: 'group-rate',
  what: '50 members, 40 messages/s, marks on: server CPU a delivery',
  async run() {
    const peers = ['ws', 'hocuspocus', 'socket.io', 'skein', 'skein-mariadb'] as const
    const results = await inTurns(peers, { rooms: 1, members: 50 }, (traffic, server) => steady(traffic, server, 40, 6))
    const figures = against(
      'ws',
      'µs',
      fieldOf(results, ({ cpuMicrosPerDelivery }) => cpuMicrosPerDelivery),
    )
    const of = (who: string): number => figures.find((figure) => figure.who === who)?.ratio ?? NaN
    return {
      figures,
      goals: [
        atMost('Skein, × the bare broadcast', of('skein'), 1.6),
        atMost('MariaDB against SQLite (0.7 of its speed)', of('skein-mariadb') / of('skein'), 1 / 0.7),
      ],
    }
  },
}
