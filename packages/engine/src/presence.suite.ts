// W1–W5: what another person sees of somebody who leaves, blips, freezes, is killed, loses the session or has a second tab. How long it took is printed, never asserted.
import * as fake from 'fake-indexeddb'
import { until } from '@skein/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEngine, indexedDbStores, type Engine } from './index.ts'
import { openScene, password, type Pair, type Scene } from './scene.suite.ts'
import { openBrowser, type Browser, type TestTab } from './testing-tabs.suite.ts'

export function presenceSuite(databaseUrl: (folder: string) => Promise<string>): void {
  describe('presence, as another person sees it', () => {
    let scene: Scene
    let pair: Pair
    let browser: Browser
    let tab: TestTab
    let stores: ReturnType<typeof indexedDbStores>
    let second: Engine | null

    beforeEach(async () => {
      Object.assign(globalThis, fake, { indexedDB: new fake.IDBFactory() })
      scene = await openScene(databaseUrl)
      stores = indexedDbStores()
      browser = openBrowser()
      tab = browser.openTab(stores)
      second = null
      pair = await scene.pair({ stores, ports: tab.ports })
      await sees('online, typing', true, true, () => pair.a.setTyping(true))
    })
    afterEach(async () => {
      await second?.close()
      await scene[Symbol.asyncDispose]()
    })
    /** Waits until Bob sees Alice so. */
    async function sees(what: string, online: boolean, typing: boolean, after: () => unknown = () => {}): Promise<void> {
      const { bob, b } = pair
      const from = performance.now()
      await after()
      await until(
        bob.engine,
        () => bob.engine.people.find(({ name }) => name === 'Alice')?.online === online && b.typing.includes('Alice') === typing,
      )
      process.stdout.write(`presence: ${what} seen after ${Math.round(performance.now() - from)} ms\n`)
    }
    async function openSecond(): Promise<Engine> {
      const other = browser.openTab(stores)
      second = createEngine({ server: pair.alice.network.url, store: stores, ports: other.ports })
      await second.ready
      return second
    }

    test('P6, DOC-4, PRES-1: who registers is in everybody’s list at once, and nothing is told of their presence', async () => {
      const { bob } = pair
      await scene.person('Cleo')
      await until(bob.engine, () => bob.engine.people.some(({ name }) => name === 'Cleo'))
      expect(bob.engine.people.find(({ name }) => name === 'Cleo')).toMatchObject({ online: false, lastSeenAt: null })
    })

    test('leave: closing the last tab says goodbye', () => sees('leave', false, false, () => pair.alice.engine.close()))

    test('blip, W3: who comes back is online, and typing is announced again without a key', async () => {
      const { alice } = pair
      await sees('loss', false, false, () => alice.network.cut())
      await sees('return', true, true, () => {
        alice.network.mend()
        alice.engine.connect()
      })
    })

    test('blip, W3: the same when all sockets end at once', async () => {
      const { alice, bob } = pair
      scene.skein.dropSockets()
      for (const { engine } of [alice, bob]) await until(engine, () => !engine.network.connected)
      for (const { engine } of [alice, bob]) engine.connect()
      await sees('return of both', true, true)
    })

    test('freeze: a page that is put to sleep is gone, and back when it wakes', async () => {
      await sees('freeze', false, false, () => tab.show('asleep'))
      await sees('waking', true, false, () => tab.show('visible'))
    })

    test('kill: a process that ends says nothing, its socket does', () => sees('kill', false, false, () => pair.alice.network.cut()))

    test('token end: who is logged out is gone, and back with the password', async () => {
      await sees('log-out', false, false, () => pair.alice.engine.logout('keep'))
      await sees('log-in', true, false, () => pair.alice.engine.login('alice@example.org', password))
    })

    test('second tab: typing there is seen, closing either leaves the person online, closing both does not', async () => {
      const { alice, chat, a } = pair
      await sees('silence', true, false, () => a.setTyping(false))
      const other = await openSecond()
      const window = other.openChat(chat)
      await until(other, () => other.network.connected)
      await sees('typing in the tab that follows', true, true, () => window.setTyping(true))
      await alice.engine.close()
      // One key press is one message: before the chat is open here, it says nothing to anybody.
      await until(other, () => other.network.connected && other.documentState(chat) !== null)
      await sees('typing after the takeover', true, true, () => window.setTyping(true))
      await sees('the last tab closed', false, false, () => other.close())
      expect(scene.skein.sockets).toBe(1)
    })
  })
}
