// I1, W7: a tab on memory, since its disk failed, when the person logs out in another tab of the same browser: what waits is kept or not, as they said there.
import { parseUserId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { createEngine, memoryStores, type Engine } from '../index.ts'
import { testPorts, tokenOf } from '../ports.suite.ts'
import { openBrowser } from '../testing-tabs.suite.ts'
import type { StoreFactory } from './store.ts'

const me = { id: parseUserId('a'.repeat(26)), email: 'a@example.org', name: 'Alice' }
const ben = parseUserId('b'.repeat(26))
const server = 'http://x'
const store = `skein ${server} ${me.id}`

test.each([
  ['discard', []],
  ['keep', ['a word in memory']],
] as const)('logged out in another tab with %s', async (waiting, left) => {
  const { ports, clock, routes } = testPorts()
  const browser = openBrowser()
  const disk = memoryStores()
  routes['POST /api/auth/login'] = () => ({ body: { accessToken: tokenOf('login'), user: me } })
  routes['POST /api/auth/logout'] = () => ({ status: 204 })
  let isBroken = true
  // The disk opens once the other tab is done, which may have deleted what was there.
  const isDone = Promise.withResolvers<void>()
  const broken: StoreFactory = {
    ...disk,
    open: async (name, lost) => {
      if (name === store && isBroken) throw new Error('UnknownError')
      if (name === store) await isDone.promise
      return disk.open(name, lost)
    },
  }
  const openTab = (factory: StoreFactory): Engine =>
    createEngine({ server, store: factory, ports: { ...ports, locks: browser.locks, channel: browser.channel } })
  const other = openTab(disk)
  await other.ready
  await other.login('a@example.org', 'x')
  const tab = openTab(broken)
  await tab.ready
  await tab.send(await tab.directChat(ben), 'a word in memory')
  expect(tab.outbox).toMatchObject([{ text: 'a word in memory', unsaved: true }])
  isBroken = false
  await other.logout(waiting)
  isDone.resolve()
  for (let i = 0; i < 20; i++) await clock.settle()
  expect(tab.session.status).toBe('logged-out')
  await tab.close()
  await other.close()
  const rows = await (await disk.open(store, () => {})).all('outbox')
  expect(rows.map(({ operation }) => ('text' in operation ? operation.text : ''))).toEqual(left)
})
