// Membership that changes while devices are there and while they are away, with the real server: the same on both databases.
import { randomBytes } from 'node:crypto'
import { chatIdOf, uuidOf, type ChatId, type UserId } from '@skein/protocol'
import { until } from '@skein/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nothingQueued, openScene, texts, type Person, type Scene } from './scene.suite.ts'

export function membersSuite(databaseUrl: (folder: string) => Promise<string>): void {
  describe('a group whose members change', () => {
    let scene: Scene
    beforeEach(async () => {
      scene = await openScene(databaseUrl)
    })
    afterEach(() => scene[Symbol.asyncDispose]())

    const change = (chat: ChatId, by: UserId, type: 'join' | 'leave', user: UserId) =>
      scene.skein.sync.changeMember(chat, by, { type, id: uuidOf(randomBytes(16), 4), at: new Date(0).toISOString(), user })

    /** A group of Alice and Bob, with a word in it. */
    async function crew(): Promise<{ alice: Person; bob: Person; chat: ChatId }> {
      const [alice, bob] = [await scene.person('Alice'), await scene.person('Bob')]
      const { chat } = await scene.skein.storage.createChat({
        id: chatIdOf(randomBytes(17)),
        kind: 'group',
        title: 'Crew',
        by: alice.id,
        members: [alice.id, bob.id],
      })
      for (const { engine } of [alice, bob]) {
        engine.connect()
        await until(engine, () => engine.chats.length === 1)
      }
      await alice.engine.send(chat.id, 'ahoy')
      await until(bob.engine, () => bob.engine.chats[0]?.lastMessage?.text === 'ahoy')
      return { alice, bob, chat: chat.id }
    }

    test('promise 8: what somebody wrote before they knew that they were removed is refused with a reason, stays on their device, and goes out when they are back', async () => {
      const { alice, bob, chat } = await crew()
      const window = bob.engine.openChat(chat)
      await until(window, () => window.items.length === 1)
      bob.network.cut()
      await until(bob.engine, () => !bob.engine.network.connected)
      for (const text of ['from the boat', 'and again']) await bob.engine.send(chat, text)
      expect(await change(chat, alice.id, 'leave', bob.id)).toMatchObject({ ok: true })
      await alice.engine.send(chat, 'he must not read this')
      bob.network.mend()
      bob.engine.connect()
      await until(bob.engine, () => bob.engine.chats[0]?.removed === true && bob.engine.outbox.every(({ state }) => state === 'aside'))
      expect(bob.engine.outbox.map(({ text, reason }) => [text, reason])).toEqual([
        ['from the boat', 'no-access'],
        ['and again', 'no-access'],
      ])
      await bob.reload()
      expect(bob.engine.chats).toMatchObject([{ removed: true, lastMessage: { text: 'and again', problem: 'no-access' } }])
      expect(bob.engine.outbox.map(({ text }) => text)).toEqual(['from the boat', 'and again'])
      expect(await bob.engine.exportOutbox('text')).toMatch(/^Crew · .* · refused: no-access\nfrom the boat\n\nCrew · .*\nand again\n$/)
      await expect(bob.engine.send(chat, 'let me in')).rejects.toMatchObject({ code: 'forbidden' })
      for (const { id } of bob.engine.outbox) await expect(bob.engine.retry(id)).rejects.toMatchObject({ code: 'forbidden' })
      const stored = await scene.skein.storage.history(chat, { before: null, cursor: null, limit: 10 })
      expect(stored.items.map(({ text }) => text)).toEqual(['ahoy', 'he must not read this'])

      await change(chat, alice.id, 'join', bob.id)
      await until(bob.engine, () => bob.engine.chats[0]?.removed === false)
      for (const { id } of bob.engine.outbox) await bob.engine.retry(id)
      await until(alice.engine, () => alice.engine.chats[0]?.lastMessage?.text === 'and again')
      await until(bob.engine, () => bob.engine.outbox.length === 0)
    })

    test('promise 8: who is removed while looking on sees so at once, and nothing that comes after', async () => {
      const { alice, bob, chat } = await crew()
      const window = bob.engine.openChat(chat)
      await until(window, () => window.items.length === 1)
      await until(bob.engine, () => bob.engine.documentState(chat) !== null)
      await change(chat, alice.id, 'leave', bob.id)
      await until(bob.engine, () => bob.engine.chats[0]?.removed === true)
      const ours = alice.engine.openChat(chat)
      await alice.engine.send(chat, 'behind his back')
      await until(ours, () => ours.items.length === 2 && nothingQueued(ours))
      await until(alice.engine, () => alice.engine.chats[0]?.members.length === 1)
      expect(texts(window)).toEqual(['ahoy'])
    })

    test('CHAT-5: a newcomer has the chat without asking, with nothing unread of what came before; both sides see each other', async () => {
      const { alice, bob, chat } = await crew()
      const cleo = await scene.person('Cleo')
      await change(chat, alice.id, 'join', cleo.id)
      await until(cleo.engine, () => cleo.engine.chats.length === 1)
      expect(cleo.engine.chats).toMatchObject([{ id: chat, title: 'Crew', unread: 0, lastMessage: { text: 'ahoy' } }])
      await until(bob.engine, () => bob.engine.chats[0]?.members.length === 3)
      await cleo.engine.send(chat, 'hello crew')
      await until(bob.engine, () => bob.engine.chats[0]?.lastMessage?.text === 'hello crew')
      await bob.engine.send(chat, 'welcome')
      await until(cleo.engine, () => cleo.engine.chats[0]?.unread === 1)
    })
  })
}
