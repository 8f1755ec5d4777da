// Pages of history: from the rows where they are held, else from the server.
import type { ChatId, OperationId } from '@skein/protocol'
import type { Local } from '../local.ts'
import { messageKey, type ChatRow, type MessageRow } from '../store/rows.ts'
import { EngineError } from '../types.ts'
import { firstSeq, rangeAround } from './ranges.ts'
import type { ServedHistory } from './served-history.ts'

export const PAGE = 50

/** The rows that follow each other from a seq on: what a disk has lost is asked for again. */
function withoutGap(rows: readonly MessageRow[], start: number, step: 1 | -1): MessageRow[] {
  const end = rows.findIndex(({ seq }, i) => seq !== start + i * step)
  return end < 0 ? [...rows] : rows.slice(0, end)
}

export interface History extends Pick<ServedHistory, 'fetch'> {
  /** Held rows that end at `to` (included), without a gap; at most a page. Empty when that seq is not held. */
  heldBefore(chat: ChatId, to: number): Promise<MessageRow[]>
  heldAfter(chat: ChatId, from: number): Promise<MessageRow[]>
  /** Where a message stands: by the rows, else by the server. null: nobody knows it. */
  seqOf(chat: ChatId, id: OperationId): Promise<number | null>
  /** The first seq that was stored at this time (milliseconds) or later, by the rows where they are sure of it, else by the server, else, without one, by the rows as far as they go; one above the newest where nothing was. */
  seqSince(chat: ChatId, time: number): Promise<number>
}

export function createHistory(local: Local, served: ServedHistory): History {
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

  return {
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
      return served.seqOf(chat, id)
    },
    seqSince: async (id, time) => {
      const chat = local.chats.get(id)
      const held = chat ? await heldSince(chat, time) : null
      if (held?.sure) return held.seq
      try {
        return Math.max(await served.seqSince(id, time), firstSeq(chat))
      } catch (error) {
        if (held && error instanceof EngineError) return held.seq
        throw error
      }
    },
    fetch: served.fetch,
  }
}
