// Keeps all chats current in the background: asks the feed what changed, then `changes` for each chat that did. Nudges lead straight to the second step.
import type { z } from 'zod'
import { feedDigest, type ChatId } from '@skein/protocol'
import { feed as feedAnswer, type FeedLine } from '@skein/http/answers'
import { isPassing, retryAfterMs } from '../http.ts'
import type { Local } from '../local.ts'
import { putChat } from '../local.ts'
import { backoffMs, leftOf, randomFraction, type Ports, type Timer } from '../ports.ts'
import type { Session } from '../session.ts'
import { laterMine, mineOfRow, type Mine } from '../store/rows.ts'
import { put } from '../store/store.ts'
import type { ChatSync, Rows } from './chat-sync.ts'
import { mineOf } from './pages.ts'
import { withMine } from './wish-answers.ts'
import { FIELDS } from './wishes.ts'

const EVERY_MS = 600_000
/** One chat is asked about at most this often on nudges. */
const NUDGE_MS = 1_000

const isSame = (a: Mine, b: Mine): boolean =>
  FIELDS.every((field) => a[field] === b[field]) && a.hidden.join() === b.hidden.join() && a.changedAt === b.changedAt

type FeedAnswer = z.infer<typeof feedAnswer>
type DigestLine = Parameters<typeof feedDigest>[0][number]

export interface Feed {
  start(): void
  stop(): void
  /** Asks now: after a reconnect, or when the person wants it. */
  refresh(): void
  /** A chat is at this place now, by the server's word. */
  nudge(chat: ChatId, rev: number, markPos: number): void
  /** Reads the chat's changes soon. */
  catchUp(chat: ChatId): void
  /** Resolves after the round at hand. */
  settled(): Promise<void>
}

export interface FeedOptions {
  local: Local
  session: Session
  sync: ChatSync
  ports: Ports
  /** A chat that may need the live document: its document changed, or it became known. */
  relocated(chat: ChatId): void
  /** What else is read in each round: the people. */
  read(): Promise<void>
}

