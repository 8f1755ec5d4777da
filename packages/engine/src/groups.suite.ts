// What changes about a group and about one's own list, as devices show it: while they look on, when they come back, and on a fresh one. With the real server, the same on both databases.
import { randomBytes } from 'node:crypto'
import { canonicalJson, chatIdOf, uuidOf, type ChatId, type GroupOperation, type Operation, type UserId } from '@skein/protocol'
import { until } from '@skein/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nothingQueued, openScene, password, texts, type Person, type Scene } from './scene.suite.ts'

type Without<T> = T extends unknown ? Omit<T, 'id' | 'at'> : never
const newId = () => uuidOf(randomBytes(16), 4)

export function groupsSuite(databaseUrl: (folder: string) => Promise<string>): void {
  describe('groups and one’s own list of chats', () => {
    let scene: Scene
    beforeEach(async () => {
      scene = await openScene(databaseUrl)
    })
    afterEach(() => scene[Symbol.asyncDispose]())

    async function crew(): Promise<{
      alice: Person
      bob: Person
      chat: ChatId
      change: (by: UserId, operation: Without<GroupOperation>) => Promise<void>
    }> {
      const { storage, sync } = scene.skein
      const [alice, bob] = [await scene.person('Alice'), await scene.person('Bob')]
      const id = chatIdOf(randomBytes(17))
      await storage.createChat({ id, kind: 'group', title: 'Crew', by: alice.id, members: [alice.id, bob.id] })
      sync.chatCreated(id, [alice.id, bob.id])
      for (const { engine } of [alice, bob]) await until(engine, () => engine.chats.length === 1)
      return {
        alice,
        bob,
        chat: id,
        change: async (by, operation) => {
          const outcome = await sync.changeMember(id, by, { ...operation, id: newId(), at: new Date(0).toISOString() } as GroupOperation)
          if (!outcome.ok) throw new Error(outcome.reason)
        },
      }
    }
    /** Another device of somebody. */
    async function another(name: string) {
      const device = await scene.device()
      await device.engine.login(`${name}@example.org`, password)
      await until(device.engine, () => device.engine.chats.length === 1)
      return device
    }
    const shown = ({ engine }: Pick<Person, 'engine'>) =>
      engine.chats.map(({ title, pictureUrl, members }) => [
        title,
        pictureUrl,
        members.filter(({ mayInvite }) => mayInvite).map(({ name }) => name),
        members.filter(({ mayRemove }) => mayRemove).map(({ name }) => name),
      ])

    test('CHAT-6, CHAT-8: title, picture and abilities show at once where the group is open, on a device that was away, and on a fresh one', async () => {
      const { alice, bob, chat, change } = await crew()
      expect(shown(bob)).toEqual([['Crew', null, ['Alice'], ['Alice']]])
      const window = bob.engine.openChat(chat)
      await until(bob.engine, () => bob.engine.documentState(chat) !== null)
      await change(bob.id, { type: 'rename', title: 'Boat' })
      await until(window, () => window.chat.title === 'Boat')
      alice.network.cut()
      await until(alice.engine, () => !alice.engine.network.connected)
      await change(bob.id, { type: 'picture', url: 'https://example.org/boat.png' })
      await change(alice.id, { type: 'may', user: bob.id, invite: true })
      await change(alice.id, { type: 'may', user: alice.id, invite: false })
      await change(bob.id, { type: 'rename', title: 'Ship' })
      const after = [['Ship', 'https://example.org/boat.png', ['Bob'], ['Alice']]]
      await until(bob.engine, () => JSON.stringify(shown(bob)) === JSON.stringify(after))
      alice.network.mend()
      alice.engine.connect()
      await until(alice.engine, () => JSON.stringify(shown(alice)) === JSON.stringify(after))
      expect(shown(await another('Bob'))).toEqual(after)
      // Without a title, and after a reload, it is called by its people.
      await change(alice.id, { type: 'rename', title: null })
      await until(bob.engine, () => bob.engine.chats[0]?.title === 'Alice, Bob' || bob.engine.chats[0]?.title === 'Bob, Alice')
      await bob.reload()
      expect(bob.engine.chats[0]?.pictureUrl).toBe('https://example.org/boat.png')
      window.close()
    })

    test('LED-5: an operation of a later version stops nobody, neither where the chat is open nor where it is read later', async () => {
      const { alice, bob, chat } = await crew()
      const window = bob.engine.openChat(chat)
      await until(bob.engine, () => bob.engine.documentState(chat) !== null)
      await alice.engine.send(chat, 'before')
      await until(window, () => window.items.length === 1)
      const later = { type: 'poll', id: newId(), at: new Date(0).toISOString(), question: ['Port?', { 'no-one': null }] }
      const outcome = await scene.skein.sync.commitOperation(chat, alice.id, later as unknown as Operation, canonicalJson(later))
      expect(outcome).toMatchObject({ ok: true, entries: [{ kind: 'poll' }] })
      await alice.engine.send(chat, 'after')
      await until(window, () => window.items.length === 2)
      await bob.engine.send(chat, 'answer')
      await until(window, () => window.items.length === 3 && nothingQueued(window))
      expect(texts(window)).toEqual(['before', 'after', 'answer'])
      await until(alice.engine, () => alice.engine.chats[0]?.lastMessage?.text === 'answer')
      const fresh = (await another('Bob')).engine
      const again = fresh.openChat(chat)
      await until(again, () => again.items.length === 3)
    })

    test('mute, pin and archive reach one’s other devices: at once, and when they come back', async () => {
      const { bob, alice, chat } = await crew()
      const { storage, sync } = scene.skein
      const other = await another('Bob')
      const arranged = ({ engine }: Pick<Person, 'engine'>) =>
        engine.chats.map(({ mutedUntil, pinned, archived }) => ({ mutedUntil, pinned, archived }))
      const set = async (changes: Parameters<typeof storage.setMine>[2]) => {
        const mine = await storage.setMine(chat, bob.id, changes)
        if (!mine) throw new Error('no member')
        sync.mineChanged(bob.id, chat, mine)
      }
      await set({ pinned: true })
      for (const device of [bob, other]) await until(device.engine, () => device.engine.chats[0]?.pinned === true)
      other.network.cut()
      await until(other.engine, () => !other.engine.network.connected)
      await set({ mutedUntil: 4_000_000_000_000, pinned: false, archived: true })
      other.network.mend()
      other.engine.connect()
      const after = [{ mutedUntil: 4_000_000_000_000, pinned: false, archived: true }]
      for (const device of [bob, other]) await until(device.engine, () => JSON.stringify(arranged(device)) === JSON.stringify(after))
      expect(arranged(await another('Bob'))).toEqual(after)
      expect(arranged(alice)).toEqual([{ mutedUntil: null, pinned: false, archived: false }])
      await bob.reload()
      expect(arranged(bob)).toEqual(after)
    })

    test('BLOCK-1: words between people who block each other are set aside with that reason, and go out once it is taken back', async () => {
      const { alice, bob, chat, a, b } = await scene.pair()
      const { storage } = scene.skein
      await storage.block(bob.id, alice.id, chat)
      for (const text of ['one', 'two']) await alice.engine.send(chat, text)
      await bob.engine.send(chat, 'mine')
      await until(alice.engine, () => alice.engine.outbox.length === 2 && alice.engine.outbox.every(({ state }) => state === 'aside'))
      await until(bob.engine, () => bob.engine.outbox[0]?.state === 'aside')
      expect([alice, bob].map(({ engine }) => engine.outbox.map(({ text, reason }) => [text, reason]))).toEqual([
        [
          ['one', 'blocked'],
          ['two', 'blocked'],
        ],
        [['mine', 'blocked']],
      ])
      expect([alice.engine.chats[0]?.removed, texts(b)[0]]).toEqual([false, 'hello'])
      await storage.unblock(bob.id, alice.id, chat)
      for (const { id } of alice.engine.outbox) await alice.engine.retry(id)
      await until(a, () => a.items.length === 3 && nothingQueued(a))
      await until(b, () => texts(b).includes('two'))
    })

    test('BLOCK-2: first words to somebody who is apart from one, or gone, are set aside with a reason, and go out once they may', async () => {
      const [alice, bob, gone] = [await scene.person('Alice'), await scene.person('Bob'), await scene.person('Gone')]
      const { storage, sync } = scene.skein
      const chat = await alice.engine.directChat(bob.id)
      await storage.block(bob.id, alice.id, chat)
      await sync.eraseUser(gone.id)
      const nobody = await alice.engine.directChat(gone.id)
      for (const each of [chat, nobody]) await alice.engine.send(each, 'hello')
      await until(alice.engine, () => alice.engine.outbox.length === 2 && alice.engine.outbox.every(({ state }) => state === 'aside'))
      expect(alice.engine.outbox.map(({ chatId, reason }) => [chatId, reason])).toEqual([
        [chat, 'blocked'],
        [nobody, 'no-access'],
      ])
      await storage.unblock(bob.id, alice.id, chat)
      const [first] = alice.engine.outbox
      if (first) await alice.engine.retry(first.id)
      await until(bob.engine, () => bob.engine.chats[0]?.lastMessage?.text === 'hello')
    })
  })
}
