// What goes when room is needed: of chats that were not opened for the longest time, the oldest rows first. They come again when they are looked at.
import { nextHead, type ChatId, type Sha256 } from '@skein/protocol'
import { latestSeq, rangesAbove } from '../chats/ranges.ts'
import { messageKey, sizeOf, type ChatRow } from './rows.ts'
import { startOf } from './start-of.ts'
import type { Change, LocalStore } from './store.ts'

/** The newest messages of a chat, which always stay. */
const NEWEST_KEPT = 50
/** Entries of this age and younger stay: a server that lost its memory gets them back from here. */
export const ENTRIES_KEPT_MS = 30 * 86_400_000
/** Rows that go in one transaction. */
const CHUNK = 500

/** Rows of a chat to take out, and what its row becomes without them: the row as it stands by then, since marks and news go on meanwhile. */
export interface Gone {
  chat: ChatId
  changes: Change[]
  bytes: number
  without(row: ChatRow): ChatRow
}

/** The oldest rows of a chat that may go; null when none may. The newest page always stays, and entries stay while words wait that they may name. */
async function oldestOf(row: ChatRow, { store, now, sha256 }: Evicting, hasWords: boolean): Promise<Gone | null> {
  const messages = await store.list('messages', { group: row.id, to: latestSeq(row) - NEWEST_KEPT, limit: CHUNK })
  const last = messages.at(-1)
  if (last) {
    const bytes = sizeOf(messages)
    const changes = messages.map(({ authorId, id }): Change => ({ remove: 'messages', key: messageKey(row.id, authorId, id) }))
    return { chat: row.id, changes, bytes, without: (later) => ({ ...lighter(later, bytes), ranges: rangesAbove(later.ranges, last.seq) }) }
  }
  if (hasWords) return null
  // From the old end, so that what is left is one run.
  const oldest = await store.list('entries', { group: row.id, limit: CHUNK })
  const young = oldest.findIndex(({ at }) => at > now - ENTRIES_KEPT_MS)
  const entries = young < 0 ? oldest : oldest.slice(0, young)
  if (entries.length === 0) return null
  const bytes = sizeOf(entries)
  const changes = entries.map(({ rev }): Change => ({ remove: 'entries', key: `${row.id}/${rev}` }))
  // The run that is left begins where these end (HEAL-1).
  const runStart = entries.reduce(
    (start, entry) => ({ rev: entry.rev, seq: entry.seq || start.seq, head: nextHead(start.head, entry, sha256) }),
    row.runStart ?? startOf(row.id, sha256),
  )
  return { chat: row.id, changes, bytes, without: (later) => ({ ...lighter(later, bytes), runStart }) }
}

/** What is to be kept whole is so no more. */
const lighter = (row: ChatRow, bytes: number): ChatRow => ({
  ...row,
  bytes: Math.max(0, row.bytes - bytes),
  kept: row.kept === 'yes' ? 'over-budget' : row.kept,
})

export interface Evicting {
  chats: ReadonlyMap<ChatId, ChatRow>
  store: LocalStore
  now: number
  sha256: Sha256
  hasWords(chat: ChatId): boolean
  /** Somebody reads it just now: its rows stay, since only what is held hears of changes. */
  isShown(chat: ChatId): boolean
  /** When nothing else is left, chats that are to be kept lose rows too, and say so. */
  alsoKept: boolean
  /** false: not written; the chat is left alone. */
  write(gone: Gone): Promise<boolean>
}

/** Takes out at least `wanted` bytes where there is as much that may go; resolves with how many went. */
export async function evict(evicting: Evicting, wanted: number): Promise<number> {
  const { chats, hasWords, isShown, alsoKept, write } = evicting
  const order = [...chats.values()]
    .filter(({ id, kept }) => (alsoKept || kept === 'no') && !isShown(id))
    .sort((a, b) => Number(a.kept !== 'no') - Number(b.kept !== 'no') || a.openedAt - b.openedAt || a.lastAt - b.lastAt)
  let freed = 0
  for (const { id } of order) {
    while (freed < wanted) {
      const row = chats.get(id)
      const gone = row && (await oldestOf(row, evicting, hasWords(id)))
      if (!gone || !(await write(gone))) break
      freed += gone.bytes
    }
    if (freed >= wanted) break
  }
  return freed
}
