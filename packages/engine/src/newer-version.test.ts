// V7: two versions of the program in two tabs. On IndexedDB, as in a browser.
import * as fake from 'fake-indexeddb'
import { parseUserId } from '@skein/protocol'
import { openDB } from 'idb'
import { beforeEach, expect, test } from 'vitest'
import { createEngine, indexedDbStores, type Engine } from './index.ts'
import { testPorts, tokenOf, type TestPorts } from './ports.suite.ts'
import { STORE_VERSION } from './store/rows.ts'
import { openBrowser, type Browser } from './testing-tabs.suite.ts'

const me = { id: parseUserId('a'.repeat(26)), email: 'a@example.org', name: 'Alice' }
const ben = parseUserId('b'.repeat(26))
const server = 'http://x'
const databases = [`skein ${server} ${me.id}`, `skein ${server} device`]

let world: TestPorts
let browser: Browser
beforeEach(() => {
  Object.assign(globalThis, fake, { indexedDB: new fake.IDBFactory() })
  world = testPorts()
  browser = openBrowser()
  world.routes['POST /api/auth/login'] = () => ({ body: { accessToken: tokenOf('login'), user: me } })
})
function openTab(): Engine {
  const { locks, channel } = browser
  return createEngine({ server, store: indexedDbStores(), ports: { ...world.ports, locks, channel } })
}
async function loggedIn(): Promise<Engine> {
  const engine = openTab()
  await engine.ready
  await engine.login('a@example.org', 'x')
  return engine
}
const textsIn = async (name: string): Promise<string[]> => {
  const database = await openDB(name, STORE_VERSION + 1)
  const rows = (await database.getAll('outbox')) as { row: { operation: { text: string } } }[]
  database.close()
  return rows.map(({ row }) => row.operation.text)
}

test.each(databases)('V7: an older tab lets go of %s for a newer program, says so, goes on showing, and loses no word', async (name) => {
  const engine = await loggedIn()
  const chat = await engine.directChat(ben)
  const window = engine.openChat(chat)
  await engine.send(chat, 'stored before')
  const newer = await openDB(name, STORE_VERSION + 1)
  await world.clock.advance(100)
  expect(engine.network.outdated).toBe(true)
  // The words of this call stay with whoever called.
  await expect(engine.send(chat, 'too late')).rejects.toMatchObject({ code: 'newer-version' })
  expect(window.items.map(({ text }) => text)).toEqual(['stored before'])
  expect(engine.session.status).toBe('logged-in')
  newer.close()
  expect(await textsIn(databases[0] ?? '')).toEqual(['stored before'])
  await engine.close()
})

test('V7: a newer program asks over the channel, and the older tab neither leads nor writes any more', async () => {
  const engine = await loggedIn()
  browser.channel(`skein ${server} session`, () => {}).post({ version: STORE_VERSION + 1, message: { is: 'hello' } })
  await world.clock.advance(100)
  expect(engine.network).toMatchObject({ outdated: true, connected: false })
  await expect(engine.directChat(ben)).rejects.toMatchObject({ code: 'newer-version' })
  let free = false
  await browser.locks.hold(`${databases[0]} leader`, new AbortController().signal, async () => void (free = true))
  expect(free).toBe(true)
  const asked = world.asked.length
  await world.clock.advance(3_600_000)
  expect(world.asked.length).toBe(asked)
  await engine.close()
})

test.each(databases)('V7: an older program that finds %s newer leaves it alone and says so, instead of going on in memory', async (name) => {
  const engine = await loggedIn()
  await engine.send(await engine.directChat(ben), 'of old')
  await engine.close()
  const newer = await openDB(name, STORE_VERSION + 1)
  newer.close()
  const older = openTab()
  await expect(older.ready).rejects.toMatchObject({ code: 'newer-version' })
  expect([older.network.outdated, older.session.status]).toEqual([true, 'starting'])
  await expect(older.login('a@example.org', 'x')).rejects.toMatchObject({ code: 'newer-version' })
  await older.close()
  expect(await textsIn(databases[0] ?? '')).toEqual(['of old'])
})
