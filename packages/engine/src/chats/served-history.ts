// Pages of history from the server, which become rows.
import { historyCursor, type ChatId, type OperationId } from '@skein/protocol'
import { messagesPage, oneMessage } from '@skein/http/answers'
import { HttpError } from '../http.ts'
import type { Local } from '../local.ts'
import { putChat } from '../local.ts'
import type { Session } from '../session.ts'
import { messageKey, sizeOf, type ChatRow, type MessageRow } from '../store/rows.ts'
import { put } from '../store/store.ts'
import { EngineError } from '../types.ts'
import { PAGE } from './history.ts'
import { pageRows } from './pages.ts'
import { withRange } from './ranges.ts'
import { FORGOTTEN } from './window.ts'

export interface ServedHistory {
  /** Where a message stands. null: the server does not know it. */
  seqOf(chat: ChatId, id: OperationId): Promise<number | null>
  /** The first seq that was stored at this time (milliseconds) or later; one above the newest where nothing was. */
  seqSince(chat: ChatId, time: number): Promise<number>
  /** The page of messages below a seq, or the newest one, from the server. */
  fetch(chat: ChatId, below: number | null, limit?: number): Promise<MessageRow[]>
}

export function createServedHistory(local: Local, session: Session): ServedHistory {
  const served: ServedHistory = {
    seqOf: async (chat, id) => {
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
      const query = { limit: '1', before: new Date(time).toISOString() }
      const page = await session.ask((api) => api.api.chats[':id'].messages.$get({ param: { id }, query }), messagesPage)
      return (page.messages.at(-1)?.seq ?? 0) + 1
    },
    fetch: async (chat, below, limit = PAGE) => {
      const { position, erasedPos = 0 } = local.chats.get(chat) ?? {}
      const askedAt = position?.rev ?? 0
      const query = { limit: String(limit), ...(below === null ? {} : { cursor: historyCursor(below) }) }
      const page = await session.ask((api) => api.api.chats[':id'].messages.$get({ param: { id: chat }, query }), messagesPage)
      // A server that was restored, and that another device may bring to here without this one noticing: nothing would tell of what the page lacks.
      if (page.rev !== undefined && page.rev < askedAt) throw new HttpError('offline', FORGOTTEN, 503)
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
      return outdated ? served.fetch(chat, below, limit) : rows
    },
  }
  return served
}
