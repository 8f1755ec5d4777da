// UX 28, W7: the tabs of one person show the same, one of them leads, and another takes over. On IndexedDB, as in a browser.
import * as fake from 'fake-indexeddb'
import { until } from '@skein/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEngine, indexedDbStores, type Engine, type Ports } from './index.ts'
import { breakable, nothingQueued, openScene, password, texts, type Pair, type Scene } from './scene.suite.ts'
import { openBrowser, type Browser, type TestTab } from './testing-tabs.suite.ts'

export function tabsSuite(databaseUrl: (folder: string) => Promise<string>): void {
  describe('tabs of one browser', () => {
    let scene: Scene
    let pair: Pair
    let tabs: Engine[]
    let stores: ReturnType<typeof indexedDbStores>
    /** The first tab's. */
    let disk: ReturnType<typeof breakable>
    let browser: Browser
    /** Of Alice's first tab, which leads, and of the second. */
    let first: TestTab
    let other: TestTab
    let second: Engine

    beforeEach(async () => {
      Object.assign(globalThis, fake, { indexedDB: new fake.IDBFactory() })
      scene = await openScene(databaseUrl)
      stores = indexedDbStores()
      browser = openBrowser()
      first = browser.openTab(stores)
      tabs = []
      disk = breakable(stores)
      pair = await scene.pair({ stores: disk.stores, ports: first.ports })
      ;[other, second] = openTab()
      await second.ready
    })
    afterEach(async () => {
      for (const tab of tabs) await tab.close()
      await scene[Symbol.asyncDispose]()
    })
    function openTab(ports: Partial<Ports> = {}): [TestTab, Engine] {
      const tab = browser.openTab(stores)
      const engine = createEngine({ server: pair.alice.network.url, store: stores, ports: { ...tab.ports, ...ports } })
      tabs.push(engine)
      return [tab, engine]
    }

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
      const [, dying] = openTab(mute ? { channel: mute } : {})
      await dying.ready
      await dying.send(chat, 'last words')
      await alice.engine.close()
      await until(b, () => texts(b).includes('last words'))
    })

    test('promise 1: a leader that goes on finds such a word as soon as another tab comes', async () => {
      const { chat, b } = pair
      const mute: Ports['channel'] = () => ({ post: () => {}, close: () => {} })
      const [, dying] = openTab(mute ? { channel: mute } : {})
      await dying.ready
      await dying.send(chat, 'last words')
      const [, next] = openTab()
      await next.ready
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

    test('I7: a leader that is put to sleep lets go at once, and comes back as a follower that has missed nothing', async () => {
      const { alice, chat, a, b } = pair
      const window = second.openChat(chat)
      await until(window, () => window.items.length === 1)
      first.show('asleep')
      expect(alice.engine.network.connected).toBe(false)
      await second.send(chat, 'while it sleeps')
      await until(b, () => texts(b).includes('while it sleeps'))
      expect(second.documentState(chat)).not.toBeNull()
      first.show('visible')
      await until(a, () => texts(a).includes('while it sleeps') && nothingQueued(a))
      await until(alice.engine, () => alice.engine.network.connected)
      await alice.engine.send(chat, 'awake again')
      await until(b, () => texts(b).includes('awake again'))
      await until(a, () => nothingQueued(a))
      expect(alice.engine.documentState(chat)).toBeNull()
      expect(texts(b)).toEqual(['hello', 'while it sleeps', 'awake again'])
    })

    test('I7: a leader that answers no more is robbed of the lock; when it wakes it follows', async () => {
      const { alice, chat, a, b } = pair
      second.openChat(chat)
      await until(second, () => second.network.connected)
      first.stun()
      await until(second, () => second.documentState(chat) !== null)
      await second.send(chat, 'by the thief')
      await until(b, () => texts(b).includes('by the thief'))
      first.wake()
      await until(alice.engine, () => alice.engine.documentState(chat) === null)
      await until(a, () => texts(a).includes('by the thief') && nothingQueued(a))
      await alice.engine.send(chat, 'awake again')
      await until(b, () => texts(b).includes('awake again'))
      expect(texts(b)).toEqual(['hello', 'by the thief', 'awake again'])
    })

    test('I7: a leader that was stolen from and has not heard of it is told by the store, and its word is sent once', async () => {
      const { alice, chat, b } = pair
      second.openChat(chat)
      await until(second, () => second.network.connected)
      first.stun()
      await until(second, () => second.documentState(chat) !== null)
      // It still has its socket and its document, and believes that it leads.
      expect(alice.engine.documentState(chat)).not.toBeNull()
      await alice.engine.send(chat, 'from the one that was robbed')
      await expect.poll(() => alice.engine.documentState(chat)).toBeNull()
      first.wake()
      await until(b, () => texts(b).includes('from the one that was robbed'))
      expect(texts(b)).toEqual(['hello', 'from the one that was robbed'])
    })

    test('I7: a hidden leader hands over to the tab that is looked at, and stays the leader while nobody looks', async () => {
      const { alice, chat } = pair
      second.openChat(chat)
      other.show('hidden')
      first.show('hidden')
      await until(second, () => second.network.connected)
      expect(alice.engine.documentState(chat)).not.toBeNull()
      other.show('visible')
      await until(second, () => second.documentState(chat) !== null)
      expect(alice.engine.documentState(chat)).toBeNull()
      await until(alice.engine, () => alice.engine.network.connected)
    })

    test('offline, words, edits, reactions and marks of one tab are seen in the other, and only what was written is read again', async () => {
      const { alice, bob, chat, a, b } = pair
      await bob.engine.send(chat, 'read me')
      await until(a, () => a.items.length === 2)
      const window = second.openChat(chat)
      await until(window, () => window.items.length === 2)
      await until(second, () => second.network.connected)
      alice.network.cut()
      await until(second, () => !second.network.connected)
      const from = browser.posted.length
      await second.send(chat, 'one')
      await until(a, () => texts(a).includes('one'))
      await second.edit(chat, { id: window.items[2]?.id ?? expect.fail(), author: alice.id }, 'one, edited')
      await until(a, () => texts(a).includes('one, edited'))
      await second.react(chat, { id: window.items[1]?.id ?? expect.fail(), author: bob.id }, '👍', true)
      await until(a, () => a.items[1]?.reactions.length === 1)
      window.markSeen(2)
      await until(a, () => a.chat.unread === 0)
      await until(alice.engine, () => alice.engine.network.waiting === 2)
      const told = browser.posted.slice(from).map((posted) => (posted as { message: { is: string; messages?: string[] } }).message)
      expect(told.filter(({ is, messages }) => is === 'changed' && messages?.length !== 0)).toEqual([])
      alice.network.mend()
      alice.engine.connect()
      await until(b, () => texts(b).includes('one, edited') && b.items[1]?.status === 'seen')
      await until(window, () => nothingQueued(window))
      expect(texts(b)).toEqual(texts(window))
    })

    test('promise 1: what the leader has sent while its disk failed is too late to be taken back in another tab', async () => {
      const { b, chat } = pair
      await until(second, () => second.network.connected)
      disk.broken = true
      const id = await second.send(chat, 'word')
      await until(b, () => texts(b).includes('word'))
      expect(second.outbox).toMatchObject([{ id, state: 'waiting' }])
      expect(await second.discard(id)).toBe(false)
      disk.broken = false
      await until(second, () => second.outbox.length === 0)
    })

    test('ten tabs are one device: one socket, one presence, marks told once', async () => {
      const { bob, chat, b } = pair
      const windows = [second.openChat(chat)]
      for (let more = 0; more < 8; more++) {
        const [, tab] = openTab()
        await tab.ready
        windows.push(tab.openChat(chat))
      }
      await bob.engine.send(chat, 'to all ten')
      for (const window of windows) await until(window, () => window.items.length === 2)
      expect(scene.skein.sockets).toBe(2)
      for (const window of windows) window.markSeen(2)
      await until(b, () => b.items[1]?.status === 'seen')
      for (const tab of tabs.slice(0, 8)) await tab.close()
      expect(scene.skein.sockets).toBe(2)
      expect(bob.engine.people.find(({ name }) => name === 'Alice')?.online).toBe(true)
    })

    test('a tab that is opened while the leader is busy shows what is there at once', async () => {
      const { chat } = pair
      first.stun()
      const [, tab] = openTab()
      await tab.ready
      const window = tab.openChat(chat)
      await until(window, () => texts(window).includes('hello'))
      expect(tab.chats.map(({ title }) => title)).toEqual(['Bob'])
    })

    test('W7: two people in two tabs of one browser: nothing of either crosses, also when one logs out and leaves nothing behind', async () => {
      const { alice, bob, chat, b } = pair
      const carol = await scene.person('Carol')
      alice.network.cut()
      await until(alice.engine, () => !alice.engine.network.connected)
      await alice.engine.send(chat, 'Alice waits')
      await until(second, () => second.network.waiting === 1)
      alice.network.mend()
      await second.login('carol@example.org', password)
      const names = (): string[] => [alice.engine, second].map(({ session }) => (session.status === 'logged-in' ? session.user.name : ''))
      await until(alice.engine, () => names().every((name) => name === 'Carol'))
      const own = await second.directChat(bob.id)
      await second.send(own, 'from Carol')
      await until(alice.engine, () => alice.engine.chats.some(({ id }) => id === own))
      const shown = alice.engine.openChat(own)
      await until(shown, () => texts(shown).includes('from Carol') && nothingQueued(shown))
      for (const tab of [alice.engine, second]) {
        expect(tab.chats.map(({ id }) => id)).toEqual([own])
        expect(tab.outbox).toEqual([])
        expect(() => tab.openChat(chat).items).toThrow('There is no such chat.')
      }
      const databases = async (): Promise<string[]> => (await indexedDB.databases()).map(({ name }) => name ?? '')
      for (const name of await databases()) expect(name).toMatch(new RegExp(`^skein (${alice.network.url} (device|${alice.id}|${carol.id})|cookies)`))
      // Carol's leaving takes nothing of Alice's with it.
      await second.logout('discard')
      await until(alice.engine, () => alice.engine.session.status === 'logged-out')
      expect((await databases()).filter((name) => name.includes(carol.id))).toEqual([])
      await alice.engine.login('alice@example.org', password)
      await until(b, () => texts(b).includes('Alice waits') && nothingQueued(b))
      expect(texts(b)).toEqual(['hello', 'Alice waits'])
      await until(second, () => names().every((name) => name === 'Alice'))
      for (const tab of [alice.engine, second]) expect(tab.chats.map(({ id }) => id)).toEqual([chat])
    })

    test('I2: discarding at log-out in a tab that follows, while the leader has everything open and words wait', async () => {
      const { alice, chat, b } = pair
      alice.network.cut()
      await until(second, () => !second.network.connected)
      await alice.engine.send(chat, 'never sent')
      await second.logout('discard')
      await until(alice.engine, () => alice.engine.session.status === 'logged-out')
      expect((await indexedDB.databases()).filter(({ name }) => name?.includes(alice.id))).toEqual([])
      alice.network.mend()
      await alice.engine.login('alice@example.org', password)
      await until(alice.engine, () => alice.engine.chats.length === 1 && alice.engine.network.connected)
      await alice.engine.send(chat, 'said later')
      await until(b, () => texts(b).includes('said later'))
      expect(texts(b)).not.toContain('never sent')
    })
  })
}
