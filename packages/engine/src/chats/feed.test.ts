import { feedDigest, parseUserId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { createEngine, memoryStores, type StoreFactory } from '../index.ts'
import { putChat } from '../local.ts'
import { alice, bob, chat, entriesOf, say, sha256 } from './chain.suite.ts'
import { createChatSync } from './chat-sync.ts'
import { createFeed } from './feed.ts'
import { createHealer } from './heal.ts'
import { createOutboxWriter } from '../outbox/write.ts'
import { openParts, openStory, type StoryServer } from './story.suite.ts'
import { newChatRow } from '../store/rows.ts'
import { startOf } from '../store/start-of.ts'

const story = entriesOf([
  [bob, say(1)],
  [bob, say(2)],
  [alice, say(3)],
  [bob, say(4)],
])
const open = (): Promise<StoryServer> => openStory(story, 2)

const STORE = `skein http://x ${alice}`
/** Stores of which Alice's can be lost, as when another tab deletes it. */
function losable(): { stores: StoreFactory; lose: () => void } {
  const inner = memoryStores()
  const losers = new Set<() => void>()
  const stores: StoreFactory = {
    ...inner,
    open: (name, lost) => {
      if (name === STORE) losers.add(() => lost('deleted'))
      return inner.open(name, lost)
    },
  }
  return { stores, lose: () => losers.forEach((each) => each()) }
}

describe('the feed', () => {
  test('a fresh device lists chats and people, and opens the newest page', async () => {
    const server = await open()
    expect(server.engine.chats).toMatchObject([{ id: chat, title: 'Bob', unread: 2, lastMessage: { text: 'm2' } }])
    expect(server.engine.people).toMatchObject([{ name: 'Bob', online: false, lastSeenAt: Date.parse('2026-01-01T00:00:00.000Z') }])
    const window = server.engine.openChat(chat)
    await server.clock.advance(100)
    expect(window.items.map(({ text }) => text)).toEqual(['m1', 'm2'])
    expect(window.hasOlder).toBe(false)
    await server.engine.close()
  })

  test('promise 1: a chat that was begun is listed at once, offline too, and shows what is written in it', async () => {
    const server = await open()
    const carol = parseUserId('d'.repeat(26))
    const begun = await server.engine.directChat(carol)
    expect(server.engine.chats.map(({ id }) => id)).toContain(begun)
    await server.engine.send(begun, 'hello')
    expect(server.engine.chats[0]).toMatchObject({ id: begun, lastMessage: { text: 'hello', status: 'queued' } })
    await server.engine.close()
  })

  test('RT9: what the feed did not name is found by the digest, and read by changes', async () => {
    const server = await open()
    server.rev = 4
    server.asked.length = 0
    server.engine.connect()
    await server.clock.advance(100)
    expect(server.asked.filter((name) => name === 'GET /api/feed')).toHaveLength(2)
    expect(server.engine.chats).toMatchObject([{ lastMessage: { text: 'm4' }, unread: 3 }])
    await server.engine.close()
  })

  test('RT4: another past is a fork: the chat says so, asks no more, and keeps every word', async () => {
    const server = await open()
    const window = server.engine.openChat(chat)
    await server.clock.advance(100)
    server.routes[`GET /api/chats/${chat}/changes`] = () => ({ status: 409, body: { code: 'unknown-head' } })
    server.rev = 4
    server.engine.connect()
    await server.clock.advance(100)
    expect(window.error).toMatch(/forgotten a part/)
    expect(window.items.map(({ text }) => text)).toEqual(['m1', 'm2'])
    await server.engine.send(chat, 'kept')
    server.asked.length = 0
    server.engine.connect()
    await server.clock.advance(2_000)
    expect(server.asked).not.toContain(`GET /api/chats/${chat}/changes`)
    expect(server.engine.outbox).toMatchObject([{ text: 'kept', state: 'waiting' }])
    await server.engine.close()
  })

  test('HEAL-1: a fork that was found before this tab led is healed once it leads', async () => {
    const server = await open()
    const { ports, clock, asked } = server
    const { session, local } = await openParts(server)
    await local.commit(putChat(undefined, { ...newChatRow(chat, [], 0), document: 'd', position: startOf(chat, sha256), forked: true }))
    const healer = createHealer({ local, session, sync: createChatSync(local, session, ports), ports, catchUp: () => {} })
    healer.consider(chat)
    await clock.advance(2_000)
    expect(asked).not.toContain(`POST /api/chats/${chat}/common`)
    healer.start()
    await clock.advance(2_000)
    expect(asked).toContain(`POST /api/chats/${chat}/common`)
    healer.stop()
    await server.engine.close()
  })

  test('promise 8: who is out of a chat can neither write into it nor try again what was set aside', async () => {
    const server = await open()
    server.routes[`GET /api/chats/${chat}/changes`] = () => ({ status: 404, body: { code: 'no-such-chat' } })
    server.rev = 4
    const sending = server.engine.send(chat, 'one')
    server.engine.connect()
    await sending
    await server.clock.advance(100)
    await expect(server.engine.send(chat, 'two')).rejects.toMatchObject({ code: 'forbidden' })
    const [{ id } = { id: undefined }] = server.engine.outbox
    if (!id) throw new Error('the word is gone')
    await expect(server.engine.retry(id)).rejects.toMatchObject({ code: 'forbidden' })
    expect(server.engine.outbox).toMatchObject([{ text: 'one', state: 'aside', reason: 'no-access' }])
    await server.engine.close()
  })

  test('I2, promise 1: words that were written after the store was deleted are on the disk once the person logs in again', async () => {
    const { stores, lose } = losable()
    const server = await openStory(story, 2, stores)
    const carol = parseUserId('d'.repeat(26))
    const window = server.engine.openChat(chat)
    await stores.remove(STORE)
    lose()
    await server.engine.send(chat, 'said')
    const begun = await server.engine.directChat(carol)
    await server.engine.send(begun, 'hello')
    expect(server.engine.outbox).toMatchObject([
      { text: 'said', unsaved: true },
      { text: 'hello', unsaved: true },
    ])
    expect(window.isOver).toBe(false)
    await server.engine.login('a@example.org', 'x')
    expect(window.isOver).toBe(true)
    expect(server.engine.outbox).toMatchObject([
      { text: 'said', unsaved: false },
      { text: 'hello', unsaved: false },
    ])
    expect(server.engine.chats.map(({ id }) => id)).toContain(begun)
    await server.engine.close()
    const again = createEngine({ server: 'http://x', store: stores, ports: server.ports })
    await again.ready
    expect(again.outbox.map(({ text }) => text)).toEqual(['said', 'hello'])
    await again.close()
  })

  test('I2, promise 8: words for a chat that one was taken out of while the store was deleted are set aside', async () => {
    const { stores, lose } = losable()
    const server = await openStory(story, 2, stores)
    await stores.remove(STORE)
    lose()
    await server.engine.send(chat, 'said')
    server.routes['GET /api/feed'] = () => ({ body: { chats: [], digest: feedDigest([], sha256), next: 't1' } })
    server.routes[`GET /api/chats/${chat}/changes`] = () => ({ status: 404, body: { code: 'no-such-chat' } })
    await server.engine.login('a@example.org', 'x')
    server.engine.connect()
    await server.clock.advance(100)
    expect(server.engine.outbox).toMatchObject([{ text: 'said', state: 'aside', reason: 'no-access' }])
    await server.engine.close()
  })

  test('I2, promise 1: of two tabs whose store was deleted both keep their words', async () => {
    const { stores: inner, lose } = losable()
    // Neither writes a word before both have read the new store.
    let reads = 0
    const { promise: bothHaveRead, resolve } = Promise.withResolvers<void>()
    const stores: StoreFactory = {
      ...inner,
      open: async (name, lost) => {
        const store = await inner.open(name, lost)
        return {
          ...store,
          all: async (table) => {
            const rows = await store.all(table)
            if (name === STORE && table === 'chats' && ++reads === 4) resolve()
            return rows
          },
          write: async (changes, durable) => {
            if (changes.some((change) => 'put' in change && change.put === 'outbox')) await bothHaveRead
            return store.write(changes, durable)
          },
        }
      },
    }
    const server = await openStory(story, 2, stores)
    const carol = parseUserId('d'.repeat(26))
    const begun = await server.engine.directChat(carol)
    const second = createEngine({ server: 'http://x', store: stores, ports: server.ports })
    await second.ready
    await stores.remove(STORE)
    lose()
    await server.engine.send(begun, 'of the first')
    await second.send(begun, 'of the second')
    await Promise.all([server.engine, second].map((engine) => engine.login('a@example.org', 'x')))
    await Promise.all([server.engine, second].map((engine) => engine.close()))
    const again = createEngine({ server: 'http://x', store: stores, ports: server.ports })
    await again.ready
    expect(again.outbox.map(({ text }) => text).sort()).toEqual(['of the first', 'of the second'])
    await again.close()
  })

  test('RT11, promise 1: words that another tab changed just before are set aside as that tab left them', async () => {
    const server = await open()
    const { session, local, another } = await openParts(server)
    const { ports } = server
    await local.commit(putChat(undefined, { ...newChatRow(chat, [], 0), document: 'd' }))
    const writer = createOutboxWriter(local, ports, () => {})
    const id = await writer.send(chat, { text: 'old' })
    const other = await another()
    expect(await createOutboxWriter(other, ports, () => {}).rewrite(id, 'new')).toBe(true)
    await createChatSync(local, session, ports).lost(chat, local.chats.get(chat))
    expect(await local.store.all('outbox')).toMatchObject([{ operation: { text: 'new' }, state: { at: 'aside', reason: 'no-access' } }])
    await server.engine.close()
  })

  test('promise 8: a chat that is out of reach is shown as removed, and its words are set aside', async () => {
    const server = await open()
    await server.engine.send(chat, 'kept')
    server.routes[`GET /api/chats/${chat}/changes`] = () => ({ status: 404, body: { code: 'no-such-chat' } })
    server.rev = 4
    server.engine.connect()
    await server.clock.advance(100)
    expect(server.engine.chats).toMatchObject([{ removed: true }])
    expect(server.engine.outbox).toMatchObject([{ text: 'kept', state: 'aside', reason: 'no-access' }])
    await expect(server.engine.send(chat, 'no')).rejects.toMatchObject({ code: 'forbidden' })
    await server.engine.close()
  })

  test.each([403, 404])('promise 1: a portal that answers %i takes no chat away, and what it hid is read later', async (status) => {
    const server = await open()
    await server.engine.send(chat, 'kept')
    const route = `GET /api/chats/${chat}/changes`
    const changes = server.routes[route]
    if (!changes) throw new Error('no such route')
    server.routes[route] = () => ({ status, body: '<html>Welcome to the hotel</html>' })
    server.rev = 4
    server.engine.connect()
    await server.clock.advance(100)
    expect(server.engine.chats).toMatchObject([{ removed: false }])
    expect(server.engine.outbox).toMatchObject([{ text: 'kept', state: 'waiting' }])
    server.routes[route] = changes
    await server.clock.advance(60_000)
    expect(server.engine.chats).toMatchObject([{ unread: 3 }])
    await server.engine.close()
  })

  test('a clock that is set back an hour holds no marks back', async () => {
    const server = await open()
    const window = server.engine.openChat(chat)
    await server.clock.advance(5_000)
    window.markSeen(1)
    await server.clock.advance(2_000)
    server.asked.length = 0
    server.ports.now = () => server.clock.now() - 3_600_000
    window.markSeen(2)
    await server.clock.advance(2_000)
    expect(server.asked).toContain('POST /api/marks')
    await server.engine.close()
  })

  test('marks go out at most once a second, and an answer ends the retry', async () => {
    const server = await open()
    const window = server.engine.openChat(chat)
    await server.clock.advance(5_000)
    const sent: unknown[] = []
    server.routes['POST /api/marks'] = ({ body }) => {
      sent.push(body)
      return sent.length === 1 ? 'unreachable' : { body: { marks: {} } }
    }
    window.markSeen(1)
    await server.clock.advance(10)
    window.markSeen(2)
    window.markSeen(99)
    await server.clock.advance(500)
    expect(sent).toHaveLength(1)
    await server.clock.advance(60_000)
    expect(sent).toEqual([{ marks: { [chat]: [2, 1] } }, { marks: { [chat]: [2, 2] } }])
    expect(server.engine.chats[0]?.unread).toBe(0)
    await server.engine.close()
  })

  test('RT8: marks that rise all the time go out once a second', async () => {
    const server = await open()
    const window = server.engine.openChat(chat)
    await server.clock.advance(5_000)
    server.asked.length = 0
    const sent = (): number => server.asked.filter((name) => name === 'POST /api/marks').length
    window.markSeen(1)
    await server.clock.advance(10)
    window.markSeen(2)
    await server.clock.advance(900)
    expect(sent()).toBe(1)
    await server.clock.advance(100)
    expect(sent()).toBe(2)
    await server.engine.close()
  })

  test('RT9: one chat is read at most once a second on nudges, and to its end', async () => {
    const server = await open()
    const { ports, clock } = server
    const { session, local } = await openParts(server)
    const sync = createChatSync(local, session, ports)
    const feed = createFeed({ local, session, sync, ports, relocated: () => {}, read: async () => {} })
    feed.start()
    await clock.advance(100)
    server.asked.length = 0
    const read = (): number => server.asked.filter((name) => name.endsWith('/changes')).length
    server.rev = 3
    feed.nudge(chat, 3, 0)
    await clock.advance(1)
    expect(read()).toBe(1)
    server.rev = 4
    for (let i = 0; i < 5; i++) feed.nudge(chat, 4, 0)
    await clock.advance(900)
    expect(read()).toBe(1)
    await clock.advance(100)
    expect([read(), local.chats.get(chat)?.position?.rev]).toEqual([2, 4])
    feed.nudge(chat, 4, 0)
    await clock.advance(2_000)
    expect(read()).toBe(2)
    feed.stop()
    await server.engine.close()
  })

  test('RT9: a difference that the whole list does not settle is not asked about again and again', async () => {
    const server = await open()
    server.routes[`GET /api/chats/${chat}/changes`] = () => ({ status: 409, body: { code: 'unknown-head' } })
    server.rev = 4
    server.asked.length = 0
    for (let round = 0; round < 3; round++) {
      server.engine.connect()
      await server.clock.advance(1_000)
    }
    // One question each round, and the whole list once.
    expect(server.asked.filter((name) => name === 'GET /api/feed')).toHaveLength(4)
    await server.engine.close()
  })
})
