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

    async function crew(history: 'all' | 'joined' = 'all'): Promise<{
      alice: Person
      bob: Person
      chat: ChatId
      change: (by: UserId, operation: Without<GroupOperation>) => Promise<void>
    }> {
      const { storage, sync } = scene.skein
      const [alice, bob] = [await scene.person('Alice'), await scene.person('Bob')]
      const id = chatIdOf(randomBytes(17))
      await storage.createChat({ id, kind: 'group', title: 'Crew', by: alice.id, members: [alice.id, bob.id], fromJoining: history === 'joined' })
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
    const wordsOf = (items: readonly { text: string }[]): string[] => items.map(({ text }) => text)

    test('CHAT-9: who joins sees what is said from then on, also on a fresh device and offline; the chat has no older page, and is whole when it is kept', async () => {
      const { alice, bob, chat, change } = await crew('joined')
      const [a, b] = [alice.engine.openChat(chat), bob.engine.openChat(chat)]
      for (const text of ['one', 'two']) await alice.engine.send(chat, text)
      await until(b, () => b.items.length === 2)
      const cleo = await scene.person('Cleo')
      await change(alice.id, { type: 'join', user: cleo.id })
      await until(cleo.engine, () => cleo.engine.chats.length === 1)
      expect(cleo.engine.chats[0]).toMatchObject({ lastMessage: null, unread: 0, historyFrom: 2, history: 'joined' })
      const c = cleo.engine.openChat(chat)
      await until(c, () => c.loading === null)
      expect([c.items, c.hasOlder, c.error]).toEqual([[], false, null])
      // Whoever was there goes on in the next epoch, with what they write just now.
      await bob.engine.send(chat, 'three')
      await cleo.engine.send(chat, 'four')
      for (const window of [a, b]) await until(window, () => window.items.length === 4 && window.items.every(({ status }) => status !== 'queued'))
      await until(c, () => c.items.length === 2 && nothingQueued(c))
      expect([wordsOf(a.items), wordsOf(c.items)]).toEqual([['one', 'two', wordsOf(a.items)[2], wordsOf(a.items)[3]], wordsOf(a.items).slice(2)])
      await c.loadOlder()
      expect([c.items.length, c.hasOlder]).toEqual([2, false])
      await cleo.engine.keepOffline(chat, true)
      await until(cleo.engine, () => cleo.engine.chats[0]?.offline.state === 'complete')
      expect(cleo.engine.chats[0]?.offline).toMatchObject({ held: 2, total: 2 })
      const fresh = await another('Cleo')
      const f = fresh.engine.openChat(chat)
      await until(f, () => f.items.length === 2 && !f.hasOlder && f.loading === null)
      cleo.network.cut()
      await cleo.reload()
      const again = cleo.engine.openChat(chat)
      await until(again, () => again.items.length === 2)
      expect(again.hasOlder).toBe(false)
    })

    test('CHAT-9: who comes back sees nothing of what was said meanwhile, also in a window that stood open, and goes on without a fork', async () => {
      const { alice, bob, chat, change } = await crew('joined')
      const b = bob.engine.openChat(chat)
      await alice.engine.send(chat, 'one')
      await until(b, () => b.items.length === 1)
      await change(alice.id, { type: 'leave', user: bob.id })
      await until(bob.engine, () => bob.engine.chats[0]?.removed === true)
      for (const text of ['of bob', 'and of bob']) await alice.engine.send(chat, text)
      await change(alice.id, { type: 'rename', title: 'Boat' })
      await until(alice.engine, () => alice.engine.network.waiting === 0)
      await change(alice.id, { type: 'join', user: bob.id })
      await until(bob.engine, () => bob.engine.chats[0]?.removed === false && bob.engine.chats[0].historyFrom === 3)
      await alice.engine.send(chat, 'welcome')
      await bob.engine.send(chat, 'back')
      await until(b, () => b.items.length === 2 && nothingQueued(b))
      expect([wordsOf(b.items).toSorted(), b.hasOlder, b.hasNewer, b.error, b.chat.title]).toEqual([['back', 'welcome'], false, false, null, 'Boat'])
      const stored = (await scene.skein.storage.history(chat, { before: null, cursor: null, limit: 10 })).items
      expect(wordsOf(stored).toSorted()).toEqual(['and of bob', 'back', 'of bob', 'one', 'welcome'])
      // Nothing of it on their disk, in the document, or on another device.
      const device = await another('Bob')
      const d = device.engine.openChat(chat)
      await until(d, () => d.items.length === 2 && d.loading === null)
      expect(d.hasOlder).toBe(false)
    })

    test('who joins, leaves and names the group stands between the messages, on every device that was there, away and after a reload too', async () => {
      const { alice, bob, chat, change } = await crew()
      const a = alice.engine.openChat(chat)
      await bob.engine.send(chat, 'one')
      await until(a, () => a.items.length === 1)
      bob.network.cut()
      await until(bob.engine, () => !bob.engine.network.connected)
      const cleo = await scene.person('Cleo')
      await change(alice.id, { type: 'join', user: cleo.id })
      await alice.engine.send(chat, 'two')
      await until(a, () => a.items.length === 2 && nothingQueued(a))
      await change(alice.id, { type: 'rename', title: 'Boat' })
      await change(cleo.id, { type: 'leave', user: cleo.id })
      const seen = [
        { afterSeq: 1, kind: 'join', by: alice.id, user: cleo.id },
        { afterSeq: 2, kind: 'rename', by: alice.id, title: 'Boat' },
        { afterSeq: 2, kind: 'leave', by: cleo.id, user: cleo.id },
      ]
      await until(a, () => a.events.at(-1)?.kind === 'leave')
      expect(a.events.slice(-3)).toMatchObject(seen)
      bob.network.mend()
      bob.engine.connect()
      await until(bob.engine, () => bob.engine.chats[0]?.title === 'Boat' && bob.engine.chats[0].members.length === 2)
      await bob.reload()
      expect(bob.engine.openChat(chat).events.slice(-3)).toMatchObject(seen)
    })

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
      // Without a title, and after a reload, it is called by its other people.
      await change(alice.id, { type: 'rename', title: null })
      await until(bob.engine, () => bob.engine.chats[0]?.title === 'Alice')
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
        if (!mine || mine === 'too-many') throw new Error('no member')
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

    test('BLOCK-1: of many words that were written offline all are set aside with the first refusal, a deletion goes out, and each can be exported and tried again', async () => {
      const { alice, bob, chat, a } = await scene.pair()
      const { storage } = scene.skein
      await storage.block(bob.id, alice.id, chat)
      alice.network.cut()
      await until(alice.engine, () => !alice.engine.network.connected)
      const [hello] = a.items
      const said = Array.from({ length: 30 }, (_, n) => `word ${n}`)
      for (const text of said.slice(0, 15)) await alice.engine.send(chat, text)
      if (hello) await alice.engine.delete(chat, { id: hello.id, author: hello.authorId })
      for (const text of said.slice(15)) await alice.engine.send(chat, text)
      alice.network.mend()
      alice.engine.connect()
      const { engine } = alice
      await until(engine, () => engine.outbox.some(({ state }) => state === 'aside'))
      const words = engine.outbox.filter(({ kind }) => kind === 'message')
      expect(words.map(({ text, reason }) => [text, reason])).toEqual(said.map((text) => [text, 'blocked']))
      await until(engine, () => engine.outbox.length === said.length)
      expect(
        (await storage.history(chat, { before: null, cursor: null, limit: 10 })).items.map(({ text, deletedAt }) => [text, deletedAt !== null]),
      ).toEqual([['', true]])
      expect((await engine.exportOutbox('text')).match(/word \d+/g)).toEqual(said)
      await storage.unblock(bob.id, alice.id, chat)
      const [first, second] = engine.outbox
      for (const one of [second, first]) if (one) await engine.retry(one.id)
      await until(engine, () => engine.outbox.length === said.length - 2)
      expect(engine.outbox.every(({ state, reason }) => state === 'aside' && reason === 'blocked')).toBe(true)
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
