// Pages of history: from the rows where they are held, else from the server, which then become rows.
import { historyCursor, type ChatId } from '@skein/protocol'
import { messagesPage } from '@skein/http/answers'
import type { Local } from '../local.ts'
import { putChat } from '../local.ts'
import type { Session } from '../session.ts'
import { messageKey, sizeOf, type ChatRow, type MessageRow } from '../store/rows.ts'
import { put } from '../store/store.ts'
import { pageRows } from './pages.ts'
import { rangeAround, withRange } from './ranges.ts'

export const PAGE = 50

/** The rows that follow each other from a seq on: what a disk has lost is asked for again. */
function withoutGap(rows: readonly MessageRow[], start: number, step: 1 | -1): MessageRow[] {
  const end = rows.findIndex(({ seq }, i) => seq !== start + i * step)
  return end < 0 ? [...rows] : rows.slice(0, end)
}

export interface History {
  /** Held rows that end at `to` (included), without a gap; at most a page. Empty when that seq is not held. */
  heldBefore(chat: ChatId, to: number): Promise<MessageRow[]>
  heldAfter(chat: ChatId, from: number): Promise<MessageRow[]>
  /** The page of messages below a seq, or the newest one, from the server. */
  fetch(chat: ChatId, below: number | null, limit?: number): Promise<MessageRow[]>
}

export function createHistory(local: Local, session: Session): History {
  const history: History = {
    heldBefore: async (chat, to) => {
      const range = rangeAround(local.chats.get(chat)?.ranges ?? [], to)
      if (!range) return []
      const rows = await local.store.list('messages', { group: chat, from: Math.max(range[0], to - PAGE + 1), to, newestFirst: true, limit: PAGE })
      return withoutGap(rows, to, -1).toReversed()
    },
    heldAfter: async (chat, from) => {
      const range = rangeAround(local.chats.get(chat)?.ranges ?? [], from)
      if (!range) return []
      return withoutGap(await local.store.list('messages', { group: chat, from, to: Math.min(range[1], from + PAGE - 1), limit: PAGE }), from, 1)
    },
    fetch: async (chat, below, limit = PAGE) => {
      const { position, erasedPos = 0 } = local.chats.get(chat) ?? {}
      const askedAt = position?.rev ?? 0
      const query = { limit: String(limit), ...(below === null ? {} : { cursor: historyCursor(below) }) }
      const page = await session.ask((api) => api.api.chats[':id'].messages.$get({ param: { id: chat }, query }), messagesPage)
      let rows: MessageRow[] = []
      let outdated = false
      await local.update(chat, async (row) => {
        // Erased while the page was on its way: it may hold the words.
        outdated = (row.erasedPos ?? 0) !== erasedPos
        if (outdated) return null
        const since = await local.store.list('entries', { group: chat, from: askedAt + 1 })
        const held = await Promise.all(page.messages.map(({ authorId, id }) => local.store.get('messages', messageKey(chat, authorId, id))))
        const before = held.filter((found) => found !== undefined)
        rows = pageRows(chat, page.messages, before, since)
        const first = rows[0]
        const last = rows.at(-1)
        if (!first || !last) return null
        const ranges = withRange(row.ranges, page.nextCursor === null ? 1 : first.seq, last.seq)
        const others = rows.filter(({ authorId }) => authorId !== local.self).map(({ seq }) => seq)
        const bytes = row.bytes + sizeOf(rows) - sizeOf(before)
        const next: ChatRow = { ...row, ranges, bytes, othersSeq: Math.max(row.othersSeq, ...others) }
        const newest = row.lastMessage
        if (!newest || last.seq >= newest.seq) {
          const { chat: _, ...state } = last
          next.lastMessage = state
          next.lastAt = Math.max(row.lastAt, last.receivedAt)
        }
        return [...rows.map((message) => put('messages', message)), ...putChat(row, next)]
      })
      return outdated ? history.fetch(chat, below, limit) : rows
    },
  }
  return history
}
