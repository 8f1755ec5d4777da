// What stays on a device: whole chats, the outbox over reloads, and counts that agree on several devices of one person.
import { join } from 'node:path'
import { until } from '@skein/testing'
import type { ChatId } from '@skein/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ChatItem, Ports } from './index.ts'
import { nodePorts, sqliteStores } from './node/index.ts'
import { openScene, password, texts, type Device, type Pair, type Scene } from './scene.suite.ts'

const itemOf = (device: Device, chat: ChatId): ChatItem => device.engine.chats.find(({ id }) => id === chat) ?? expect.fail()

export function localSuite(databaseUrl: (folder: string) => Promise<string>): void {
  describe('what stays on a device', () => {
    let scene: Scene
    let pair: Pair
    let opened = 0
    beforeEach(async () => {
      scene = await openScene(databaseUrl)
      pair = await scene.pair()
    })
    afterEach(() => scene[Symbol.asyncDispose]())

    async function history(count: number): Promise<void> {
      const { alice, chat, b } = pair
      for (let i = 0; i < count; i++) await alice.engine.send(chat, `m${i}`)
      await until(b, () => b.items.at(-1)?.text === `m${count - 1}`)
      await until(alice.engine, () => alice.engine.network.waiting === 0)
    }
    /** A device of Bob's that asks for old messages only as often as it is let. */
    async function second(allowed: { pages: number }, options: { quota?: number; persist?: () => void } = {}): Promise<Device> {
      const stores = sqliteStores(join(scene.folder, `second ${++opened}`))
      const { fetch } = nodePorts(stores)
      const ports: Partial<Ports> = {
        fetch: async (url, init) => {
          if (url.includes('/messages?') && --allowed.pages < 0) throw new TypeError('no more')
          return fetch(url, init)
        },
        storage: {
          quotaBytes: async () => options.quota ?? null,
          persisted: async () => false,
          persist: async () => (options.persist?.(), true),
        },
      }
      const device = await scene.device({ stores, ports })
      await device.engine.login('bob@example.org', password)
      await until(device.engine, () => device.engine.chats.length === 1)
      return device
    }

    test('promise 1: history is cleared by hand, as far as the server has it: the newest, what waits and what is kept stay', async () => {
      const { alice, chat } = pair
      await history(120)
      const device = await second({ pages: Infinity })
      const window = device.engine.openChat(chat)
      await until(window, () => window.items.length > 0)
      while (window.hasOlder) await window.loadOlder()
      expect(await device.engine.clearHistory()).toBe(0)
      device.network.cut()
      await device.engine.send(chat, 'waits')
      window.close()
      const before = device.engine.storage.usedBytes
      const freed = await device.engine.clearHistory()
      expect([device.engine.storage.usedBytes, itemOf(device, chat).offline.held]).toEqual([before - freed, 50])
      expect(freed).toBeGreaterThan(0)
      await device.reload()
      expect(device.engine.outbox.map(({ text }) => text)).toEqual(['waits'])
      device.network.mend()
      device.engine.connect()
      await until(alice.engine, () => itemOf(alice, chat).lastMessage?.text === 'waits')
      await device.engine.keepOffline(chat, true)
      await until(device.engine, () => itemOf(device, chat).offline.state === 'complete')
      expect([await device.engine.clearHistory(), itemOf(device, chat).offline.state]).toEqual([0, 'complete'])
    })

    test('keep offline: all of a chat is loaded, over a broken line and a reload, stays whole with what is new, and is read without a network', async () => {
      const { alice, chat, a, b } = pair
      await history(500)
      const allowed = { pages: 1 }
      const device = await second(allowed)
      await device.engine.keepOffline(chat, true)
      await until(device.engine, () => itemOf(device, chat).offline.held >= 200)
      expect(itemOf(device, chat).offline).toMatchObject({ state: 'loading', total: 501 })
      allowed.pages = Infinity
      await device.reload()
      await until(device.engine, () => itemOf(device, chat).offline.state === 'complete')
      expect(itemOf(device, chat).offline).toMatchObject({ held: 501, total: 501 })
      expect(device.engine.storage).toMatchObject({ usedBytes: itemOf(device, chat).offline.bytes, failed: false })
      await alice.engine.send(chat, 'new')
      await alice.engine.edit(chat, { id: a.items[0]?.id ?? expect.fail(), author: alice.id }, 'hello, edited')
      await until(b, () => texts(b).includes('new'))
      await until(device.engine, () => itemOf(device, chat).offline.held === 502)
      // The edit may come with the next page of changes.
      device.engine.connect()
      await until(device.engine, () => itemOf(device, chat).lastMessage?.text === 'new')
      device.network.cut()
      allowed.pages = 0
      await until(device.engine, () => !device.engine.network.connected)
      await device.reload()
      const window = device.engine.openChat(chat)
      await until(window, () => window.items.length > 0 && window.loading === null)
      while (window.hasOlder) await window.loadOlder()
      expect(window.items.length).toBe(502)
      expect(window.error).toBeNull()
    })

    test('keep offline: without room it stops, says so, and leaves the rest alone; letting it go frees what is old', async () => {
      const { chat } = pair
      await history(450)
      // Half of it is the budget: enough for one page and not for two.
      const device = await second({ pages: Infinity }, { quota: 2 * 400_000 })
      await until(device.engine, () => device.engine.storage.budgetBytes === 400_000)
      await device.engine.keepOffline(chat, true)
      await until(device.engine, () => itemOf(device, chat).offline.state === 'over-budget')
      const { held, total } = itemOf(device, chat).offline
      expect(held).toBeLessThan(total)
      expect(device.engine.storage.usedBytes).toBeLessThanOrEqual(400_000)
      await device.engine.keepOffline(chat, false)
      expect(itemOf(device, chat).offline.state).toBe('off')
    })

    test('I6: the browser is asked to keep the data once, with the first word', async () => {
      let asked = 0
      const device = await second({ pages: Infinity }, { persist: () => asked++ })
      expect(device.engine.storage.persisted).toBe(false)
      await device.engine.send(pair.chat, 'one')
      await until(device.engine, () => device.engine.storage.persisted === true)
      await device.engine.send(pair.chat, 'two')
      await device.reload()
      await device.engine.send(pair.chat, 'three')
      expect(asked).toBe(1)
    })

    test('the outbox says what waits and why, takes new words in place, survives a reload, and can be exported', async () => {
      const { alice, bob, chat, a } = pair
      const hello = a.items[0] ?? expect.fail()
      alice.network.cut()
      await until(alice.engine, () => !alice.engine.network.connected)
      const id = await alice.engine.send(chat, 'first')
      await alice.engine.edit(chat, { id: hello.id, author: alice.id }, 'hello!')
      await alice.engine.react(chat, { id: hello.id, author: alice.id }, '👍', true)
      expect(await alice.engine.editQueued(id, 'first, better')).toBe(true)
      const edit = alice.engine.outbox[1]?.id ?? expect.fail()
      expect(await alice.engine.editQueued(edit, 'hello there')).toBe(true)
      await alice.reload()
      const target = { id: hello.id, author: alice.id }
      expect(alice.engine.outbox).toMatchObject([
        { id, chatId: chat, kind: 'message', text: 'first, better', target: null, state: 'waiting', reason: null, nextTryAt: null, unsaved: false },
        { id: edit, kind: 'edit', text: 'hello there', target },
        { kind: 'react', text: '👍', target },
      ])
      expect(JSON.parse(await alice.engine.exportOutbox('json'))).toMatchObject([
        { chat: 'Bob', kind: 'message', text: 'first, better', state: 'waiting' },
        { chat: 'Bob', kind: 'edit', text: 'hello there', about: 'hello' },
        { kind: 'react', text: '👍', about: 'hello' },
      ])
      const text = await alice.engine.exportOutbox('text')
      expect(text).toMatch(/^Bob · .*Z · message · not sent yet\nfirst, better\n/)
      expect(text).toContain('About: hello\nhello there\n')
      alice.network.mend()
      alice.engine.connect()
      await until(alice.engine, () => alice.engine.outbox.length === 0)
      expect(await alice.engine.editQueued(id, 'too late')).toBe(false)
      await until(bob.engine, () => bob.engine.chats[0]?.lastMessage?.text === 'first, better')
    })

    test('CHAT-4: marks and counts agree on all devices of a person, whichever of them, or a bot over HTTP, has read how far', async () => {
      const { alice, bob, chat, a } = pair
      await history(120)
      await bob.engine.send(chat, 'mine')
      await until(a, () => texts(a).includes('mine'))
      const devices = [pair.bob, await second({ pages: Infinity }), await second({ pages: Infinity })]
      const unread = async (count: number): Promise<void> => {
        for (const device of devices) await until(device.engine, () => itemOf(device, chat).unread === count)
      }
      await unread(121)
      pair.b.markSeen(20)
      await unread(101)
      const token = await fetch(`${scene.skein.url}/api/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'bob@example.org', password }),
      }).then(async (answer) => ((await answer.json()) as { accessToken: string }).accessToken)
      const seen = (await scene.skein.storage.history(chat, { before: null, cursor: null, limit: 200 })).items.find(({ seq }) => seq === 60)
      await fetch(`${scene.skein.url}/api/chats/${chat}/messages/seen`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ messageIds: [seen?.id] }),
      })
      await unread(61)
      await alice.engine.send(chat, 'one more')
      await unread(62)
      const fresh = await second({ pages: Infinity })
      devices.push(fresh)
      await unread(62)
      fresh.network.cut()
      await until(fresh.engine, () => !fresh.engine.network.connected)
      const window = fresh.engine.openChat(chat)
      window.markSeen(123)
      await until(fresh.engine, () => itemOf(fresh, chat).unread === 0)
      fresh.network.mend()
      fresh.engine.connect()
      await unread(0)
    })
  })
}
