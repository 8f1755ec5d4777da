// Pages of history: from the rows where they are held, else from the server, which then become rows.
import { historyCursor, type ChatId, type OperationId } from '@skein/protocol'
import { messagesPage, oneMessage } from '@skein/http/answers'
import type { Local } from '../local.ts'
import { putChat } from '../local.ts'
import type { Session } from '../session.ts'
import { messageKey, sizeOf, type ChatRow, type MessageRow } from '../store/rows.ts'
import { put } from '../store/store.ts'
import { EngineError } from '../types.ts'
import { pageRows } from './pages.ts'
import { firstSeq, rangeAround, withRange } from './ranges.ts'

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
  /** Where a message stands: by the rows, else by the server. null: nobody knows it. */
  seqOf(chat: ChatId, id: OperationId): Promise<number | null>
  /** The first seq that was stored at this time (milliseconds) or later, by the rows where they are sure of it, else by the server, else, without one, by the rows as far as they go; one above the newest where nothing was. */
  seqSince(chat: ChatId, time: number): Promise<number>
  /** The page of messages below a seq, or the newest one, from the server. */
  fetch(chat: ChatId, below: number | null, limit?: number): Promise<MessageRow[]>
}

export function createHistory(local: Local, session: Session): History {
  /** Held, and received at `time` or later; those of a range follow each other by time as by seq. null: none is. */
  async function heldSince(chat: ChatRow, time: number): Promise<{ seq: number; sure: boolean } | null> {
    const isSince = async (seq: number): Promise<boolean> => {
      const [row] = await local.store.list('messages', { group: chat.id, from: seq, to: seq })
      return row !== undefined && row.receivedAt >= time
    }
    for (const [from, to] of chat.ranges) {
      if (!(await isSince(to))) continue
      let low = from
      let high = to
      while (low < high) {
        const middle = Math.floor((low + high) / 2)
        if (await isSince(middle)) high = middle
        else low = middle + 1
      }
      return { seq: low, sure: low > from || from === firstSeq(chat) }
    }
    return null
  }

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
    seqOf: async (chat, id) => {
      const authors = [local.self, ...(local.chats.get(chat)?.members ?? []).map((member) => member.id)]
      for (const author of authors) {
        const held = await local.store.get('messages', messageKey(chat, author, id))
        if (held) return held.seq
      }
      try {
        const param = { id: chat, messageId: id }
        const { message } = await session.ask((api) => api.api.chats[':id'].messages[':messageId'].$get({ param }), oneMessage)
        return message.seq
      } catch (error) {
        if (error instanceof EngineError && error.code === 'no-such-message') return null
        throw error
      }
    },
    seqSince: async (id, time) => {
      const chat = local.chats.get(id)
      const held = chat ? await heldSince(chat, time) : null
      if (held?.sure) return held.seq
      try {
        const query = { limit: '1', before: new Date(time).toISOString() }
        const page = await session.ask((api) => api.api.chats[':id'].messages.$get({ param: { id }, query }), messagesPage)
        return Math.max((page.messages.at(-1)?.seq ?? 0) + 1, firstSeq(chat))
      } catch (error) {
        if (held && error instanceof EngineError) return held.seq
        throw error
      }
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
        const ranges = withRange(row.ranges, first.seq, last.seq)
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
