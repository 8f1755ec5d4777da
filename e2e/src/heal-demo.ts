// `npm run heal-demo -- --chats 12 --messages 500 [--database sqlite|mysql]`: a server whose database is replaced by an older one gets back what it lost,
// from the one device that returns: another member's, started from its local rows alone. Each time twice: nobody comes first, and the server goes on first.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createEngine, memoryStores, type Engine } from '@skein/engine'
import { nodePorts, sqliteStores } from '@skein/engine/node'
import { parseChatId, parseUserId, type ChatId, type UserId } from '@skein/protocol'
import { until } from '@skein/testing'
import { backUpFile } from './database-file.ts'
import { openWorld } from './world.ts'

const password = 'heals what it lost'
/** How long the words may take to be there again. */
const PATIENCE_MS = 120_000
const TOKEN_MS = 120_000

export interface HealDemo {
  chats: number
  /** Those that the restore loses; as many are in the backup. */
  messages: number
  /** New messages come before any device does. */
  goesOn: boolean
  say(line: string): void
}

export interface HealResult {
  stored: number
  lost: number
  returned: number
  /** Deleted after the backup, and readable again. */
  undeleted: number
  /** What the server's log says. */
  told: string | null
}

interface Writer {
  chat: ChatId
  ask(method: string, path: string, body?: object): Promise<Record<string, unknown>>
}

