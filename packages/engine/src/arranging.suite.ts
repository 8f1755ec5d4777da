// Mute, pin, archive, unread again and hidden messages from a person's devices, offline too: with the real server, the same on both databases.
import { MAX_HIDDEN_MESSAGES } from '@skein/protocol'
import { until } from '@skein/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Engine } from './index.ts'
import { openScene, password, type Device, type Pair, type Scene } from './scene.suite.ts'

const MUTED = 4_000_000_000_000
const arranged = ({ engine }: { engine: Engine }) =>
  engine.chats.map(({ mutedUntil, pinned, archived }) => [mutedUntil, pinned ? 'pinned' : '', archived ? 'archived' : ''])

export function arrangingSuite(databaseUrl: (folder: string) => Promise<string>): void {
  describe('mute, pin and archive', () => {
    let scene: Scene
    let pair: Pair
    let other: Device
    beforeEach(async () => {
      scene = await openScene(databaseUrl)
      pair = await scene.pair()
      other = await scene.device()
      await other.engine.login('alice@example.org', password)
      await until(other.engine, () => other.engine.chats.length === 1 && other.engine.network.connected)
    })
    afterEach(() => scene[Symbol.asyncDispose]())

    const cut = async (device: Device): Promise<void> => {
      device.network.cut()
      await until(device.engine, () => !device.engine.network.connected)
    }
    const mend = (device: Device): void => {
      device.network.mend()
      device.engine.connect()
    }
    const shows = (device: Device, expected: unknown): Promise<void> =>
      until(device.engine, () => JSON.stringify(arranged(device)) === JSON.stringify([expected]))

    test('promise 1: each holds at once without a network, survives a reload, and reaches the person’s other devices; nobody else’s', async () => {
      const { alice, bob, chat } = pair
      await cut(alice)
      await alice.engine.arrange(chat, { mutedUntil: MUTED, pinned: true })
      await alice.engine.arrange(chat, { archived: true, pinned: false })
      expect(arranged(alice)).toEqual([[MUTED, '', 'archived']])
      await alice.reload()
      expect(arranged(alice)).toEqual([[MUTED, '', 'archived']])
      expect(arranged(other)).toEqual([[null, '', '']])
      mend(alice)
      await shows(other, [MUTED, '', 'archived'])
      expect([arranged(alice), arranged(bob)]).toEqual([[[MUTED, '', 'archived']], [[null, '', '']]])
      await alice.engine.arrange(chat, { mutedUntil: null, archived: false })
      await shows(other, [null, '', ''])
    })

    test('UX 12: marked unread from a message on, offline too, it is so on the other devices until it is opened on one of them', async () => {
      const { alice, bob, chat, a } = pair
      await bob.engine.send(chat, 'two')
      await until(a, () => a.items.length === 2)
      a.markSeen(2)
      await until(other.engine, () => other.engine.chats[0]?.unread === 0 && other.engine.chats[0].lastMessage?.text === 'two')
      await cut(alice)
      await alice.engine.arrange(chat, { unreadAfter: 1 })
      expect(alice.engine.chats[0]).toMatchObject({ unread: 0, markedUnread: true })
      mend(alice)
      await until(other.engine, () => other.engine.chats[0]?.markedUnread === true)
      expect(bob.engine.chats[0]?.markedUnread).toBe(false)
      const again = other.engine.openChat(chat)
      expect(again).toMatchObject({ firstUnreadAfter: 1, wasMarkedUnread: true })
      await until(alice.engine, () => alice.engine.chats[0]?.markedUnread === false)
      const last = other.engine.openChat(chat)
      expect(last).toMatchObject({ firstUnreadAfter: 2, wasMarkedUnread: false })
    })

    test('promise 1: a message that one hides is without words at once, over a reload and on one’s other devices; two that hide apart do not undo one another; nobody else notices', async () => {
      const { alice, bob, chat, b } = pair
      for (const text of ['two', 'three']) await bob.engine.send(chat, text)
      await until(other.engine, () => other.engine.chats[0]?.lastMessage?.text === 'three')
      const window = other.engine.openChat(chat)
      await until(window, () => window.items.length === 3)
      await cut(alice)
      await alice.engine.arrange(chat, { hide: [3, 1] })
      await alice.engine.arrange(chat, { show: [1], pinned: true })
      await alice.reload()
      expect(alice.engine.chats[0]?.lastMessage).toMatchObject({ seq: 3, text: '', hidden: true })
      await other.engine.arrange(chat, { hide: [2] })
      await expect.poll(async () => (await scene.skein.storage.chatSummary(chat, alice.id))?.mine.hidden).toEqual([2])
      mend(alice)
      const again = alice.engine.openChat(chat)
      for (const one of [window, again]) {
        await until(one, () => one.items.map(({ hidden }) => hidden).join() === 'false,true,true')
        expect(one.items.map(({ seq, text }) => [seq, text])).toEqual([
          [1, 'hello'],
          [2, ''],
          [3, ''],
        ])
      }
      await shows(other, [null, 'pinned', ''])
      await until(b, () => b.items.length === 3)
      expect(b.items.map(({ text, hidden }) => [text, hidden])).toEqual([
        ['hello', false],
        ['two', false],
        ['three', false],
      ])
      expect(bob.engine.chats[0]?.lastMessage).toMatchObject({ text: 'three', deletedAt: null })
      await other.engine.arrange(chat, { show: [3] })
      await until(alice.engine, () => alice.engine.chats[0]?.lastMessage?.text === 'three')
    })

    test('more than MAX_HIDDEN_MESSAGES of a chat are refused at once; what two devices hid apart beyond that stays as the server holds it, and other wishes go through', async () => {
      const { alice, chat } = pair
      const many = Array.from({ length: MAX_HIDDEN_MESSAGES }, (_, n) => n + 10)
      await expect(alice.engine.arrange(chat, { hide: [...many, 1] })).rejects.toMatchObject({ code: 'too-many' })
      expect(alice.engine.chats[0]?.lastMessage?.text).toBe('hello')
      await cut(alice)
      await alice.engine.arrange(chat, { hide: [1], pinned: true })
      expect(alice.engine.chats[0]?.lastMessage?.hidden).toBe(true)
      await other.engine.arrange(chat, { hide: many })
      await expect.poll(async () => (await scene.skein.storage.chatSummary(chat, alice.id))?.mine.hidden.length).toBe(MAX_HIDDEN_MESSAGES)
      mend(alice)
      for (const device of [alice, other]) await shows(device, [null, 'pinned', ''])
      await until(alice.engine, () => alice.engine.chats[0]?.lastMessage?.text === 'hello')
    })

    test('the later wish wins: what another device decided meanwhile is not undone by an older one, and other wishes hold beside it', async () => {
      const { alice, chat } = pair
      await alice.engine.arrange(chat, { pinned: true })
      await shows(other, [null, 'pinned', ''])
      await cut(alice)
      await alice.engine.arrange(chat, { archived: true, mutedUntil: MUTED })
      await other.engine.arrange(chat, { mutedUntil: MUTED + 1_000, pinned: false })
      await expect.poll(async () => (await scene.skein.storage.chatSummary(chat, alice.id))?.mine.pinned).toBe(false)
      mend(alice)
      for (const device of [alice, other]) await shows(device, [MUTED + 1_000, '', 'archived'])
    })

    test('UX 9, promise 1: a draft holds without a network and over a reload, and follows the person to their other devices; two that were typed apart stand one under the other', async () => {
      const { alice, bob, chat } = pair
      const drafts = ({ engine }: Device) => engine.chats.map(({ draft }) => draft)
      const reads = (device: Device, expected: string): Promise<void> => until(device.engine, () => drafts(device)[0] === expected)
      await cut(alice)
      await alice.engine.arrange(chat, { draft: 'Half a thou' })
      await alice.engine.arrange(chat, { draft: 'Half a thought' })
      await alice.reload()
      expect(drafts(alice)).toEqual(['Half a thought'])
      mend(alice)
      await reads(other, 'Half a thought')
      expect(drafts(bob)).toEqual([''])
      // What comes after an absence comes by the feed.
      await cut(other)
      await alice.engine.arrange(chat, { draft: 'Half a thought, and more' })
      await other.engine.arrange(chat, { draft: 'Half a thought or less' })
      await expect.poll(async () => (await scene.skein.storage.chatSummary(chat, alice.id))?.mine.draft).toBe('Half a thought, and more')
      mend(other)
      for (const device of [alice, other]) await reads(device, 'Half a thought, and more\nHalf a thought or less')
      await other.engine.arrange(chat, { draft: '' })
      for (const device of [alice, other]) await reads(device, '')
    })

    test('words and wishes of one moment: a chat begun offline is pinned before the server knows of it', async () => {
      const { alice } = pair
      const cleo = await scene.person('Cleo')
      await until(alice.engine, () => alice.engine.people.some(({ id }) => id === cleo.id))
      await cut(alice)
      const begun = await alice.engine.directChat(cleo.id)
      await alice.engine.arrange(begun, { pinned: true })
      await alice.engine.send(begun, 'hello')
      mend(alice)
      await until(other.engine, () => other.engine.chats.find(({ id }) => id === begun)?.pinned === true)
    })
  })
}
