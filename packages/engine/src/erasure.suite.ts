// ERASE-…, promise 7: what was deleted leaves the server and every device, whatever the device was doing meanwhile; with the real server, on both databases.
import { canonicalJson, ERASE_AFTER_MS, MIN_ERASING_MS, type ChatId } from '@skein/protocol'
import { databaseContents, until } from '@skein/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ChatWindow } from './index.ts'
import { nothingQueued, openScene, password, texts, type Device, type Person, type Scene } from './scene.suite.ts'
import { TABLES, type MessageRow } from './store/rows.ts'
import { put, type LocalStore } from './store/store.ts'

const SECRET = 'Stachelbeere'

export function erasureSuite(databaseUrl: (folder: string) => Promise<string>): void {
  describe('erasure', () => {
    let scene: Scene
    let url: string
    let ahead: number
    beforeEach(async () => {
      ahead = 0
      scene = await openScene(async (folder) => (url = await databaseUrl(folder)), undefined, undefined, { now: () => Date.now() + ahead })
    })
    afterEach(() => scene[Symbol.asyncDispose]())

    const storeOf = (device: Device, person: Person): Promise<LocalStore> =>
      device.stores.open(`skein ${device.network.url} ${person.id}`, () => undefined)
    async function contents(device: Device, person: Person): Promise<string> {
      const store = await storeOf(device, person)
      return JSON.stringify(await Promise.all(TABLES.map((table) => store.all(table))))
    }
    /** Resolves once what a device holds is as it should be; looked at after each notice of the engine. */
    async function untilHolds(device: Device, person: Person, is: (text: string) => boolean): Promise<void> {
      for (;;) {
        const noticed = Promise.withResolvers<void>()
        const stop = device.engine.subscribe(noticed.resolve)
        const done = is(await contents(device, person))
        if (!done) await noticed.promise
        stop()
        if (done) return
      }
    }
    const without = (words: string) => (text: string) => !text.includes(words)
    const rowsOf = async (device: Device, person: Person, chat: ChatId): Promise<MessageRow[]> =>
      (await storeOf(device, person)).list('messages', { group: chat })
    const clean = (): Promise<void> => scene.skein.sync.clean()
    const item = (window: ChatWindow, n: number) => {
      const found = window.items[n]
      if (!found) throw new Error('no such message')
      return { id: found.id, author: found.authorId }
    }
    /** Another device of Bob's. */
    async function another(): Promise<Device> {
      const device = await scene.device()
      await device.engine.login('bob@example.org', password)
      await until(device.engine, () => device.engine.network.connected && device.engine.chats.length > 0)
      return device
    }

    test('ERASE-1, ERASE-6: the words leave the server and every device: the author’s, one that has the chat open, a closed one, one that was offline, and one that is new', async () => {
      const { alice, bob, chat, a, b } = await scene.pair()
      await alice.engine.send(chat, `${SECRET} one`)
      await until(b, () => b.items.length === 2)
      await bob.engine.react(chat, item(b, 1), '👍', true)
      await alice.engine.edit(chat, item(b, 1), `${SECRET} two`)
      await alice.engine.send(chat, 'this stays')
      await until(b, () => b.items.length === 3 && b.items[1]?.text === `${SECRET} two` && nothingQueued(b))
      await until(a, () => a.items.length === 3 && nothingQueued(a))
      const closed = await another()
      const offline = await another()
      for (const device of [closed, offline]) {
        const window = device.engine.openChat(chat)
        await until(window, () => texts(window).includes(`${SECRET} two`))
        window.close()
      }
      offline.network.cut()
      await until(offline.engine, () => !offline.engine.network.connected)
      const before = (await scene.skein.storage.chat(chat))?.epoch

      await alice.engine.delete(chat, item(a, 1))
      await until(b, () => b.items[1]?.deletedAt !== null)
      await until(a, () => a.items[1]?.deletedAt !== null && !a.items[1]?.pending)
      expect(await databaseContents(url)).toContain(SECRET)
      await clean()
      expect((await scene.skein.storage.chat(chat))?.epoch).toBe(before)
      ahead += ERASE_AFTER_MS
      await clean()
      expect((await scene.skein.storage.chat(chat))?.epoch).not.toBe(before)
      expect(await databaseContents(url)).not.toContain(SECRET)

      for (const [device, person] of [
        [alice, alice],
        [bob, bob],
        [closed, bob],
      ] as const)
        await untilHolds(device, person, without(SECRET))
      expect(await contents(offline, bob)).toContain(SECRET)
      offline.network.mend()
      offline.engine.connect()
      await untilHolds(offline, bob, without(SECRET))
      const fresh = await another()
      const window = fresh.engine.openChat(chat)
      await until(window, () => window.items.length === 3)
      expect(texts(window)).toEqual(['hello', '', 'this stays'])

      // The same rows everywhere, to the byte, whichever way they got there; and each chain is still its own proof.
      const rows = JSON.stringify((await rowsOf(alice, alice, chat))[1])
      for (const device of [bob, closed, offline, fresh]) expect(JSON.stringify((await rowsOf(device, bob, chat))[1])).toBe(rows)
      const page = await scene.skein.storage.history(chat, { before: null, cursor: null, limit: 10 })
      expect(JSON.parse(rows)).toEqual({ ...page.items[1], chat })
      const held = await (await storeOf(bob, bob)).list('entries', { group: chat })
      const changes = await scene.skein.storage.changes(chat, { since: 0, head: null, limit: 100 })
      if (changes === 'unknown-head') throw new Error('no chain')
      for (const entry of held) expect(entry).toEqual({ ...changes.entries.find(({ rev }) => rev === entry.rev), chat })
      expect(held.filter(({ operation }) => operation === null).length).toBe(2)

      // And on they write.
      await alice.engine.send(chat, 'after')
      for (const shown of [a, b, window]) await until(shown, () => texts(shown).at(-1) === 'after' && nothingQueued(shown))
      expect(texts(a)).toEqual(['hello', '', 'this stays', 'after'])
    })

    test('ERASE-3: however much is deleted, one epoch an hour ends for it, and none when nothing was', async () => {
      const { alice, chat, a } = await scene.pair()
      for (let i = 0; i < 6; i++) await alice.engine.send(chat, `${SECRET} ${i}`)
      await until(a, () => a.items.length === 7 && nothingQueued(a))
      const epochs = new Set<string>()
      for (let i = 1; i <= 6; i++) {
        await alice.engine.delete(chat, item(a, i))
        await until(a, () => a.items[i]?.deletedAt !== null && !a.items[i]?.pending)
        for (let minutes = 0; minutes < 15; minutes += 5) {
          ahead += 5 * 60_000
          await clean()
          epochs.add((await scene.skein.storage.chat(chat))?.epoch ?? '')
        }
      }
      // 90 minutes: after ten, and an hour later.
      expect(epochs.size).toBe(3)
      ahead += MIN_ERASING_MS
      await clean()
      expect(await databaseContents(url)).not.toContain(SECRET)
      const last = (await scene.skein.storage.chat(chat))?.epoch
      ahead += 10 * MIN_ERASING_MS
      await clean()
      expect((await scene.skein.storage.chat(chat))?.epoch).toBe(last)
    })

    test('ERASE-5, promise 4: a word whose way out a device forgot is not said again once it is erased', async () => {
      const { alice, chat, a, b } = await scene.pair()
      const id = await alice.engine.send(chat, SECRET)
      await until(b, () => b.items.length === 2)
      await until(a, () => a.items.length === 2 && nothingQueued(a))
      const [row] = await (await storeOf(alice, alice)).list('entries', { group: chat, from: 3 })
      if (row?.operation?.type !== 'message') throw new Error('no entry')
      const chatRow = await (await storeOf(alice, alice)).get('chats', chat)
      alice.network.cut()
      await alice.engine.close()
      // The device is as it was before it heard that its word is stored.
      const store = await storeOf(alice, alice)
      const old = { ...chatRow, position: null, version: 99, erasedPos: 0 } as never
      const at = chatRow?.document ?? ''
      await store.write(
        [
          put('outbox', { id, chat, order: 1, operation: row.operation, state: { at: 'appended', document: at, n: 0 }, createdAt: 1 }),
          put('chats', old),
        ],
        true,
      )
      await scene.skein.sync.commitOperation(chat, alice.id, deletionOf(id), canonicalJson(deletionOf(id)))
      ahead += ERASE_AFTER_MS
      await clean()
      alice.network.mend()
      await alice.reload()
      await until(alice.engine, () => alice.engine.network.connected && alice.engine.outbox.length === 0)
      await untilHolds(alice, alice, without(SECRET))
      ahead += MIN_ERASING_MS
      await clean()
      expect(await databaseContents(url)).not.toContain(SECRET)
      expect((await scene.skein.storage.chat(chat))?.rev).toBe(4)
    })

    test('ERASE-2, promise 6: nothing is lost, doubled or goes back to queued while epochs end under writers', async () => {
      const { alice, bob, chat, a, b } = await scene.pair()
      const order = ['queued', 'sent', 'delivered', 'seen']
      const seen = new Map<string, number>()
      const problems: string[] = []
      let before: readonly string[] = []
      const watch = (): void => {
        const keys = a.items.map(({ key }) => key)
        if (new Set(keys).size !== keys.length) problems.push('doubled')
        // One's own words may move behind those that the server took first; nothing that was shown goes away.
        for (const key of before) if (!keys.includes(key)) problems.push(`${key} went away`)
        const [stored, storedBefore] = [a.items.filter(({ seq }) => seq > 0).map(({ key }) => key), before.filter((key) => (seen.get(key) ?? 0) > 0)]
        if (storedBefore.some((key, i) => stored[i] !== key && stored.includes(key) && stored.indexOf(key) < i)) problems.push('moved')
        for (const { key, status } of a.items) {
          const rank = order.indexOf(status)
          if (rank < (seen.get(key) ?? 0)) problems.push(`${key} went back to ${status}`)
          seen.set(key, Math.max(rank, seen.get(key) ?? 0))
        }
        before = keys
      }
      const stop = a.subscribe(watch)
      for (let round = 0; round < 4; round++) {
        const last = await alice.engine.send(chat, `${SECRET} ${round}`)
        await until(a, () => a.items.some(({ id, status }) => id === last && status !== 'queued'))
        await alice.engine.delete(chat, { id: last, author: alice.id })
        await until(a, () => a.items.some(({ id, deletedAt, pending }) => id === last && deletedAt !== null && !pending))
        ahead += MIN_ERASING_MS
        const erasing = clean()
        for (let i = 0; i < 10; i++) await (i % 2 ? alice : bob).engine.send(chat, `${round}.${i}`)
        await erasing
      }
      const all = (window: ChatWindow): boolean => window.items.length === 45 && nothingQueued(window)
      await until(a, () => all(a))
      await until(b, () => all(b))
      stop()
      expect(problems).toEqual([])
      expect(texts(a)).toEqual(texts(b))
      expect(await databaseContents(url)).not.toContain(SECRET)
      await untilHolds(bob, bob, without(SECRET))
    })

    test('ERASE-4: a person is erased at once and everywhere; their sockets close, and what others wrote stays', async () => {
      const { alice, bob, chat, a, b } = await scene.pair()
      await alice.engine.send(chat, `${SECRET} of Alice`)
      await bob.engine.send(chat, 'of Bob')
      await until(b, () => b.items.length === 3 && nothingQueued(b))
      await until(a, () => a.items.length === 3 && nothingQueued(a))
      await scene.skein.sync.eraseUser(alice.id)
      const left = await databaseContents(url)
      for (const word of [SECRET, 'hello', 'alice@example.org', 'Alice']) expect(left).not.toContain(word)
      await untilHolds(bob, bob, without(SECRET))
      await until(b, () => texts(b).filter((text) => text !== '').length === 1)
      expect(texts(b).toSorted()).toEqual(['', '', 'of Bob'])
      await until(bob.engine, () => bob.engine.chats[0]?.title === 'Deleted account')
      await until(alice.engine, () => {
        const { session } = alice.engine
        return session.status === 'logged-in' && session.needsPassword
      })
      await until(bob.engine, () => bob.engine.people.every(({ online }) => !online))
      expect((await scene.skein.storage.chatSummary(chat, bob.id))?.erasedPos).toBeGreaterThan(0)
      await bob.engine.send(chat, 'on he writes')
      await until(b, () => texts(b).at(-1) === 'on he writes' && nothingQueued(b))
    })

    function deletionOf(target: string) {
      return { type: 'delete' as const, id: '00000000-0000-4000-8000-00000000dead' as never, at: '2026-01-01T00:00:00.000Z', target: target as never }
    }
  })
}