async function request(origin: string, method: string, path: string, token: string | null, body?: object): Promise<Record<string, unknown>> {
  const headers = { ...(body ? { 'content-type': 'application/json' } : {}), ...(token ? { authorization: `Bearer ${token}` } : {}) }
  const response = await fetch(origin + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Record<string, unknown>
}

/** Somebody without a device, who talks with `other` over HTTP. */
async function openWriter(origin: string, name: string, other: UserId): Promise<Writer> {
  const { accessToken } = await request(origin, 'POST', '/api/auth/register', null, { email: `${name}@heal.example`, name, password })
  const ask: Writer['ask'] = (method, path, body) => request(origin, method, path, String(accessToken), body)
  const { chat } = (await ask('POST', '/api/chats', { userId: other })) as { chat: { id: string } }
  return { chat: parseChatId(chat.id), ask }
}

async function post(writers: Writer[], count: number, words: string): Promise<void> {
  await Promise.all(
    writers.map(async ({ chat, ask }, index) => {
      for (let n = index; n < count; n += writers.length) await ask('POST', `/api/chats/${chat}/messages`, { text: `${words} ${n}` })
    }),
  )
}

/** What the server has of all chats, by chat and words; the deleted as ''. */
async function readAll(writers: Writer[]): Promise<string[]> {
  const lists = await Promise.all(
    writers.map(async ({ chat, ask }) => {
      const texts: string[] = []
      for (let cursor: string | null = ''; cursor !== null;) {
        const page = (await ask('GET', `/api/chats/${chat}/messages?limit=200&cursor=${encodeURIComponent(cursor)}`)) as {
          messages: { text: string }[]
          nextCursor: string | null
        }
        // The newest page comes first.
        texts.unshift(...page.messages.map(({ text }) => `${chat} ${text}`))
        cursor = page.nextCursor
      }
      return texts
    }),
  )
  return lists.flat()
}

/** How many of these are there, each counted as often as it is. */
function countOf(wanted: readonly string[], there: readonly string[]): number {
  const left = new Map<string, number>()
  for (const words of there) left.set(words, (left.get(words) ?? 0) + 1)
  return wanted.filter((words) => {
    const more = left.get(words) ?? 0
    left.set(words, more - 1)
    return more > 0
  }).length
}

async function userOf(engine: Engine): Promise<UserId> {
  await until(engine, () => engine.session.status === 'logged-in' && engine.network.connected)
  if (engine.session.status !== 'logged-in') throw new Error('not logged in')
  return parseUserId(engine.session.user.id)
}

export async function healDemo({ chats, messages, goesOn, say }: HealDemo): Promise<HealResult> {
  await using world = await openWorld()
  const { origin } = world
  const stores = sqliteStores(join(world.dataDir, 'bob'))
  const start = (): Engine => createEngine({ server: origin, store: stores, ports: nodePorts(stores) })
  let bob = start()
  await bob.ready
  await bob.register('bob@heal.example', 'Bob', password)
  const bobId = await userOf(bob)
  const annStores = memoryStores()
  const ann = createEngine({ server: origin, store: annStores, ports: nodePorts(annStores) })
  await ann.ready
  await ann.register('ann@heal.example', 'Ann', password)
  const annId = await userOf(ann)
  const theirs = await ann.directChat(bobId)
  const saved = await ann.send(theirs, 'saved, to be edited')
  const writers: Writer[] = []
  for (let n = 0; n < chats; n++) writers.push(await openWriter(origin, `writer${n}`, bobId))
  await post(writers, messages, 'saved')
  await until(bob, () => bob.chats.length === chats + 1)

  const restore = backUpFile(world)
  await post(writers, messages, 'lost')
  const doomed = await ann.send(theirs, 'deleted after the backup')
  await until(ann, () => ann.outbox.length === 0)
  await ann.edit(theirs, { id: saved, author: annId }, 'edited after the backup')
  await ann.delete(theirs, { id: doomed, author: annId })
  await ann.send(theirs, 'last')
  await until(ann, () => ann.outbox.length === 0)
  // A token lives five minutes, a busy machine's demo longer.
  let token = { value: '', at: -Infinity }
  const reader: Writer = {
    chat: theirs,
    ask: async (method, path, body) => {
      if (performance.now() - token.at > TOKEN_MS) {
        const { accessToken } = await request(origin, 'POST', '/api/auth/login', null, { email: 'bob@heal.example', password })
        token = { value: String(accessToken), at: performance.now() }
      }
      return request(origin, method, path, token.value, body)
    },
  }
  const all = await readAll([...writers, reader])
  say(`stored ${all.length} messages in ${chats + 1} chats`)

  // Bob's device follows in the background; no chat of his was ever opened.
  const lastOf = new Map(writers.map(({ chat }) => [chat, all.findLast((words) => words.startsWith(chat))?.slice(chat.length + 1)]))
  lastOf.set(theirs, 'last')
  await until(bob, () => bob.chats.every(({ id, lastMessage }) => lastMessage?.text === lastOf.get(id)))
  await bob.close()
  await ann.close()
  await world.stop()
  restore()
  await world.start()
  if (goesOn) await post(writers, messages, 'new')
  const left = await readAll([...writers, reader])
  const lost = all.length - countOf(all, left)
  say(`the database was replaced by an older one: ${lost} messages lost${goesOn ? `, ${messages} new ones since` : ''}`)

  bob = start()
  await bob.ready
  // In a session of the server's that lost its memory, or in a new one; never in two, which would count as two devices.
  const asksForPassword = (): boolean => bob.session.status === 'logged-in' && bob.session.needsPassword
  await until(bob, () => bob.network.connected || asksForPassword())
  if (asksForPassword()) await bob.login('bob@heal.example', password)
  let there = left
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end && countOf(all, there) < all.length;) {
    await sleep(250)
    there = await readAll([...writers, reader])
  }
  await bob.close()
  await world.stop()
  const returned = countOf(all, there) - (all.length - lost)
  const undeleted = there.filter((words) => words.includes('deleted after the backup')).length
  const told = world.output.match(/healed \d+ messages? in \d+ chats? from \d+ devices?/g)?.at(-1) ?? null
  say(`returned ${returned} of ${lost}; deleted words that stayed deleted: ${1 - undeleted} of 1`)
  say(`the server's log: ${told ?? 'nothing'}`)
  if (there.length !== all.length + (goesOn ? messages : 0)) throw new Error(`${there.length} messages where ${all.length} were stored`)
  return { stored: all.length, lost, returned, undeleted, told }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { chats: { type: 'string', default: '12' }, messages: { type: 'string', default: '500' }, database: { type: 'string' } },
  })
  const databases = values.database ? [values.database] : ['sqlite', 'mysql']
  for (const database of databases) {
    process.env['SKEIN_E2E_DATABASE'] = database
    for (const goesOn of [false, true]) {
      console.log(`${database}, ${goesOn ? 'the server goes on before the device returns' : 'the device returns first'}`)
      const options = { chats: Number(values.chats), messages: Number(values.messages), goesOn }
      const { lost, returned, undeleted, told } = await healDemo({ ...options, say: (line) => console.log(`  ${line}`) })
      if (lost === 0 || returned !== lost || undeleted > 0 || told === null) process.exitCode = 1
    }
  }
  console.log(process.exitCode ? 'Not everything came back.' : 'Everything came back.')
}
