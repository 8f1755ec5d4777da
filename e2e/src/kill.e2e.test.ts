// Promise 2 with real processes: the server is killed twenty times in the middle of traffic from twenty engines, and not a word is lost or doubled.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createEngine, memoryStores, type ChatWindow, type Engine } from '@skein/engine'
import { nodePorts } from '@skein/engine/node'
import { parseUserId, type ChatId } from '@skein/protocol'
import { until } from '@skein/testing'
import { expect, test } from 'vitest'
import type { StoredOperation } from './read-operations.ts'
import { openWorld, type World } from './world.ts'

const ENGINES = 20
const KILLS = 20
const UNANSWERED = 10
/** Messages that each engine keeps on the way. */
const IN_FLIGHT = 3

class Client {
  readonly engine: Engine
  window: ChatWindow | null = null
  chat: ChatId | null = null
  sent: string[] = []
  running = true
  /** Place of each message at the moment when its acknowledgement was seen. */
  readonly acknowledged = new Map<string, number>()

  constructor(origin: string) {
    const store = memoryStores()
    this.engine = createEngine({ server: origin, store, ports: nodePorts(store) })
  }

  get unanswered(): number {
    return this.engine.outbox.length
  }

  note(): void {
    for (const item of this.window?.items ?? [])
      if (item.own && item.status !== 'queued' && !this.acknowledged.has(item.id)) this.acknowledged.set(item.id, item.seq)
  }

  /** Writes whenever fewer than IN_FLIGHT of its words are waiting, until it is told to stop. */
  async talk(name: string): Promise<void> {
    const { chat, engine } = this
    if (!chat) return
    for (let n = 0; this.running; n++) {
      await until(engine, () => !this.running || this.unanswered < IN_FLIGHT)
      if (!this.running) return
      this.sent.push(await engine.send(chat, `${name} ${n}`))
    }
  }
}

async function people(world: World): Promise<Client[]> {
  const clients = Array.from({ length: ENGINES }, () => new Client(world.origin))
  await Promise.all(
    clients.map(async ({ engine }, i) => {
      await engine.ready
      await engine.register(`person${i}@example.org`, `Person ${i}`, 'correct horse battery')
      await until(engine, () => engine.network.connected)
    }),
  )
  for (let i = 0; i < ENGINES; i += 2) {
    const pair = [clients[i], clients[i + 1]]
    const other = pair[1]?.engine.session
    if (other?.status !== 'logged-in') throw new Error('not logged in')
    const chat = await pair[0]?.engine.directChat(parseUserId(other.user.id))
    for (const client of pair) {
      if (!client || !chat) throw new Error('no pair')
      client.chat = chat
    }
    const [first, second] = pair
    if (!first || !second || !chat) throw new Error('no pair')
    first.window = first.engine.openChat(chat)
    first.sent.push(await first.engine.send(chat, 'hello'))
    await until(second.engine, () => second.engine.chats.length === 1)
    second.window = second.engine.openChat(chat)
    for (const client of pair) client?.window?.subscribe(() => client.note())
  }
  return clients
}

function readByAThirdProcess(world: World): StoredOperation[] {
  const script = fileURLToPath(new URL('./read-operations.ts', import.meta.url))
  const out = execFileSync(process.execPath, [script, world.databaseUrl || join(world.dataDir, 'skein.db')], { encoding: 'utf8', maxBuffer: 1 << 28 })
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StoredOperation)
}

test('promises 2, 4 and 5: killed twenty times amid the traffic of twenty engines, it loses and doubles nothing', async () => {
  await using world = await openWorld()
  const clients = await people(world)
  const talking = clients.map((client, i) => client.talk(`from ${i}`))
  const unanswered: number[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    const before = clients.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0)
    // In the middle of traffic: since the last restart words were acknowledged, and enough are on their way.
    for (const { engine } of clients) await until(engine, () => engine.network.connected)
    const [first] = clients
    if (!first) throw new Error('nobody')
    await until(
      first.engine,
      () =>
        clients.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0) > before + ENGINES &&
        clients.reduce((sum, client) => sum + client.unanswered, 0) >= UNANSWERED,
    )
    unanswered.push(clients.reduce((sum, client) => sum + client.unanswered, 0))
    await world.kill()
    await world.start()
  }
  for (const client of clients) client.running = false
  for (const { engine } of clients) engine.connect()
  for (const client of clients) await until(client.engine, () => client.unanswered === 0)
  await Promise.all(talking)

  // Every replica shows the same: both sides of each chat, and byte for byte.
  const sent = clients.flatMap((client) => client.sent)
  for (let i = 0; i < ENGINES; i += 2) {
    const [a, b] = [clients[i], clients[i + 1]]
    if (!a?.window || !b?.window || !a.chat) throw new Error('no window')
    const total = a.sent.length + b.sent.length
    for (const { window } of [a, b]) if (window) await until(window, () => window.items.at(-1)?.seq === total)
    const { chat } = a
    await until(a.engine, () => same(a.engine.documentState(chat), b.engine.documentState(chat)))
    expect(a.window.items.map((item) => item.id).slice(-200)).toEqual(b.window.items.map((item) => item.id).slice(-200))
  }
  await Promise.all(clients.map(({ engine }) => engine.close()))
  await world.stop()

  const rows = readByAThirdProcess(world)
  const times = new Map<string, number>()
  for (const { id, author } of rows) times.set(`${author}/${id}`, (times.get(`${author}/${id}`) ?? 0) + 1)
  const seqOf = new Map(rows.map(({ id, seq }) => [id, seq]))
  expect([...times.values()].filter((n) => n !== 1)).toEqual([])
  expect(sent.filter((id) => !seqOf.has(id))).toEqual([])
  const acknowledged = clients.flatMap((client) => [...client.acknowledged])
  expect(acknowledged.filter(([id, seq]) => seqOf.get(id) !== seq)).toEqual([])
  expect(Math.min(...unanswered)).toBeGreaterThanOrEqual(UNANSWERED)
  process.stdout.write(
    `kills ${KILLS}, messages sent ${sent.length}, acknowledged ${acknowledged.length}, stored ${rows.filter(({ seq }) => seq > 0).length}, lost 0, doubled 0; unanswered at the kills ${unanswered.join(' ')}\n`,
  )
})

const same = (a: Uint8Array | null, b: Uint8Array | null): boolean => a !== null && b !== null && Buffer.from(a).equals(Buffer.from(b))
