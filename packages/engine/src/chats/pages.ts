// Pages of history as message rows. A page may already hold later changes, and changes may have come while it was on its way: both are put right here.
import { fold, standing, targetAuthor, type ChatId, type MessageState } from '@skein/protocol'
import type { MessageAnswer, MineAnswer } from '@skein/http/answers'
import type { EntryRow, MessageRow, Mine } from '../store/rows.ts'

export const millis = (time: string | null): number | null => (time === null ? null : Date.parse(time))

export function stateOf(answer: MessageAnswer): MessageState {
  const { id, authorId, seq, rev, text, replyTo, mentions } = answer
  return {
    id,
    authorId,
    seq,
    rev,
    text,
    createdAt: Date.parse(answer.createdAt),
    receivedAt: Date.parse(answer.receivedAt),
    editedAt: millis(answer.editedAt),
    deletedAt: millis(answer.deletedAt),
    replyTo,
    replyToAuthor: null,
    mentions,
    forwardedFrom: null,
    reactions: answer.reactions.flatMap(({ emoji, userIds }) => userIds.map((userId) => ({ emoji, userId, rev }))),
  }
}

/** Rows of a page: `held` where they stand, else the page's, with the entries that came since it was asked for. */
export function pageRows(chat: ChatId, page: readonly MessageAnswer[], held: readonly MessageRow[], since: readonly EntryRow[]): MessageRow[] {
  const heldByKey = new Map(held.map((row) => [`${row.authorId}/${row.id}`, row]))
  const rows = new Map<string, MessageRow>()
  for (const answer of page) {
    const key = `${answer.authorId}/${answer.id}`
    const before = heldByKey.get(key)
    const told = { ...stateOf(answer), chat }
    rows.set(key, before ? standing(before, told) : told)
  }
  for (const entry of since) {
    const { operation } = entry
    if (!operation || !('target' in operation)) continue
    const author = targetAuthor(operation, entry.authorId)
    const key = author ? `${author}/${operation.target}` : [...rows.keys()].find((found) => found.endsWith(operation.target))
    const row = key ? rows.get(key) : undefined
    if (key && row) rows.set(key, { ...fold(row, entry, operation), chat })
  }
  return [...rows.values()].sort((a, b) => a.seq - b.seq)
}

/** What the server says that the person wants of a chat. */
export const mineOf = ({ mutedUntil, pinned, archived, draft, unreadAfter, hidden, changedAt }: MineAnswer): Mine => ({
  mutedUntil: mutedUntil === null ? null : Date.parse(mutedUntil),
  pinned,
  archived,
  draft,
  unreadAfter,
  hidden,
  changedAt: changedAt === null ? 0 : Date.parse(changedAt),
})