export function createFeed({ local, session, sync, ports, relocated, read }: FeedOptions): Feed {
  const behind = new Map<ChatId, number | undefined>()
  /** What the feed said of chats that are still being read. */
  const told = new Map<ChatId, DigestLine>()
  const nudgedAt = new Map<ChatId, number>()
  let timer: Timer | null = null
  let working: Promise<void> | null = null
  let catching: Promise<void> | null = null
  let attempt = 0
  let running = false
  let again = false
  let differed = ''

  function later(ms: number): void {
    if (!running) return
    if (timer !== null) ports.clearTimeout(timer)
    timer = ports.setTimeout(refresh, ms)
  }

  async function drain(): Promise<void> {
    for (let next = behind.entries().next(); running && !next.done; next = behind.entries().next()) {
      const [chat, markPos] = next.value
      behind.delete(chat)
      const line = told.get(chat)
      try {
        await sync.catchUp(chat, markPos)
      } catch (error) {
        if (isPassing(error)) {
          if (!behind.has(chat)) behind.set(chat, markPos)
          throw error
        }
        // Refused for a reason of its own: the next round of the feed finds the chat again.
      }
      if (told.get(chat) === line) told.delete(chat)
    }
  }
  function catchAll(): void {
    if (!running || catching) return
    catching = drain()
      .catch(() => later(backoffMs(attempt++, ports)))
      .finally(() => {
        catching = null
      })
  }

  /** `before`: the rows when it was asked. */
  async function apply(lines: readonly FeedLine[], before: Rows): Promise<void> {
    const unknown: FeedLine[] = []
    const byId = new Map(lines.map((line) => [line.id, line]))
    for (const line of lines) {
      const row = local.chats.get(line.id)
      if (line.removed) {
        if (row) await sync.remove(line.id, before.get(line.id))
        continue
      }
      if (!row || row.position === null) {
        unknown.push(line)
        continue
      }
      if (row.document !== line.document || row.removed) {
        await local.update(line.id, (now) => (now.document === line.document ? null : putChat(now, { ...now, document: line.document, n: 0 })))
        if (row.removed) await sync.present(line.id, before.get(line.id))
        relocated(line.id)
      }
      const mine = mineOf(line.mine)
      await local.update(line.id, (now) => (isSame(laterMine(mineOfRow(now), mine), mineOfRow(now)) ? null : putChat(now, withMine(now, mine))))
      const { rev, head } = row.position
      if (rev !== line.rev || head !== line.head || row.markPos !== line.markPos) {
        behind.set(line.id, line.markPos)
        told.set(line.id, line)
      }
    }
    if (unknown.length > 0) {
      const answers = await sync.ask(unknown.map(({ id }) => id))
      await sync.adopt(answers, byId)
      for (const { id } of unknown) {
        if (local.chats.get(id)?.removed && answers.some((answer) => answer.id === id)) await sync.present(id, before.get(id))
        relocated(id)
      }
    }
  }

  /** What this device holds of each chat, or is about to, as a line of the feed says it. */
  function ownLines(): Map<ChatId, DigestLine> {
    const lines = new Map<ChatId, DigestLine>()
    for (const { id, position, markPos, removed } of local.chats.values())
      if (position && !removed) lines.set(id, told.get(id) ?? { id, rev: position.rev, head: position.head, markPos })
    return lines
  }
  /** The whole list, when a chat that the answer does not name differs: something was missed, or the server's past is another. */
  async function compare(held: Map<ChatId, DigestLine>, answer: FeedAnswer): Promise<void> {
    for (const line of answer.chats) {
      if (line.removed) held.delete(line.id)
      else held.set(line.id, line)
    }
    const own = feedDigest([...held.values()], ports.sha256)
    // The same difference twice is one that the whole list does not settle, such as a fork.
    const difference = `${own} ${answer.digest}`
    if (!answer.digest || own === answer.digest || difference === differed) return
    const before = new Map(local.chats)
    const whole = await session.ask((api) => api.api.feed.$get({ query: {} }), feedAnswer)
    await apply(whole.chats, before)
    const listed = new Set(whole.chats.map(({ id }) => id))
    for (const id of held.keys()) if (!listed.has(id) && !behind.has(id)) behind.set(id, undefined)
    differed = difference
  }

  async function round(): Promise<void> {
    const since = (await local.store.get('meta', 'feed'))?.value
    // As it is now: what moves while the server answers is no difference.
    const held = ownLines()
    const before = new Map(local.chats)
    const answer = await session.ask((api) => api.api.feed.$get({ query: since === undefined ? {} : { since, digest: '1' } }), feedAnswer)
    await apply(answer.chats, before)
    if (since !== undefined) await compare(held, answer)
    await local.commit([put('meta', { key: 'feed', value: answer.next })])
    await read()
    attempt = 0
  }

  function refresh(): void {
    if (!running) return
    if (working) {
      again = true
      return
    }
    working = roundAndGoOn()
  }
  async function roundAndGoOn(): Promise<void> {
    try {
      await round()
      later(EVERY_MS * (0.9 + 0.2 * randomFraction(ports)))
      catchAll()
    } catch (error) {
      later(retryAfterMs(error) + backoffMs(attempt++, ports))
    }
    working = null
    if (!again) return
    again = false
    refresh()
  }

  function nudge(chat: ChatId, rev: number, markPos: number): void {
    if (!running) return
    const row = local.chats.get(chat)
    if (!row || row.position === null) return refresh()
    if (row.position.rev >= rev && row.markPos >= markPos) return
    // While a mark of one's own is on its way, this may be its echo.
    if (row.position.rev >= rev && local.marks.has(chat)) return void ports.setTimeout(() => nudge(chat, rev, markPos), NUDGE_MS)
    behind.set(chat, markPos)
    const wait = leftOf(NUDGE_MS, nudgedAt.get(chat) ?? -Infinity, ports.now())
    if (wait <= 0) {
      nudgedAt.set(chat, ports.now())
      catchAll()
    } else ports.setTimeout(catchAll, wait)
  }

  return {
    start: () => {
      running = true
      refresh()
    },
    stop: () => {
      running = false
      if (timer !== null) ports.clearTimeout(timer)
    },
    refresh,
    nudge,
    catchUp: (chat) => {
      const row = local.chats.get(chat)
      if (row?.position === null && row.document !== null) return refresh()
      if (!behind.has(chat)) behind.set(chat, undefined)
      catchAll()
    },
    settled: async () => {
      await working
      await catching
    },
  }
}
