// A server of one chat for unit tests: it answers Alice over HTTP alone, from a story that is told as far as `rev`.
import { feedDigest, historyCursor, nextHead, viewOf, type Entry, type Head, type MessageView } from '@skein/protocol'
import { createHttp } from '../http-client.ts'
import { createEngine, memoryStores, type Engine, type StoreFactory } from '../index.ts'
import { openLocal, type Local } from '../local.ts'
import type { Ports } from '../ports.ts'
import { testPorts, tokenOf, type TestPorts } from '../ports.suite.ts'
import { openSession, type Session } from '../session.ts'
import { alice, bob, chat, Replica, sha256 } from './chain.suite.ts'
import { startOf } from '../store/start-of.ts'

const document = `chat/${chat}/1-0123456789abcdef`

/** Alice's session and rows alone, for parts that a test puts together by hand; `another`: the rows as another tab has them. */
export async function openParts({ ports }: TestPorts): Promise<{ session: Session; local: Local; another: () => Promise<Local> }> {
  const stores = memoryStores()
  const session = await openSession({
    ports,
    http: createHttp('http://x', ports),
    device: await stores.open('d', () => {}),
    lock: 'x',
    changed: () => {},
  })
  await session.login('a@example.org', 'x')
  const another = (): Promise<Local> => openLocal({ self: alice, factory: stores, name: 'x', ports, told: () => {}, outdated: () => {} })
  return { session, local: await another(), another }
}

export interface StoryServer extends TestPorts {
  /** How much of the story the server holds. */
  rev: number
  engine: Engine
}

/** Alice's engine, logged in; she has heard of the chat and not opened it. */
export async function openStory(
  story: readonly Entry[],
  rev: number,
  store: StoreFactory = memoryStores(),
  more: Partial<Ports> = {},
): Promise<StoryServer> {
  const parts = testPorts()
  Object.assign(parts.ports, more)
  const server: StoryServer = Object.assign(parts, { rev, engine: createEngine({ server: 'http://x', store, ports: parts.ports }) })
  const { routes } = parts
  const heads: Head[] = [startOf(chat, sha256).head]
  for (const entry of story) heads.push(nextHead(heads.at(-1) ?? startOf(chat, sha256).head, entry, sha256))
  const headAt = (at: number): Head => heads[at] ?? startOf(chat, sha256).head
  const pages = new Map<number, MessageView[]>()
  for (const at of [rev, story.length]) {
    const replica = new Replica(alice)
    await replica.take(story.slice(0, at))
    pages.set(
      at,
      replica.shown.map((row) => viewOf(chat, row)),
    )
  }
  const messages = (): MessageView[] => pages.get(server.rev) ?? []
  const seq = (): number => messages().length
  const members = [
    { id: alice, name: 'Alice' },
    { id: bob, name: 'Bob' },
  ]
  for (const way of ['login', 'refresh'])
    routes[`POST /api/auth/${way}`] = () => ({
      body: { accessToken: tokenOf('x', 100_000), user: { id: alice, email: 'a@example.org', name: 'Alice' } },
    })
  routes['GET /api/feed'] = ({ query }) => {
    const line = { id: chat, document, rev: server.rev, head: headAt(server.rev), seq: seq(), markPos: 0, removed: false }
    // What changed is never named here: only the digest tells.
    return { body: { chats: query.has('since') ? [] : [line], digest: feedDigest([{ ...line }], sha256), next: 't1' } }
  }
  routes[`GET /api/chats/${chat}`] = () => ({
    body: {
      chat: {
        id: chat,
        kind: 'direct',
        title: null,
        members,
        marks: {},
        document,
        lastMessage: messages().at(-1) ?? null,
        unread: seq(),
        rev: server.rev,
        seq: seq(),
      },
    },
  })
  routes['GET /api/users'] = () => ({
    body: { users: [{ id: bob, name: 'Bob', avatarUrl: null, online: false, lastSeenAt: '2026-01-01T00:00:00.000Z' }], nextCursor: null },
  })
  routes[`GET /api/chats/${chat}/changes`] = ({ query }) => {
    const since = Number(query.get('since'))
    if (query.get('head') !== headAt(since)) return { status: 409, body: { code: 'unknown-head' } }
    return { body: { entries: story.slice(since, server.rev), members, marks: {}, head: headAt(server.rev), more: false } }
  }
  routes[`GET /api/chats/${chat}/messages`] = ({ query }) => {
    const all = messages()
    const cursor = query.get('cursor')
    const before = query.get('before')
    const since = before === null ? -1 : all.findIndex(({ receivedAt }) => Date.parse(receivedAt) >= Date.parse(before))
    const end = cursor === null ? (since < 0 ? all.length : since) : Number(JSON.parse(Buffer.from(cursor, 'base64url').toString())) - 1
    const start = Math.max(0, end - Number(query.get('limit')))
    return { body: { messages: all.slice(start, end), nextCursor: start > 0 ? historyCursor(start + 1) : null } }
  }
  routes['POST /api/marks'] = () => ({ body: { marks: {}, markPos: {} } })
  await server.engine.ready
  // What `store` remembers of her is enough.
  if (server.engine.session.status !== 'logged-in') await server.engine.login('a@example.org', 'x')
  await server.clock.advance(100)
  return server
}
