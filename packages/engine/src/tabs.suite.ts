// UX 28, W7: the tabs of one person show the same, one of them leads, and another takes over. On IndexedDB, as in a browser.
import * as fake from 'fake-indexeddb'
import { until } from '@skein/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { browserPorts, createEngine, indexedDbStores, type Engine, type Ports } from './index.ts'
import { nothingQueued, openScene, password, texts, type Pair, type Scene } from './scene.suite.ts'
import { openBrowser } from './testing-tabs.suite.ts'
import { nodePorts } from './node/index.ts'

export function tabsSuite(databaseUrl: (folder: string) => Promise<string>): void {
  describe('tabs of one browser', () => {
    let scene: Scene
    let pair: Pair
    let tabs: Engine[]
    let stores: ReturnType<typeof indexedDbStores>
    let ports: Partial<Ports>
    let second: Engine

    beforeEach(async () => {
      Object.assign(globalThis, fake, { indexedDB: new fake.IDBFactory() })
      scene = await openScene(databaseUrl)
      stores = indexedDbStores()
      const { documentCache } = browserPorts()
      ports = { ...openBrowser(), ...(documentCache ? { documentCache } : {}) }
      pair = await scene.pair({ stores, ports })
      second = openTab()
      tabs = [second]
      await second.ready
    })
    afterEach(async () => {
      for (const tab of tabs) await tab.close()
      await scene[Symbol.asyncDispose]()
    })
    const openTab = (): Engine => createEngine({ server: pair.alice.network.url, store: stores, ports: { ...nodePorts(stores), ...ports } })

    test('a second tab shows what the first one has, and each sees the other’s words at once', async () => {
      const { alice, chat, a, b } = pair
      expect(second.session).toMatchObject({ status: 'logged-in', user: { name: 'Alice' } })
      const window = second.openChat(chat)
      await until(window, () => texts(window).includes('hello'))
      await until(second, () => second.network.connected)
      await second.send(chat, 'from the second tab')
      await until(b, () => b.items.length === 2)
      await until(a, () => a.items.length === 2 && nothingQueued(a))
      await until(window, () => window.items.length === 2 && nothingQueued(window))
      await alice.engine.send(chat, 'from the first tab')
      await until(window, () => window.items.length === 3 && nothingQueued(window))
      b.setTyping(true)
      await until(window, () => window.typing.includes('Bob'))
      window.setTyping(true)
      await until(b, () => b.typing.includes('Alice'))
      b.markSeen(3)
      await until(window, () => window.items.every(({ status }) => status === 'seen'))
      await until(second, () => second.people.some(({ name, online }) => name === 'Bob' && online))
    })

    test('offline, both tabs show what waits', async () => {
      const { alice, chat, a } = pair
      alice.network.cut()
      await until(second, () => !second.network.connected)
      const window = second.openChat(chat)
      await second.send(chat, 'waits')
      await until(a, () => a.items.length === 2)
      await alice.engine.edit(chat, { id: a.items[1]?.id ?? expect.fail(), author: alice.id }, 'waits, edited')
      await until(window, () => texts(window).includes('waits, edited'))
      expect(second.network.waiting).toBe(1)
      expect(alice.engine.network.waiting).toBe(1)
    })

    test('when the leading tab goes, another one takes over and sends what waits', async () => {
      const { alice, chat, b } = pair
      const window = second.openChat(chat)
      await alice.engine.close()
      await second.send(chat, 'after the handover')
      await until(b, () => b.items.length === 2)
      await until(window, () => window.items.length === 2 && nothingQueued(window))
    })

    test('promise 1: the next leader finds also the word of a tab that died before it could tell', async () => {
      const { alice, chat, b } = pair
      const mute: Ports['channel'] = () => ({ post: () => {}, close: () => {} })
      const dying = createEngine({
        server: alice.network.url,
        store: stores,
        ports: { ...nodePorts(stores), ...ports, ...(mute ? { channel: mute } : {}) },
      })
      tabs.push(dying)
      await dying.ready
      await dying.send(chat, 'last words')
      await alice.engine.close()
      await until(b, () => texts(b).includes('last words'))
    })

    test('logging out in one tab logs the other out, and leaves nothing behind when asked so', async () => {
      const { alice } = pair
      await second.logout('discard')
      await until(alice.engine, () => alice.engine.session.status === 'logged-out')
      expect(alice.engine.chats).toEqual([])
      const names = (await indexedDB.databases()).map(({ name }) => name)
      expect(names.filter((name) => name?.includes(alice.id))).toEqual([])
      await alice.engine.login('alice@example.org', password)
      await until(second, () => second.session.status === 'logged-in')
    })
  })
}
