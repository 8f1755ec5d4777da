// Pinned messages between devices: at once, offline, over a reload, and on a device that does not hold what was pinned.
import { backUp, until } from '@skein/testing'
import { canonicalJson, MAX_PINS, uuidOf, type Operation } from '@skein/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memoryStores, type ChatWindow, type MessageItem } from './index.ts'
import { nodePorts } from './node/index.ts'
import { openScene, password, texts, type Pair, type Scene } from './scene.suite.ts'

const pinned = ({ pinned: items }: ChatWindow): string[] => items.map(({ text }) => text)
const target = ({ id, authorId }: MessageItem) => ({ id, author: authorId })
const isPinned =
  (window: ChatWindow, ...words: string[]) =>
  (): boolean =>
    pinned(window).join() === words.join()

export function pinsSuite(databaseUrl: (folder: string) => Promise<string>): void {
  describe('pinned messages', () => {
    let scene: Scene
    let pair: Pair
    let url: string
    beforeEach(async () => {
      scene = await openScene(async (folder) => (url = await databaseUrl(folder)))
      pair = await scene.pair()
    })
    afterEach(() => scene[Symbol.asyncDispose]())

    async function freshBob() {
      const device = await scene.device()
      await device.engine.login('bob@example.org', password)
      await until(device.engine, () => device.engine.chats.length === 1)
      return device
    }
    const find = (window: ChatWindow, text: string): MessageItem => window.items.find((item) => item.text === text) ?? expect.fail(text)
    const lineOf = ({ events }: ChatWindow): string[] => events.map(({ kind, by }) => `${kind} ${by}`)

    test('PIN-1, promise 1: pinned without a network it shows here at once and over a reload, for everybody once there is one, with a line that says who', async () => {
      const { alice, bob, chat, a, b } = pair
      bob.network.cut()
      await until(bob.engine, () => !bob.engine.network.connected)
      await bob.engine.pin(chat, target(find(b, 'hello')), true)
      const id = await bob.engine.send(chat, 'mine')
      await bob.engine.pin(chat, { id, author: bob.id }, true)
      await until(b, isPinned(b, 'mine', 'hello'))
      expect(bob.engine.outbox.map(({ kind }) => kind)).toEqual(['pin', 'message', 'pin'])
      await bob.reload()
      const again = bob.engine.openChat(chat)
      await until(again, isPinned(again, 'mine', 'hello'))
      expect(pinned(a)).toEqual([])
      bob.network.mend()
      bob.engine.connect()
      await until(a, isPinned(a, 'mine', 'hello'))
      await until(bob.engine, () => bob.engine.outbox.length === 0)
      for (const window of [a, again]) await until(window, () => lineOf(window).join() === [`pin ${bob.id}`, `pin ${bob.id}`].join())
      expect(pinned(again)).toEqual(['mine', 'hello'])
      // Taken out by somebody else, and deleted by its author.
      await alice.engine.pin(chat, target(find(a, 'mine')), false)
      await until(again, isPinned(again, 'hello'))
      await alice.engine.delete(chat, target(find(a, 'hello')))
      for (const window of [a, again]) await until(window, isPinned(window))
    })

    test('PIN-3: a device without the message, one that was away and one that is fresh learn what is pinned, and it stays there offline', async () => {
      const { alice, bob, chat, a, b } = pair
      const hello = target(find(a, 'hello'))
      for (let n = 0; n < 120; n++) await alice.engine.send(chat, `m${n}`)
      await until(b, () => texts(b).at(-1) === 'm119')
      // It holds the last page alone.
      const fresh = await freshBob()
      const window = fresh.engine.openChat(chat)
      await until(window, () => window.items.length > 20 && window.loading === null)
      expect(texts(window)).not.toContain('hello')
      bob.network.cut()
      await until(bob.engine, () => !bob.engine.network.connected)
      await alice.engine.pin(chat, hello, true)
      await until(window, isPinned(window, 'hello'))
      await alice.engine.edit(chat, hello, 'hello, all')
      await until(window, isPinned(window, 'hello, all'))
      bob.network.mend()
      bob.engine.connect()
      await until(b, isPinned(b, 'hello, all'))
      const other = await freshBob()
      const late = other.engine.openChat(chat)
      await until(late, isPinned(late, 'hello, all'))
      other.network.cut()
      await until(other.engine, () => !other.engine.network.connected)
      await other.reload()
      const offline = other.engine.openChat(chat)
      await until(offline, isPinned(offline, 'hello, all'))
      expect(texts(offline)).not.toContain('hello, all')
    })

    test('PIN-1: pinned apart on two devices, both show the same afterwards, and no more than MAX_PINS', async () => {
      const { alice, bob, chat, a, b } = pair
      const words = Array.from({ length: MAX_PINS }, (_, n) => `word ${n}`)
      for (const word of words) await alice.engine.send(chat, word)
      await until(b, () => texts(b).includes(words.at(-1) ?? ''))
      bob.network.cut()
      await until(bob.engine, () => !bob.engine.network.connected)
      await until(a, () => a.items.every(({ seq }) => seq > 0))
      for (const word of words) await alice.engine.pin(chat, target(find(a, word)), true)
      await bob.engine.pin(chat, target(find(b, 'hello')), true)
      await until(a, isPinned(a, ...words.toReversed()))
      // Stored, and not only shown: the other's comes behind them.
      await until(alice.engine, () => alice.engine.outbox.length === 0)
      bob.network.mend()
      bob.engine.connect()
      const both = ['hello', ...words.slice(1).toReversed()]
      for (const window of [a, b]) await until(window, isPinned(window, ...both))
    })

    test('PIN-1, BLOCK-1: what is refused is set aside with its reason, and the bar is as it was', async () => {
      const { alice, bob, b, chat } = pair
      await scene.skein.storage.block(alice.id, bob.id, chat)
      await bob.engine.pin(chat, target(find(b, 'hello')), true)
      await until(bob.engine, () => bob.engine.outbox[0]?.state === 'aside')
      expect([bob.engine.outbox[0]?.reason, bob.engine.outbox[0]?.kind, pinned(b)]).toEqual(['blocked', 'pin', []])
    })

    test('HEAL-4, HEAL-8, PIN-3: a restored server that has gone on gets back what was pinned, and all show the same', async () => {
      const { alice, bob, chat, a, b } = pair
      const restore = await backUp(url)
      const id = await alice.engine.send(chat, 'lost')
      await until(b, () => texts(b).includes('lost'))
      await bob.engine.pin(chat, { id, author: alice.id }, true)
      await until(a, isPinned(a, 'lost'))
      await until(b, isPinned(b, 'lost'))
      for (const { network, engine } of [alice, bob]) {
        network.cut()
        await until(engine, () => !engine.network.connected)
      }
      await scene.skein.restart(true, restore)
      const { randomBytes } = nodePorts(memoryStores())
      const said = [
        { type: 'message', id: uuidOf(randomBytes(16), 4), at: new Date().toISOString(), text: 'new' },
        { type: 'pin', id: uuidOf(randomBytes(16), 4), at: new Date().toISOString(), target: find(a, 'hello').id, targetAuthor: alice.id, on: true },
      ] satisfies Operation[]
      for (const operation of said)
        expect(await scene.skein.sync.commitOperation(chat, alice.id, operation, canonicalJson(operation))).toMatchObject({ ok: true })
      for (const { network, engine } of [alice, bob]) {
        network.mend()
        engine.connect()
      }
      for (const window of [a, b]) await until(window, isPinned(window, 'lost', 'hello'))
      await until(a, () => texts(a).join() === 'hello,new,lost')
    })
  })
}
