// Promise 7 over the real server: its database is put back to an earlier state, and devices come back with what they kept.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalJson, uuidOf, type ChatId, type MessageOperation, type OperationId, type UserId } from '@skein/protocol'
import { backUp, until } from '@skein/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memoryStores, type ChatWindow } from './index.ts'
import { nodePorts, sqliteStores } from './node/index.ts'
import { nothingQueued, openScene, password, texts, type Pair, type Person, type Scene } from './scene.suite.ts'

export function healingSuite(databaseUrl: (folder: string) => Promise<string>): void {
  describe('healing', () => {
    let scene: Scene
    let url: string
    beforeEach(async () => {
      scene = await openScene(async (folder) => (url = await databaseUrl(folder)))
    })
    afterEach(() => scene[Symbol.asyncDispose]())

    /** Something said without any device: a bot over HTTP, say. */
    async function post(chat: ChatId, userId: UserId, ...said: string[]): Promise<void> {
      const { randomBytes } = nodePorts(memoryStores())
      for (const text of said) {
        const operation: MessageOperation = { type: 'message', id: uuidOf(randomBytes(16), 4), at: new Date().toISOString(), text }
        const outcome = await scene.skein.sync.commitOperation(chat, userId, operation, canonicalJson(operation))
        if (!outcome.ok) throw new Error('not stored')
      }
    }
    async function away(...people: Person[]): Promise<void> {
      for (const person of people) {
        person.network.cut()
        await until(person.engine, () => !person.engine.network.connected)
      }
    }
    function back(...people: Person[]): void {
      for (const person of people) {
        person.network.mend()
        person.engine.connect()
      }
    }
    const shows = (window: ChatWindow, expected: string[]): Promise<void> =>
      until(window, () => nothingQueued(window) && texts(window).join('|') === expected.join('|'))
    /** Alice and Bob say two words each, and change some, that the backup does not have. */
    async function lose({ alice, bob, chat, a, b }: Pair): Promise<() => Promise<void>> {
      const restore = await backUp(url)
      const first = await alice.engine.send(chat, 'lost 1')
      await until(b, () => b.items.length === 2)
      await bob.engine.send(chat, 'lost 2')
      await alice.engine.edit(chat, { id: first, author: alice.id }, 'lost 1, edited')
      await bob.engine.react(chat, { id: first, author: alice.id }, '👍', true)
      await shows(a, ['hello', 'lost 1, edited', 'lost 2'])
      await until(a, () => a.items[1]?.reactions.length === 1)
      await shows(b, ['hello', 'lost 1, edited', 'lost 2'])
      await until(bob.engine, () => bob.engine.outbox.length === 0)
      await until(alice.engine, () => alice.engine.outbox.length === 0)
      return restore
    }

    test('HEAL-3, promise 7: a restored server has everything back from the first device that comes, and nobody sees a difference', async () => {
      const pair = await scene.pair()
      const { alice, bob, chat, a, b } = pair
      const restore = await lose(pair)
      await away(alice, bob)
      const before = await scene.skein.storage.chat(chat)
      await scene.skein.restart(true, restore)
      expect((await scene.skein.storage.chat(chat))?.seq).toBe(1)
      back(bob)
      await bob.engine.send(chat, 'goes on')
      await shows(b, ['hello', 'lost 1, edited', 'lost 2', 'goes on'])
      expect(await scene.skein.storage.chat(chat)).toMatchObject({ rev: (before?.rev ?? 0) + 1, seq: 4, baseRev: before?.rev })
      back(alice)
      await shows(a, ['hello', 'lost 1, edited', 'lost 2', 'goes on'])
      expect(a.items[1]?.reactions).toEqual([{ emoji: '👍', userIds: [bob.id] }])
      expect([a.events, b.events, a.error, b.error]).toEqual([[], [], null, null])
      expect(scene.skein.healed.news()).toBe('healed 2 messages in 1 chat from 1 device')
    })

    test('HEAL-4, HEAL-8, RT4, RT17: a server that has gone on; no order is ever mixed, documents are equal to the byte, marks of the lost branch are void', async () => {
      const pair = await scene.pair()
      const { alice, bob, chat, a, b } = pair
      const restore = await lose(pair)
      a.markSeen(3)
      await until(b, () => b.items[2]?.status === 'seen')
      await away(alice, bob)
      await scene.skein.restart(true, restore)
      const news = Array.from({ length: 12 }, (_, n) => `new ${n}`)
      await post(chat, bob.id, ...news)
      const seen = new Set<string>()
      a.subscribe(() => seen.add(texts(a).join('|')))
      const end = ['hello', ...news, 'lost 1, edited', 'lost 2']
      back(alice)
      await shows(a, end)
      back(bob)
      await shows(b, end)
      // Old and new words never stood in one order that was nobody's.
      const whole = end.join('|')
      for (const shown of seen) expect(whole.startsWith(shown) || 'hello|lost 1, edited|lost 2'.startsWith(shown), shown).toBe(true)
      for (const window of [a, b]) expect(window.events).toMatchObject([{ kind: 'restored', afterSeq: 13 }])
      await alice.engine.send(chat, 'goes on')
      await shows(b, [...end, 'goes on'])
      await shows(a, [...end, 'goes on'])
      await until(alice.engine, () => alice.engine.documentState(chat)?.join() === bob.engine.documentState(chat)?.join())
      // Seq 3 of the lost branch was seen by her; seq 3 of this one is another word.
      expect((await scene.skein.storage.marks(chat)).marks[alice.id]?.[1]).toBeLessThan(3)
      expect(alice.engine.outbox).toEqual([])
      expect(bob.engine.outbox).toEqual([])
    })

    test('HEAL-7, RT4: two pasts under equal numbers and clocks are told apart before a document is opened, though nothing else would say so', async () => {
      // The feed's digest would tell her as well: here only her open document's connection can.
      const stores = memoryStores()
      const ports = nodePorts(stores)
      let isFeedDown = false
      const fetch: typeof ports.fetch = (address, init) =>
        isFeedDown && address.includes('/api/feed') ? Promise.reject(new Error('The feed is down.')) : ports.fetch(address, init)
      const { alice, bob, chat, a, b } = await scene.pair({ stores, ports: { fetch } })
      const restore = await backUp(url)
      await alice.engine.send(chat, 'lost 1')
      await alice.engine.send(chat, 'lost 2')
      await shows(a, ['hello', 'lost 1', 'lost 2'])
      await shows(b, ['hello', 'lost 1', 'lost 2'])
      // Her own words alone: the server would take them for new ones, and close nothing.
      await away(alice, bob)
      isFeedDown = true
      await scene.skein.restart(true, restore)
      const news = ['new 1', 'new 2', 'new 3', 'new 4', 'new 5']
      await post(chat, bob.id, ...news)
      const end = ['hello', ...news, 'lost 1', 'lost 2']
      const seen = new Set<string>()
      a.subscribe(() => seen.add(texts(a).join('|')))
      back(alice)
      await shows(a, end)
      for (const shown of seen) expect(end.join('|').startsWith(shown) || shown === 'hello|lost 1|lost 2', shown).toBe(true)
    })

    test('RT4: a device that holds nothing of a lost past, and can prove nothing, reads the chat anew', async () => {
      const pair = await scene.pair()
      const { alice, bob, chat } = pair
      const restore = await lose(pair)
      const fresh = await scene.device()
      await fresh.engine.login('Bob@example.org', password)
      await until(fresh.engine, () => fresh.engine.chats[0]?.lastMessage?.text === 'lost 2')
      fresh.network.cut()
      await until(fresh.engine, () => !fresh.engine.network.connected)
      await Promise.all([alice.engine.close(), bob.engine.close()])
      await scene.skein.restart(true, restore)
      fresh.network.mend()
      fresh.engine.connect()
      const window = fresh.engine.openChat(chat)
      await shows(window, ['hello'])
      await fresh.engine.send(chat, 'goes on')
      await shows(window, ['hello', 'goes on'])
    })

    test('HEAL-5, promise 7: what was deleted stays deleted; another member’s device, started from its rows alone, is enough', async () => {
      const pair = await scene.pair()
      const { alice, bob, chat } = pair
      const cleo = await scene.person('Cleo', { stores: sqliteStores(join(scene.folder, 'cleo')) })
      const group = await scene.skein.storage.createChat({
        id: chatIdLike(chat),
        kind: 'group',
        title: 'Crew',
        by: alice.id,
        members: [alice.id, bob.id, cleo.id],
      })
      scene.skein.sync.chatCreated(group.chat.id, [alice.id, bob.id, cleo.id])
      await until(cleo.engine, () => cleo.engine.chats.some(({ id }) => id === group.chat.id))
      await until(alice.engine, () => alice.engine.chats.some(({ id }) => id === group.chat.id))
      await until(bob.engine, () => bob.engine.chats.some(({ id }) => id === group.chat.id))
      const restore = await backUp(url)
      const doomed = await alice.engine.send(group.chat.id, 'secret')
      const w = cleo.engine.openChat(group.chat.id)
      await until(w, () => w.items.length === 1)
      w.close()
      await bob.engine.send(group.chat.id, 'kept')
      await alice.engine.delete(group.chat.id, { id: doomed, author: alice.id })
      await until(alice.engine, () => alice.engine.outbox.length === 0)
      await until(bob.engine, () => bob.engine.outbox.length === 0)
      const { rev } = (await scene.skein.storage.chat(group.chat.id)) ?? { rev: 0 }
      await until(cleo.engine, () => cleo.engine.chats.some(({ id, lastMessage }) => id === group.chat.id && lastMessage?.text === 'kept'))
      await alice.engine.close()
      await bob.engine.close()
      await cleo.engine.close()
      await scene.skein.restart(true, restore)
      await cleo.reload()
      const window = cleo.engine.openChat(group.chat.id)
      await until(window, () => window.items.length === 2 && window.error === null)
      const { storage, healed } = scene.skein
      await until(cleo.engine, () => healed.total.messages > 0)
      const history = await storage.history(group.chat.id, { before: null, cursor: null, limit: 10 })
      expect(history.items.map(({ text, deletedAt }) => [text, deletedAt !== null])).toEqual([
        ['', true],
        ['kept', false],
      ])
      expect((await storage.chat(group.chat.id))?.rev).toBeGreaterThanOrEqual(rev - 1)
    })

    test('HEAL-2: a chat that was begun after the backup is there again, with words that still wait', async () => {
      const [alice, bob] = [await scene.person('Alice'), await scene.person('Bob')]
      const restore = await backUp(url)
      const chat = await alice.engine.directChat(bob.id)
      await alice.engine.send(chat, 'begun')
      await until(bob.engine, () => bob.engine.chats.length === 1)
      await until(alice.engine, () => alice.engine.outbox.length === 0)
      await bob.engine.close()
      await away(alice)
      await alice.engine.send(chat, 'waits')
      await scene.skein.restart(true, restore)
      expect(await scene.skein.storage.chat(chat)).toBeNull()
      back(alice)
      await until(alice.engine, () => alice.engine.outbox.length === 0)
      const window = alice.engine.openChat(chat)
      await shows(window, ['begun', 'waits'])
      expect((await scene.skein.storage.history(chat, { before: null, cursor: null, limit: 10 })).items.map(({ text }) => text)).toEqual([
        'begun',
        'waits',
      ])
      expect(alice.engine.chats).toMatchObject([{ removed: false }])
    })

    test('HEAL-2, RT18: without the chain’s key, too, a direct chat is there again with each one’s own words', async () => {
      const [alice, bob] = [await scene.person('Alice'), await scene.person('Bob')]
      const restore = await backUp(url)
      const chat = await alice.engine.directChat(bob.id)
      await alice.engine.send(chat, 'begun')
      await until(bob.engine, () => bob.engine.chats.length === 1)
      await until(alice.engine, () => alice.engine.outbox.length === 0)
      await bob.engine.close()
      await away(alice)
      await alice.engine.send(chat, 'waits')
      await scene.skein.restart(true, async () => {
        await restore()
        rmSync(join(scene.folder, 'keys', 'chain.json'))
      })
      back(alice)
      await until(alice.engine, () => alice.engine.outbox.length === 0)
      const { items } = await scene.skein.storage.history(chat, { before: null, cursor: null, limit: 10 })
      expect(items.map(({ text }) => text).sort()).toEqual(['begun', 'waits'])
      expect(alice.engine.chats).toMatchObject([{ removed: false }])
    })

    test('HEAL-2: the device of whoever was written to is enough, though it does not hold how the chat was begun', async () => {
      const [alice, bob] = [await scene.person('Alice'), await scene.person('Bob')]
      const restore = await backUp(url)
      const chat = await alice.engine.directChat(bob.id)
      await alice.engine.send(chat, 'begun')
      await until(bob.engine, () => bob.engine.chats[0]?.lastMessage?.text === 'begun')
      await alice.engine.send(chat, 'told')
      await until(bob.engine, () => bob.engine.chats[0]?.lastMessage?.text === 'told')
      await bob.engine.send(chat, 'answered')
      await until(bob.engine, () => bob.engine.outbox.length === 0)
      await alice.engine.close()
      await away(bob)
      await scene.skein.restart(true, restore)
      expect(await scene.skein.storage.chat(chat)).toBeNull()
      back(bob)
      const window = bob.engine.openChat(chat)
      await until(window, () => texts(window).slice(-2).join() === 'told,answered')
      await bob.engine.send(chat, 'goes on')
      await until(bob.engine, () => bob.engine.outbox.length === 0)
      const { items } = await scene.skein.storage.history(chat, { before: null, cursor: null, limit: 10 })
      expect(items.map(({ text }) => text).slice(-3)).toEqual(['told', 'answered', 'goes on'])
      expect(bob.engine.chats).toMatchObject([{ removed: false }])
    })

    test('HEAL-3: whoever holds how a direct chat was begun is waited for, and all goes back to its old place', async () => {
      const [alice, bob] = [await scene.person('Alice'), await scene.person('Bob')]
      const restore = await backUp(url)
      const chat = await alice.engine.directChat(bob.id)
      await alice.engine.send(chat, 'begun')
      await until(bob.engine, () => bob.engine.chats[0]?.lastMessage?.text === 'begun')
      await alice.engine.send(chat, 'told')
      await until(bob.engine, () => bob.engine.chats[0]?.lastMessage?.text === 'told')
      await until(alice.engine, () => alice.engine.outbox.length === 0)
      const before = await scene.skein.storage.chat(chat)
      for (const each of [alice, bob]) await away(each)
      await scene.skein.restart(true, restore)
      back(bob)
      await until(bob.engine, () => bob.engine.network.connected)
      back(alice)
      await bob.engine.send(chat, 'goes on')
      await until(bob.engine, () => bob.engine.outbox.length === 0)
      const after = await scene.skein.storage.chat(chat)
      expect(after?.rev).toBe((before?.rev ?? 0) + 1)
      const { items } = await scene.skein.storage.history(chat, { before: null, cursor: null, limit: 10 })
      expect(items.map(({ text }) => text)).toEqual(['begun', 'told', 'goes on'])
    })

    test('CHAT-1, HEAL-3: a page that a restored server shows is not taken by a device that knows more, though others bring the server to there before it notices', async () => {
      const stores = memoryStores()
      const ports = nodePorts(stores)
      let isPageOnly = false
      let pages = 0
      const fetch: typeof ports.fetch = (address, init) => {
        const isPage = address.includes('/messages?')
        if (isPage) pages++
        return isPageOnly && !isPage ? Promise.reject(new Error('It does not come through.')) : ports.fetch(address, init)
      }
      const { alice, bob, chat, a, b } = await scene.pair()
      const restore = await backUp(url)
      await bob.engine.react(chat, { id: (b.items[0] as { id: OperationId }).id, author: alice.id }, '👍', true)
      await until(a, () => a.items[0]?.reactions.length === 1)
      // It has heard of all that was said, and holds no message of it.
      const late = await scene.device({ stores, ports: { fetch } })
      await late.engine.login('Alice@example.org', password)
      await until(late.engine, () => late.engine.chats[0]?.lastMessage?.reactions.length === 1)
      late.network.cut()
      await until(late.engine, () => !late.engine.network.connected)
      await away(alice, bob)
      isPageOnly = true
      await scene.skein.restart(true, restore)
      late.network.mend()
      const window = late.engine.openChat(chat)
      await until(window, () => window.loading === null && pages > 0)
      expect([window.items, window.error]).toEqual([[], 'The server has forgotten a part of this chat. It is being brought back.'])
      back(alice)
      await until(alice.engine, () => scene.skein.healed.total.chats === 1)
      isPageOnly = false
      late.engine.connect()
      await until(window, () => window.items[0]?.reactions.length === 1)
    })

    test('HEAL-4: a device that holds the end of a long chat alone gives what it has', async () => {
      const { alice, bob, chat } = await scene.pair()
      await post(chat, bob.id, ...Array.from({ length: 600 }, (_, n) => `old ${n}`))
      const restore = await backUp(url)
      await post(chat, bob.id, 'lost with no device')
      const late = await scene.device()
      await late.engine.login('Alice@example.org', password)
      await until(late.engine, () => late.engine.chats[0]?.lastMessage?.text === 'lost with no device')
      await late.engine.send(chat, 'from the late device')
      await until(late.engine, () => late.engine.outbox.length === 0)
      await alice.engine.close()
      await bob.engine.close()
      late.network.cut()
      await until(late.engine, () => !late.engine.network.connected)
      await scene.skein.restart(true, restore)
      late.network.mend()
      late.engine.connect()
      const window = late.engine.openChat(chat)
      await until(late.engine, () => scene.skein.healed.total.messages === 1)
      await until(window, () => window.items.at(-1)?.seq === 602)
      expect(texts(window).slice(-2)).toEqual(['old 599', 'from the late device'])
      const page = await scene.skein.storage.changes(chat, { since: 602, head: null, limit: 10 })
      expect(page).toMatchObject({
        entries: [
          { kind: 'restored', operation: { rev: 602 } },
          { kind: 'message', authorId: alice.id },
        ],
      })
    })

    test('RT18, HEAL-8, RT17: without the chain’s key each gets back their own words; what others said is told after a day, and offered until it is there', async () => {
      let later = 0
      const pair = await scene.pair({ ports: { now: () => Date.now() + later } })
      const { alice, bob, chat, a, b } = pair
      const restore = await lose(pair)
      await away(alice, bob)
      await scene.skein.restart(true, async () => {
        await restore()
        rmSync(join(scene.folder, 'keys', 'chain.json'))
      })
      back(alice)
      await shows(a, ['hello', 'lost 1, edited'])
      const mine = (): number | undefined => alice.engine.chats.find(({ id }) => id === chat)?.missing
      expect(mine()).toBe(0)
      later = 25 * 60 * 60_000
      alice.engine.connect()
      await until(alice.engine, () => (mine() ?? 0) > 0)
      back(bob)
      await until(a, () => texts(a).includes('lost 2') && a.items[1]?.reactions.length === 1)
      await shows(b, ['hello', 'lost 1, edited', 'lost 2'])
      later += 25 * 60 * 60_000
      alice.engine.connect()
      await until(alice.engine, () => mine() === 0)
    })

    test('promise 8: a chat that one was taken out of is removed, also where much of it is held', async () => {
      const [alice, bob] = [await scene.person('Alice'), await scene.person('Bob')]
      const { storage, sync } = scene.skein
      const { chat } = await storage.createChat({
        id: chatIdLike(alice.id as string as ChatId),
        kind: 'group',
        title: 'Crew',
        by: alice.id,
        members: [alice.id, bob.id],
      })
      await post(chat.id, alice.id, 'one', 'two')
      sync.chatCreated(chat.id, [alice.id, bob.id])
      await until(bob.engine, () => bob.engine.chats[0]?.lastMessage?.text === 'two')
      await away(bob)
      await sync.changeMember(chat.id, alice.id, {
        type: 'leave',
        id: uuidOf(nodePorts(memoryStores()).randomBytes(16), 4),
        at: new Date().toISOString(),
        user: bob.id,
      })
      back(bob)
      await until(bob.engine, () => bob.engine.chats[0]?.removed === true)
    })

    test('HEAL-7: many chats are healed one after another', async () => {
      const stores = memoryStores()
      const ports = nodePorts(stores)
      let [now, most, times] = [0, 0, 0]
      const fetch: typeof ports.fetch = async (address, init) => {
        const isHealing = /\/(heal|common)$/.test(address)
        if (isHealing) most = Math.max(most, ++now)
        if (address.endsWith('/heal')) times++
        try {
          return await ports.fetch(address, init)
        } finally {
          if (isHealing) now--
        }
      }
      const alice = await scene.person('Alice', { stores, ports: { fetch } })
      const chats: ChatId[] = []
      const others: UserId[] = []
      for (let n = 0; n < 12; n++) {
        const user = await scene.skein.storage.createUser({ email: `o${n}@example.org`, name: `Other ${n}`, passwordHash: 'x' })
        if (user === 'email-taken') throw new Error(user)
        others.push(user.id)
        const chat = await alice.engine.directChat(user.id)
        chats.push(chat)
        await alice.engine.send(chat, 'saved')
      }
      await until(alice.engine, () => alice.engine.outbox.length === 0)
      const restore = await backUp(url)
      for (const [n, chat] of chats.entries()) await post(chat, others[n] ?? alice.id, `lost ${n}`)
      alice.engine.connect()
      await until(alice.engine, () => alice.engine.chats.every(({ lastMessage }) => lastMessage?.text.startsWith('lost')))
      await away(alice)
      await scene.skein.restart(true, restore)
      back(alice)
      await until(alice.engine, () => scene.skein.healed.total.chats === 12)
      expect({ most, times, total: scene.skein.healed.total }).toEqual({ most: 1, times: 12, total: { messages: 12, chats: 12, devices: 1 } })
    })
  })
}

/** Another valid id, made from one that is there. */
const chatIdLike = (id: ChatId): ChatId => `${id.startsWith('0') ? '1' : '0'}${id.slice(1)}` as ChatId
