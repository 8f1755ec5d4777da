// What the engine promises, shown with the real server: the same on both databases.
import { join } from 'node:path'
import { until } from '@skein/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memoryStores, type ChatWindow, type MessageItem } from './index.ts'
import { sqliteStores } from './node/index.ts'
import { nothingQueued, openScene, password, statuses, texts, type Scene } from './scene.suite.ts'

const targetOf = (item: MessageItem | undefined): { id: MessageItem['id']; author: MessageItem['authorId'] } => {
  if (!item) throw new Error('no such message')
  return { id: item.id, author: item.authorId }
}

export function engineSuite(databaseUrl: (folder: string) => Promise<string>): void {
  describe('two people and a server', () => {
    let scene: Scene
    beforeEach(async () => {
      scene = await openScene(databaseUrl)
    })
    afterEach(() => scene[Symbol.asyncDispose]())

    test('promise 1: a word goes from one to the other, with its way from queued to seen, typing and presence', async () => {
      const { alice, bob, chat, a, b } = await scene.pair()
      expect(bob.engine.chats[0]).toMatchObject({ id: chat, title: 'Alice', peer: alice.id, unread: 1, lastMessage: { text: 'hello' } })
      expect(bob.engine.people).toMatchObject([{ name: 'Alice', online: true }])
      await until(a, () => a.items[0]?.status === 'delivered')
      b.markSeen(b.items[0]?.seq ?? 0)
      await until(a, () => a.items[0]?.status === 'seen')
      await until(bob.engine, () => bob.engine.chats[0]?.unread === 0)
      b.setTyping(true)
      await until(a, () => a.typing.includes('Bob'))
      b.setTyping(false)
      await until(a, () => a.typing.length === 0)
      await bob.engine.react(chat, targetOf(a.items[0]), '👍', true)
      await until(a, () => a.items[0]?.reactions[0]?.userIds[0] === bob.id)
      await alice.engine.edit(chat, targetOf(a.items[0]), 'hello!')
      await until(b, () => b.items[0]?.text === 'hello!' && b.items[0].editedAt !== null)
      await alice.engine.delete(chat, targetOf(a.items[0]))
      await until(b, () => b.items[0]?.deletedAt !== null)
      expect(texts(b)).toEqual([''])
    })

    test('UX 15: for a while a deletion is told to nobody and can be taken back; it goes out when the page is hidden, or when the time is over', async () => {
      let look: (state: 'visible' | 'hidden') => void = () => {}
      const pageStates = (listener: typeof look): (() => void) => {
        listener('visible')
        const before = look
        look = (state) => (before(state), listener(state))
        return () => {}
      }
      const { alice, chat, a, b } = await scene.pair({ ports: { pageStates } })
      for (const text of ['one', 'two', 'three']) await alice.engine.send(chat, text)
      await until(b, () => b.items.length === 4 && nothingQueued(a))
      const [, one, two, three] = a.items
      await alice.engine.delete(chat, targetOf(one), { undoMs: 3_600_000 })
      await alice.engine.delete(chat, targetOf(two), { undoMs: 3_600_000 })
      await until(a, () => a.items[1]?.deletedAt !== null && a.items[2]?.deletedAt !== null)
      expect(a.items[1]).toMatchObject({ text: 'one', pending: true })
      // What is written behind it does not wait for it.
      await alice.engine.send(chat, 'four')
      await until(b, () => b.items.length === 5)
      expect(texts(b)).toEqual(['hello', 'one', 'two', 'three', 'four'])
      const [queued] = alice.engine.outbox.filter(({ target }) => target?.id === one?.id)
      expect(await alice.engine.discard(queued?.id ?? expect.fail())).toBe(true)
      await until(a, () => a.items[1]?.deletedAt === null)
      look('hidden')
      await until(b, () => b.items[2]?.deletedAt !== null)
      look('visible')
      await alice.engine.delete(chat, targetOf(three), { undoMs: 200 })
      await until(b, () => b.items[3]?.deletedAt !== null)
      expect(texts(b)).toEqual(['hello', 'one', '', '', 'four'])
      await until(alice.engine, () => alice.engine.outbox.length === 0)
    })

    test.each(['memory', 'SQLite'])(
      'promise 1: three messages written offline, one edited, survive a reload offline and go out in order (%s)',
      async (kind) => {
        const { alice, bob, chat, b } = await scene.pair({ stores: kind === 'SQLite' ? sqliteStores(join(scene.folder, 'alice')) : memoryStores() })
        alice.network.cut()
        await until(alice.engine, () => !alice.engine.network.connected)
        const ids = []
        for (const text of ['one', 'two', 'three']) ids.push(await alice.engine.send(chat, text))
        await alice.engine.edit(chat, { id: ids[1] ?? expect.fail(), author: alice.id }, 'two, edited')
        await alice.reload()
        expect(alice.engine.session).toMatchObject({ status: 'logged-in', user: { name: 'Alice' }, needsPassword: false })
        const a = alice.engine.openChat(chat)
        await until(a, () => a.items.length === 4)
        expect(texts(a)).toEqual(['hello', 'one', 'two, edited', 'three'])
        expect(statuses(a).slice(1)).toEqual(['queued', 'queued', 'queued'])
        expect(alice.engine.network).toMatchObject({ waiting: 3 })
        for (const text of ['four', 'five']) await bob.engine.send(chat, text)
        await until(b, () => b.items.length === 3 && nothingQueued(b))
        alice.network.mend()
        alice.engine.connect()
        await until(b, () => b.items.length === 6)
        await until(a, () => a.items.length === 6 && alice.engine.network.waiting === 0)
        expect(texts(a)).toEqual(['hello', 'four', 'five', 'one', 'two, edited', 'three'])
        expect(texts(b)).toEqual(texts(a))
        b.markSeen(6)
        await until(a, () => a.items.filter(({ own }) => own).every(({ status }) => status === 'seen'))
      },
    )

    test('promise 4: everything that was sent while the server crashed again and again is there exactly once', async () => {
      const { alice, bob, chat, a, b } = await scene.pair()
      const sent: string[] = []
      for (let round = 0; round < 5; round++) {
        for (let i = 0; i < 10; i++) {
          const text = `${round}.${i}`
          sent.push(text)
          await (i % 2 ? alice : bob).engine.send(chat, text)
        }
        await scene.skein.restart(true)
        alice.engine.connect()
        bob.engine.connect()
      }
      const all = (window: ChatWindow): boolean => window.items.length === sent.length + 1 && nothingQueued(window)
      await until(a, () => all(a))
      await until(b, () => all(b))
      expect(texts(a)).toEqual(texts(b))
      expect(texts(a).toSorted()).toEqual(['hello', ...sent].toSorted())
      const rows = (await scene.skein.storage.history(chat, { before: null, cursor: null, limit: 200 })).items
      expect(rows.map(({ text }) => text)).toEqual(texts(a))
    })

    test('a second device starts from the newest page, pages back, and learns marks and counts', async () => {
      const { alice, bob, chat, a, b } = await scene.pair()
      // In several commits, since messages of one moment come on one page.
      for (let i = 0; i < 130; i++) {
        await alice.engine.send(chat, `m${i}`)
        if (i % 43 === 0) await until(b, () => b.items.at(-1)?.text === `m${i}`)
      }
      await until(b, () => b.items.length === 131 && b.items.every(({ status }) => status === 'sent'))
      b.markSeen(100)
      await until(a, () => a.items[99]?.status === 'seen')
      const second = await scene.device()
      await second.engine.login('bob@example.org', password)
      await until(second.engine, () => second.engine.chats[0]?.unread === 31)
      const window = second.engine.openChat(chat)
      await until(window, () => window.loading === null && window.items.length > 0)
      expect(window.items.at(-1)?.text).toBe('m129')
      expect(window.hasOlder).toBe(true)
      while (window.hasOlder) await window.loadOlder()
      expect(texts(window)).toEqual(texts(a))
      expect(window.hasOlder).toBe(false)
      await bob.engine.send(chat, 'from the first device')
      await until(window, () => window.items.at(-1)?.text === 'from the first device')
      expect(window.items.at(-1)?.own).toBe(true)
      await alice.engine.edit(chat, targetOf(a.items[3]), 'changed')
      await until(window, () => window.items[3]?.text === 'changed')
    })

    test('an operation that is not allowed is set aside with its code; the rest goes on; retry and discard work', async () => {
      const { alice, bob, chat, a, b } = await scene.pair()
      const hello = a.items[0]
      if (!hello) throw new Error('no message')
      await bob.engine.edit(chat, { id: hello.id, author: alice.id }, 'forged')
      const after = await bob.engine.send(chat, 'after')
      await until(a, () => a.items.length === 2)
      await until(bob.engine, () => bob.engine.outbox.some(({ reason }) => reason === 'not-yours'))
      expect(bob.engine.outbox).toMatchObject([{ kind: 'edit', state: 'aside', text: 'forged' }])
      expect(texts(b)[0]).toBe('hello')
      expect(b.items[0]?.problem).toBe('not-yours')
      expect(await bob.engine.discard(after)).toBe(false)
      const [aside] = bob.engine.outbox
      expect(await bob.engine.discard(aside?.id ?? after)).toBe(true)
      await until(bob.engine, () => bob.engine.outbox.length === 0)
      await until(b, () => b.items[0]?.problem === null)
    })

    test('promise 1: words cross the end of an epoch, offline ones too, and nothing is doubled', async () => {
      const { alice, bob, chat, a, b } = await scene.pair()
      for (let round = 0; round < 3; round++) {
        const epoch = (await scene.skein.storage.chat(chat))?.epoch
        if (!epoch) throw new Error('no chat')
        await alice.engine.send(chat, `before ${round}`)
        await scene.skein.storage.nextEpoch(chat, epoch)
        await alice.engine.send(chat, `after ${round}`)
        await bob.engine.send(chat, `bob ${round}`)
        await until(a, () => a.items.length === 1 + 3 * (round + 1) && nothingQueued(a))
        await until(b, () => b.items.length === 1 + 3 * (round + 1) && nothingQueued(b))
        expect(texts(a)).toEqual(texts(b))
      }
    })

    test('H5: words for forty chats, written offline, all arrive, though only some are open at once', async () => {
      const { alice, bob } = await scene.pair()
      const others = await Promise.all(
        Array.from({ length: 40 }, (_, i) => scene.skein.storage.createUser({ email: `p${i}@example.org`, name: `P${i}`, passwordHash: 'x' })),
      )
      alice.network.cut()
      await until(alice.engine, () => !alice.engine.network.connected)
      const chats = []
      for (const [i, other] of others.entries()) {
        if (other === 'email-taken') throw new Error('taken')
        const chat = await alice.engine.directChat(other.id)
        chats.push(chat)
        await alice.engine.send(chat, `to ${i}`)
      }
      await bob.engine.close()
      alice.network.mend()
      alice.engine.connect()
      let most = 0
      await until(alice.engine, () => {
        most = Math.max(most, scene.skein.sync.documents)
        return alice.engine.network.waiting === 0
      })
      for (const [i, chat] of chats.entries()) {
        const { items } = await scene.skein.storage.history(chat, { before: null, cursor: null, limit: 10 })
        expect(items.map(({ text }) => text)).toEqual([`to ${i}`])
      }
      // Alice's own document, 32 chats, and those that the server is letting go of just then.
      expect(most).toBeLessThan(60)
    })

    test('a session that the server ended asks for the password, keeps every word, and goes on', async () => {
      const { alice, bob, chat, a, b } = await scene.pair()
      const second = await scene.device()
      await second.engine.login('alice@example.org', password)
      alice.network.cut()
      await until(alice.engine, () => !alice.engine.network.connected)
      await alice.engine.send(chat, 'kept')
      // The cookie of the first device is lost.
      await alice.stores.remove('skein cookies')
      await alice.reload()
      alice.network.mend()
      alice.engine.connect()
      await until(alice.engine, () => alice.engine.session.status === 'logged-in' && alice.engine.session.needsPassword)
      expect(alice.engine.network.waiting).toBe(1)
      await alice.engine.login('alice@example.org', password)
      await until(b, () => texts(b).includes('kept'))
      expect([a, bob]).toBeDefined()
    })

    test('marks that were announced to an open chat and not shown any more are learnt on coming back', async () => {
      const { alice, bob, chat, a, b } = await scene.pair()
      const carol = await scene.person('Carol')
      const other = await carol.engine.directChat(alice.id)
      await carol.engine.send(other, 'one')
      await alice.engine.send(chat, 'read me')
      await until(b, () => b.items.length === 2)
      await until(a, () => a.items[1]?.status === 'delivered')
      const raised = (await scene.skein.storage.raiseMarks(bob.id, new Map([[chat, [2, 2]]]))).get(chat)
      if (!raised) throw new Error('no such chat')
      // The nudge goes out at once, the marks within a second: the network goes in between, after what followed the nudge has come.
      scene.skein.sync.marksRaised(chat, bob.id, raised.marks, raised.markPos)
      await carol.engine.send(other, 'two')
      await until(alice.engine, () => alice.engine.chats.some(({ lastMessage }) => lastMessage?.text === 'two'))
      a.close()
      alice.network.cut()
      await until(alice.engine, () => !alice.engine.network.connected)
      await alice.reload()
      alice.network.mend()
      alice.engine.connect()
      await until(alice.engine, () => alice.engine.chats.find(({ id }) => id === chat)?.lastMessage?.status === 'seen')
    })

    test('W7: logging out keeps the words for the same person only', async () => {
      const { alice, bob, chat } = await scene.pair()
      alice.network.cut()
      await until(alice.engine, () => !alice.engine.network.connected)
      await alice.engine.send(chat, 'kept')
      await alice.engine.logout('keep')
      expect(alice.engine.session.status).toBe('logged-out')
      expect(alice.engine.chats).toEqual([])
      alice.network.mend()
      await alice.engine.register('eve@example.org', 'Eve', password)
      expect(alice.engine.outbox).toEqual([])
      await alice.engine.logout('discard')
      await alice.engine.login('alice@example.org', password)
      await until(bob.engine, () => bob.engine.chats[0]?.lastMessage?.text === 'kept')
      await alice.engine.logout('discard')
      await alice.engine.login('alice@example.org', password)
      expect(alice.engine.outbox).toEqual([])
    })
  })
}
