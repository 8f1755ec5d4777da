// Marks and unread counts of several devices of one person, under answers that come late, doubled, from an older moment, or never.
import { historyCursor, messageOf, nextHead, viewOf, type Entry, type Head, type UserId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import type { FeedLine } from '@skein/http/answers'
import type { Local } from '../local.ts'
import { testPorts, tokenOf, type TestPorts } from '../ports.suite.ts'
import { memoryStores } from '../store/memory-store.ts'
import { newChatRow, type ChatRow, type Marks, type MessageRow } from '../store/rows.ts'
import { startOf } from '../store/start-of.ts'
import { put } from '../store/store.ts'
import { alice, bob, chat, entriesOf, say, sha256 } from './chain.suite.ts'
import { createChatSync, type ChatSync } from './chat-sync.ts'
import { cutBack } from './cut.ts'
import { createHistory, type History } from './history.ts'
import { latestSeq } from './ranges.ts'
import { createMarkSender } from './mark-sender.ts'
import { markSeen } from './marks.ts'
import { createServedHistory } from './served-history.ts'
import { createRecounter } from './recount.ts'
import { openParts } from './story.suite.ts'
import { withMarksCounted } from './unread.ts'

const document = `chat/${chat}/1-0123456789abcdef`
const members = [
  { id: alice, name: 'Alice' },
  { id: bob, name: 'Bob' },
]

interface Moment {
  entries: readonly Entry[]
  marks: Record<UserId, Marks>
  markPos: number
}

/** The server of one chat; remembers each moment it was in. */
class Server {
  readonly authors: UserId[] = []
  moments: Moment[] = [{ entries: [], marks: { [alice]: [0, 0], [bob]: [0, 0] }, markPos: 0 }]
  get now(): Moment {
    return this.moments.at(-1) ?? { entries: [], marks: {}, markPos: 0 }
  }
  say(author: UserId): void {
    this.authors.push(author)
    this.moments.push({ ...this.now, entries: entriesOf(this.authors.map((by, i) => [by, say(i + 1)])) })
  }
  raise([delivered, seen]: Marks): boolean {
    const { entries, marks, markPos } = this.now
    const [d, s] = marks[alice] ?? [0, 0]
    const next: Marks = [Math.max(d, Math.min(delivered, entries.length)), Math.max(s, Math.min(seen, entries.length))]
    if (next[0] === d && next[1] === s) return false
    this.moments.push({ ...this.now, marks: { ...marks, [alice]: next }, markPos: markPos + 1 })
    return true
  }
  unread({ entries, marks }: Moment): number {
    return entries.filter(({ authorId, seq }) => authorId !== alice && seq > (marks[alice]?.[1] ?? 0)).length
  }
}
const headOf = (entries: readonly Entry[]): Head => entries.reduce((head, entry) => nextHead(head, entry, sha256), startOf(chat, sha256).head)

interface Replica {
  parts: TestPorts
  local: Local
  sync: ChatSync
  history: History
  /** The greatest own mark that it has ever shown. */
  greatest: Marks
}

/** Which moment an answer is from, or that it never comes; a POST does its work all the same. */
type Luck = () => Moment | 'unreachable'

async function openReplica(server: Server, luck: Luck, seed: number): Promise<Replica> {
  const parts = testPorts(seed)
  const { ports, routes } = parts
  const from = (make: (moment: Moment) => object) => () => {
    const moment = luck()
    return moment === 'unreachable' ? moment : { body: make(moment) }
  }
  routes['POST /api/auth/login'] = () => ({ body: { accessToken: tokenOf('x', 1_000_000), user: { id: alice, email: 'a@example.org', name: 'A' } } })
  routes[`GET /api/chats/${chat}`] = from((moment) => {
    const { entries, marks } = moment
    const last = entries.at(-1)
    const lastMessage = last?.operation?.type === 'message' ? viewOf(chat, messageOf(last, last.operation)) : null
    const seq = entries.length
    return { chat: { id: chat, kind: 'direct', title: null, members, marks, document, lastMessage, unread: server.unread(moment), rev: seq, seq } }
  })
  routes[`GET /api/chats/${chat}/changes`] = ({ query }) => {
    const moment = luck()
    if (moment === 'unreachable') return moment
    const since = Number(query.get('since'))
    // A server that is behind the device knows no such place; the engine would take that for a fork, which is not what this is about.
    const { entries, marks } = since > moment.entries.length ? server.now : moment
    return {
      body: { entries: entries.slice(since, since + 4), members, marks, head: headOf(entries.slice(0, since + 4)), more: entries.length > since + 4 },
    }
  }
  routes[`GET /api/chats/${chat}/messages`] = ({ query }) => {
    const cursor = query.get('cursor')
    const { entries } = server.now
    const end = cursor === null ? entries.length : Number(JSON.parse(Buffer.from(cursor, 'base64url').toString())) - 1
    const page = entries.slice(Math.max(0, end - 3), end)
    const messages = page.flatMap((entry) => (entry.operation?.type === 'message' ? [viewOf(chat, messageOf(entry, entry.operation))] : []))
    return { body: { messages, nextCursor: end > 3 ? historyCursor(end - 2) : null } }
  }
  routes['POST /api/marks'] = ({ body }) => {
    const { marks } = body as { marks: Record<string, Marks> }
    const raised = server.raise(marks[chat] ?? [0, 0])
    return luck() === 'unreachable'
      ? 'unreachable'
      : { body: { marks: {}, markPos: raised ? { [chat]: [server.now.markPos - 1, server.now.markPos] } : {} } }
  }
  const { session, local } = await openParts(parts)
  const sync = createChatSync(local, session, ports)
  const marks = createMarkSender(local, session, ports)
  const recounter = createRecounter(local, sync, ports)
  const replica: Replica = { parts, local, sync, history: createHistory(local, createServedHistory(local, session)), greatest: [0, 0] }
  local.subscribe(() => {
    const mark = local.chats.get(chat)?.marks[alice] ?? [0, 0]
    expect(mark[0]).toBeGreaterThanOrEqual(replica.greatest[0])
    expect(mark[1]).toBeGreaterThanOrEqual(replica.greatest[1])
    replica.greatest = mark
    recounter.consider(chat)
    marks.consider()
  })
  marks.start()
  recounter.start()
  return replica
}

const lineAt = ({ entries, markPos }: Moment): FeedLine => {
  const rev = entries.length
  const mine = { mutedUntil: null, pinned: false, archived: false, draft: '', unreadAfter: null, hidden: [], changedAt: null }
  return { id: chat, document, rev, head: headOf(entries), seq: rev, markPos, removed: false, mine }
}

async function play(seed: number): Promise<void> {
  let state = seed * 2_654_435_761
  const random = (below: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return ((state ^ (state >>> 13)) >>> 0) % below
  }
  const server = new Server()
  let calm = false
  const luck: Luck = () => {
    if (calm) return server.now
    if (random(5) === 0) return 'unreachable'
    return server.moments.at(-1 - random(Math.min(4, server.moments.length))) ?? server.now
  }
  const replicas: Replica[] = []
  const log: string[] = []
  for (let step = 0; step < 40; step++) {
    const move = random(10)
    const replica = replicas[random(Math.max(1, replicas.length))]
    const row = replica?.local.chats.get(chat)
    log.push(`${move}`)
    if (move <= 2) server.say(random(3) === 0 ? alice : bob)
    else if (move === 3 && replicas.length < 4) {
      const fresh = await openReplica(server, luck, seed * 10 + replicas.length)
      const line = lineAt(server.moments.at(-1 - random(Math.min(6, server.moments.length))) ?? server.now)
      const answers = await fresh.sync.ask([chat]).catch(() => [])
      if (answers.length > 0) {
        await fresh.sync.adopt(answers, new Map([[chat, line]]))
        replicas.push(fresh)
      }
    } else if (move === 4 && replica && row) await replica.sync.catchUp(chat).catch(() => {})
    else if (move === 5 && replica && row) {
      // From a live document: any piece of the chain, also one that is known.
      const { entries } = server.now
      const start = random(entries.length + 1)
      await replica.sync.take(chat, entries.slice(start, start + 1 + random(6)))
    } else if (move === 6 && replica && row) await markSeen(replica.local, chat, 1 + random(latestSeq(row) + 1))
    else if (move === 7) server.raise([0, random(server.now.entries.length + 1)])
    else if (move === 8 && replica && row) await replica.history.fetch(chat, random(2) ? null : 1 + random(latestSeq(row) + 1)).catch(() => [])
    else if (replica) await replica.parts.clock.advance(random(3_000))
  }
  calm = true
  for (let round = 0; round < 3; round++) {
    for (const { sync, parts } of replicas) {
      await sync.catchUp(chat)
      await parts.clock.advance(120_000)
    }
  }
  for (const { local } of replicas) {
    const row = local.chats.get(chat)
    expect([row?.unread, row?.exact, row?.marks[alice]?.[1]], `seed ${seed}: ${log.join(' ')}`).toEqual([
      server.unread(server.now),
      true,
      server.now.marks[alice]?.[1],
    ])
  }
}

describe('marks and unread counts', () => {
  test('a fresh device that is answered by a server behind the feed asks again until the count reaches as far', async () => {
    const server = new Server()
    for (let n = 0; n < 5; n++) server.say(bob)
    const answers = [server.moments[2] ?? server.now]
    const replica = await openReplica(server, () => answers.shift() ?? server.now, 1)
    await replica.sync.adopt(await replica.sync.ask([chat]), new Map([[chat, lineAt(server.now)]]))
    expect(replica.local.chats.get(chat)).toMatchObject({ exact: false })
    await replica.parts.clock.advance(5_000)
    expect(replica.local.chats.get(chat)).toMatchObject({ exact: true, unread: 5 })
  })

  test('promise 5, CHAT-4: every device that has synced shows the messages of others above the mark, and no mark ever falls', async () => {
    for (let seed = 1; seed <= 60; seed++) await play(seed)
  }, 120_000)
})

test('I1, CHAT-4: where a full disk has lost rows that the ranges name, nothing is counted by them', async () => {
  const entries = entriesOf(Array.from({ length: 6 }, (_, i) => [bob, say(i + 1)] as const))
  const rows = entries.flatMap((entry): MessageRow[] => (entry.operation?.type === 'message' ? [{ ...messageOf(entry, entry.operation), chat }] : []))
  const position = { rev: 6, seq: 6, head: headOf(entries) }
  const row: ChatRow = { ...newChatRow(chat, members, 0), position, ranges: [[1, 6]], unread: 6, countedTo: 6, marks: { [alice]: [6, 0] } }
  const counts = async (lost: readonly number[]) => {
    const store = await memoryStores().open('x', () => {})
    await store.write(
      rows.filter(({ seq }) => !lost.includes(seq)).map((message) => put('messages', message)),
      false,
    )
    const seen = await withMarksCounted(row, { [alice]: [6, 2] }, { self: alice, store })
    const cut = await cutBack({ self: alice, store }, row, { rev: 4, seq: 4, head: headOf(entries.slice(0, 4)) }, undefined)
    return [
      [seen?.unread, seen?.exact],
      [cut.next.unread, cut.next.exact],
    ]
  }
  const whole = [
    [4, true],
    [4, true],
  ]
  const unsure = [4, false]
  expect(await counts([])).toEqual(whole)
  expect(await counts([1])).toEqual([whole[0], unsure])
  expect(await counts([1, 4])).toEqual([unsure, unsure])
})
