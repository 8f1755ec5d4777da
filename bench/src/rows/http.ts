// HTTP: a page of history and a sent message, beside a bare Hono route and a bare read and write of SQLite.
import { Agent, request } from 'node:http'
import { median } from '../measure.ts'
import { startProcess, type ServerProcess } from '../process.ts'
import { ROUNDS } from '../rounds.ts'
import type { Row } from '../row.ts'
import { createSkein } from '../skein.ts'
import { newMessage } from '../wires/wire.ts'
import { fillChat } from '../words.ts'

const AT_ONCE = 32
const SECONDS = 3

interface Asked {
  who: string
  server: ServerProcess
  path: string
  token?: string
  body?: () => string
}
interface Figures {
  perSecond: number
  cpuMicros: number
}

/** Asks with so many in flight, for some seconds. */
async function ask({ server, path, token, body }: Asked): Promise<Figures> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  const once = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const sent = request(server.origin + path, { method: body ? 'POST' : 'GET', agent, headers }, (answer) => {
        if ((answer.statusCode ?? 500) >= 300) reject(new Error(`${path}: ${answer.statusCode}`))
        answer.resume().on('end', resolve)
      })
      sent.on('error', reject)
      sent.end(body?.())
    })
  const [cpu, start] = [server.cpuMs(), performance.now()]
  let answers = 0
  const worker = async (): Promise<void> => {
    for (; performance.now() - start < SECONDS * 1_000; answers++) await once()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  const figures = { perSecond: (answers * 1_000) / (performance.now() - start), cpuMicros: ((server.cpuMs() - cpu) * 1_000) / answers }
  agent.destroy()
  return figures
}

export const http: Row = {
  name: 'http',
  what: 'a page of 50 messages, and a message sent, over HTTP: answers a second, and CPU of the server for each',
  async run() {
    await using skein = await createSkein()
    const { id, seats } = await skein.prepare(async (storage) => {
      const people = [await skein.person(storage, 0), await skein.person(storage, 1)]
      const chat = await skein.chat(storage, people)
      await fillChat(storage, chat.id, people, 1_000, 100)
      return chat
    })
    await using server = await skein.start()
    await using bare = await startProcess('bench/src/peers/bare-http.ts')
    const token = seats[0]?.token ?? ''
    const history = `/api/chats/${id}/messages`
    const said = (): string => JSON.stringify({ text: newMessage().text })
    const all: Asked[] = [
      { who: 'bare Hono route, 50 objects', server: bare, path: '/bare' },
      { who: 'bare read of SQLite behind it', server: bare, path: '/read' },
      { who: 'Skein, a page of history', server, path: `${history}?limit=50`, token },
      { who: 'bare write of SQLite behind a Hono route', server: bare, path: '/write', body: said },
      { who: 'Skein, a message sent', server, path: history, token, body: said },
    ]
    const found = new Map<string, Figures[]>(all.map(({ who }) => [who, []]))
    // Once unmeasured: what runs for the first time is being compiled.
    for (const each of all) await ask(each)
    for (let round = 0; round < ROUNDS; round++) for (const each of all) found.get(each.who)?.push(await ask(each))
    const middle = (who: string, field: keyof Figures): number => median((found.get(who) ?? []).map((figures) => figures[field]))
    const floorOf = ({ body }: Asked): string => (body ? 'bare write of SQLite behind a Hono route' : 'bare Hono route, 50 objects')
    return {
      figures: (['perSecond', 'cpuMicros'] as const).flatMap((field) =>
        all.map((each) => ({
          who: each.who,
          value: middle(each.who, field),
          unit: field === 'perSecond' ? 'answers/s' : 'µs CPU/answer',
          ratio: each.who === floorOf(each) ? null : middle(each.who, field) / middle(floorOf(each), field),
        })),
      ),
      goals: [],
    }
  },
}
