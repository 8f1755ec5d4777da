// One writer with 20 messages in flight. Over Hocuspocus's wire one update is on its way and the rest is merged meanwhile, as the engine does it.
import { wait } from '../measure.ts'
import { against, atLeast, type Row } from '../row.ts'
import { inTurns } from '../rounds.ts'
import type { Traffic } from '../traffic.ts'
import type { Message } from '../wires/wire.ts'

const IN_FLIGHT = 20
const SECONDS = 3

export const oneWriter: Row = {
  name: 'one-writer',
  what: 'one writer, 20 in flight: accepted/s',
  async run() {
    const results = await inTurns(['socket.io', 'hocuspocus', 'skein'], { rooms: 1, members: 2 }, async (traffic) => ({
      perSecond: await write(traffic),
    }))
    const figures = against('socket.io', '/s', new Map([...results].map(([name, { perSecond }]) => [name, perSecond])))
    return { figures, goals: [atLeast('Skein, × socket.io + SQLite', figures.at(-1)?.ratio ?? NaN, 1)] }
  },
}

async function write(traffic: Traffic): Promise<number> {
  const [writer] = traffic.members
  if (!writer) throw new Error('Nobody writes')
  let [accepted, running] = [0, true]
  const merging = writer.seq !== undefined
  const onTheWay: number[] = []
  let waiting: Message[] = []
  const send = (): void => {
    if (waiting.length === 0) return
    if (merging) {
      if (onTheWay.length > 0) return
      onTheWay.push(waiting.length)
      writer.write(waiting)
    } else {
      onTheWay.push(...waiting.map(() => 1))
      writer.write(waiting)
    }
    waiting = []
  }
  const more = (count: number): void => {
    for (let i = 0; i < count && running; i++) waiting.push(traffic.sent(writer))
    send()
  }
  writer.taken = () => {
    const count = onTheWay.shift() ?? 0
    accepted += count
    setImmediate(() => more(count))
  }
  more(IN_FLIGHT)
  await wait(500)
  const [from, start] = [accepted, performance.now()]
  await wait(SECONDS * 1_000)
  const perSecond = ((accepted - from) * 1_000) / (performance.now() - start)
  running = false
  await traffic.settled()
  writer.taken = () => undefined
  return perSecond
}
