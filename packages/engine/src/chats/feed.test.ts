import { feedDigest, nextHead, viewOf, type Entry, type Head } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { createEngine, memoryStores, type Engine } from '../index.ts'
import { testPorts, tokenOf, type TestPorts } from '../ports.suite.ts'
import { alice, bob, chat, entriesOf, Replica, say, sha256 } from './chain.suite.ts'
import { startOf } from './ingest.ts'

const document = `chat/${chat}/1-0123456789abcdef`
const story = entriesOf([
  [bob, say(1)],
  [bob, say(2)],
  [alice, say(3)],
  [bob, say(4)],
])
const headAt = (rev: number, entries: readonly Entry[] = story): Head =>
  entries.slice(0, rev).reduce((head, entry) => nextHead(head, entry, sha256), startOf(chat, sha256).head)

interface FakeServer extends TestPorts {
  /** How much of the story the server holds. */
  rev: number
  engine: Engine
}

/** A server that knows one chat, asked by Alice over HTTP alone. */
async function open(): Promise<FakeServer> {
  const parts = testPorts()
  const stores = memoryStores()
  const server: FakeServer = Object.assign(parts, { rev: 2, engine: createEngine({ server: 'http://x', store: stores, ports: parts.ports }) })
  const { routes } = parts
  const replica = async (): Promise<Replica> => {
    const all = new Replica(alice)
    await all.take(story.slice(0, server.rev))
    return all
  }
  let messages: unknown[] = []
  const remember = async (): Promise<void> => {
    messages = (await replica()).shown.map((row) => viewOf(chat, row))
  }
  await remember()
  const line = (): object => ({ id: chat, document, rev: server.rev, head: headAt(server.rev), seq: server.rev, markPos: 0, removed: false })
  const members = [
    { id: alice, name: 'Alice' },
    { id: bob, name: 'Bob' },
  ]
  const view = (): object => ({
    id: chat,
    kind: 'direct',
    title: null,
    members,
    document,
    lastMessage: messages.at(-1) ?? null,
    unread: server.rev,
    rev: server.rev,
    seq: server.rev,
  })
  routes['POST /api/auth/login'] = () => ({
    body: { accessToken: tokenOf('x', 100_000), user: { id: alice, email: 'a@example.org', name: 'Alice' } },
  })
  routes['GET /api/feed'] = ({ query }) => ({
    // What changed is never named here: only the digest tells.
    body: {
      chats: query.has('since') ? [] : [line()],
      digest: feedDigest([{ id: chat, rev: server.rev, head: headAt(server.rev), markPos: 0 }], sha256),
      next: 't1',
    },
  })
  routes[`GET /api/chats/${chat}`] = () => ({ body: { chat: view() } })
  routes['GET /api/users'] = () => ({
    body: { users: [{ id: bob, name: 'Bob', avatarUrl: null, online: false, lastSeenAt: '2026-01-01T00:00:00.000Z' }], nextCursor: null },
  })
  routes[`GET /api/chats/${chat}/changes`] = ({ query }) => {
    const since = Number(query.get('since'))
    if (query.get('head') !== headAt(since)) return { status: 409, body: { code: 'unknown-head' } }
    return { body: { entries: story.slice(since, server.rev), members, marks: {}, head: headAt(server.rev), more: false } }
  }
  routes[`GET /api/chats/${chat}/messages`] = () => ({ body: { messages, nextCursor: null } })
  routes['POST /api/marks'] = () => ({ body: { marks: {} } })
  await server.engine.ready
  await server.engine.login('a@example.org', 'x')
  await server.clock.advance(100)
  return server
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
    expect(window.error).toMatch(/another past/)
    expect(window.items.map(({ text }) => text)).toEqual(['m1', 'm2'])
    await server.engine.send(chat, 'kept')
    server.asked.length = 0
    server.engine.connect()
    await server.clock.advance(2_000)
    expect(server.asked).not.toContain(`GET /api/chats/${chat}/changes`)
    expect(server.engine.outbox).toMatchObject([{ text: 'kept', state: 'waiting' }])
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
})
