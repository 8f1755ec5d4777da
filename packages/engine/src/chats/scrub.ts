// Takes the words out of what the server has erased, as far as this device holds it; the hash stays, so that what is held can still be proved (ERASE-6).
import { eraseEntry, type ChatId } from '@skein/protocol'
import { erasedPage } from '@skein/http/answers'
import { putChat, type Local } from '../local.ts'
import type { Ports } from '../ports.ts'
import type { Session } from '../session.ts'
import { sizeOf, type ChatRow, type EntryRow, type MessageRow } from '../store/rows.ts'
import { put } from '../store/store.ts'
import { erasedAt, scrubbedPins } from './pins.ts'

/** Until this device stands at a place in the chat's list of erased entries, or at its end. */
export type Scrub = (chat: ChatId, upTo: number) => Promise<void>

export function createScrub(local: Local, session: Session, ports: Ports): Scrub {
  const { store } = local
  return async (chat, upTo) => {
    for (let more = true; more;) {
      const since = local.chats.get(chat)?.erasedPos ?? 0
      if (since === upTo) return
      const page = await session.ask((api) => api.api.chats[':id'].erased.$get({ param: { id: chat }, query: { since: String(since) } }), erasedPage)
      await local.update(chat, async (row) => {
        more = false
        if ((row.erasedPos ?? 0) !== since) return null
        const known = row.position?.rev ?? 0
        // What is still on its way to the rows may come with its words: it is not passed over.
        const end = page.erased.findIndex(([rev]) => rev > known)
        const erased = end < 0 ? page.erased : page.erased.slice(0, end)
        more = page.more && end < 0
        const next: ChatRow = { ...row, erasedPos: end < 0 ? page.erasedPos : (erased.at(-1)?.[2] ?? since) }
        const before: (EntryRow | MessageRow)[] = []
        const entries: EntryRow[] = []
        const messages: MessageRow[] = []
        for (const [rev, seq] of erased) {
          const entry = await store.get('entries', `${chat}/${rev}`)
          const [message] = seq === 0 ? [] : await store.list('messages', { group: chat, from: seq, to: seq })
          if (entry?.operation) {
            before.push(entry)
            entries.push(eraseEntry(entry, ports.sha256))
          }
          if (message) {
            before.push(message)
            messages.push({ ...erasedAt(rev, message), chat })
          }
          if (next.pins) next.pins = scrubbedPins(next.pins, rev, seq)
          if (next.lastMessage?.seq === seq) next.lastMessage = erasedAt(rev, next.lastMessage)
        }
        next.bytes = row.bytes + sizeOf(entries) + sizeOf(messages) - sizeOf(before)
        return [...entries.map((entry) => put('entries', entry)), ...messages.map((message) => put('messages', message)), ...putChat(row, next)]
      })
    }
  }
}
