// 500 chats of two at full speed.
import { fullSpeed } from '../measure.ts'
import { against, atLeast, type Row } from '../row.ts'
import { fieldOf, inTurns } from '../rounds.ts'

export const pairsSpeed: Row = {
  name: 'pairs-speed',
  what: '500 chats of two at full speed: messages/s',
  async run() {
    const peers = ['ws', 'hocuspocus', 'socket.io', 'skein', 'skein-mariadb'] as const
    const results = await inTurns(peers, { rooms: 500, members: 2 }, (traffic, server) => fullSpeed(traffic, server, 1, 3))
    const figures = against(
      'ws',
      '/s',
      fieldOf(results, ({ messagesPerSecond }) => messagesPerSecond),
    )
    const cpu = against(
      'ws',
      'µs CPU a message',
      fieldOf(results, ({ cpuMicrosPerMessage }) => cpuMicrosPerMessage),
    )
    const of = (who: string): number => figures.find((figure) => figure.who === who)?.ratio ?? NaN
    return {
      figures: [...figures, ...cpu],
      goals: [
        atLeast('Skein, × the bare broadcast', of('skein'), 0.32),
        atLeast('Skein, × socket.io + SQLite', of('skein') / of('socket.io'), 2),
        atLeast('MariaDB against SQLite', of('skein-mariadb') / of('skein'), 0.7),
      ],
    }
  },
}
