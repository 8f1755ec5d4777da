// Joining a chat with a long history against one with 100 messages: both with 100 in the current epoch, so that the difference is history alone; and the worst case, a full epoch.
import { chatDocument, parseEpochName, type UserId } from '@skein/protocol'
import { median } from '../measure.ts'
import type { ServerProcess } from '../process.ts'
import { atMost, type Figure, type Row } from '../row.ts'
import { ask, createSkein, joinChat } from '../skein.ts'
import type { Seat } from '../wires/document.ts'
import { fillChat } from '../words.ts'

const SHORT = 100
const FULL = 4_800
const TIMES = 15

interface Join {
  ms: number
  bytes: number
  cpuMs: number
  memory: number
}

export const longHistory: Row = {
  name: 'long-history',
  what: 'joining a chat with a long history against one with 100 messages',
  async run({ history }) {
    const short = await measure(SHORT, SHORT)
    const figures: Figure[] = figuresOf(`${SHORT} messages`, short, null)
    const sizes = [1_000, 10_000, history].filter((size, i, all) => size <= history && all.indexOf(size) === i)
    let last = short
    for (const size of sizes) {
      last = await measure(size, SHORT)
      figures.push(...figuresOf(`${size} messages`, last, short))
    }
    figures.push(...figuresOf(`${SHORT + FULL} messages, ${FULL} of them in the epoch`, await measure(SHORT + FULL, FULL), short))
    const of = (key: keyof Join): number => last[key] / short[key]
    return {
      figures,
      goals: [
        atMost('time to the last 50', of('ms'), 1.2),
        atMost('bytes', of('bytes'), 1.2),
        atMost('server CPU', of('cpuMs'), 1.2),
        atMost('server memory', of('memory'), 1.2),
      ],
    }
  },
}

const figuresOf = (who: string, joined: Join, base: Join | null): Figure[] =>
  (
    [
      ['ms', 'ms'],
      ['bytes', 'bytes'],
      ['cpuMs', 'ms CPU'],
      ['memory', 'bytes of memory'],
    ] as const
  ).map(([key, unit]) => ({ who, value: joined[key], unit, ratio: base ? joined[key] / base[key] : null }))

async function measure(messages: number, live: number): Promise<Join> {
  await using skein = await createSkein()
  const seat = await skein.prepare(async (storage): Promise<Seat> => {
    const people: UserId[] = [await skein.person(storage, 0), await skein.person(storage, 1)]
    const { id, seats } = await skein.chat(storage, people)
    const epoch = await fillChat(storage, id, people, messages, live)
    const [first] = seats
    if (!first) throw new Error('no seat')
    return { ...first, document: chatDocument(id, parseEpochName(epoch)) }
  })
  await using server = await skein.start()
  const token = await skein.tokenOf(seat.user)
  await join(server, { ...seat, token }) // warm
  const joins: Omit<Join, 'memory'>[] = []
  for (let i = 0; i < TIMES; i++) {
    const cpu = server.cpuMs()
    const one = await join(server, { ...seat, token })
    joins.push({ ...one, cpuMs: server.cpuMs() - cpu })
  }
  const { used } = await server.memory()
  return {
    ms: median(joins.map(({ ms }) => ms)),
    bytes: median(joins.map(({ bytes }) => bytes)),
    cpuMs: median(joins.map(({ cpuMs }) => cpuMs)),
    memory: used,
  }
}

/** The last 50 over HTTP, then the document, on a new socket. */
async function join(server: ServerProcess, seat: Seat): Promise<{ ms: number; bytes: number }> {
  const start = performance.now()
  const chat = seat.document.split('/')[1] ?? ''
  const page = await ask<object>(server, seat.token, `/api/chats/${chat}/messages?limit=50`)
  const ms = performance.now() - start
  const member = await joinChat(server, seat)
  const { bytes } = member
  member.close()
  return { ms, bytes: bytes + JSON.stringify(page).length }
}
