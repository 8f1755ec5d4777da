// What the person wants of a chat (mute, pin, archive, unread again, the words that they typed and did not send) and the server does not know yet: kept in the chat's row, shown at once, sent when there is a connection. Of two wishes the later one holds; of two drafts both do. Pure.
import { MAX_TEXT_LENGTH } from '@skein/protocol'
import { laterMine, mineOfRow, type Arranged, type ChatRow, type Mine, type Wish, type Wishes } from '../store/rows.ts'

export const FIELDS = ['mutedUntil', 'pinned', 'archived', 'draft', 'unreadAfter'] as const
type Field = (typeof FIELDS)[number]

/** As it is shown. */
export function arrangedOf(row: ChatRow): Arranged {
  const { wishes = {} } = row
  const { mutedUntil, pinned, archived, draft, unreadAfter } = mineOfRow(row)
  return {
    mutedUntil: wishes.mutedUntil ? wishes.mutedUntil.is : mutedUntil,
    pinned: wishes.pinned ? wishes.pinned.is : pinned,
    archived: wishes.archived ? wishes.archived.is : archived,
    draft: wishes.draft ? wishes.draft.is : draft,
    unreadAfter: wishes.unreadAfter ? wishes.unreadAfter.is : unreadAfter,
  }
}

/** What a server takes. */
const draftOf = (text: string): string => text.replaceAll('\0', '').slice(0, MAX_TEXT_LENGTH).toWellFormed()
/** Two drafts that were written apart, one under the other: no word of either is lost as long as both together fit into one message. */
function joined(theirs: string, ours: string): string {
  if (theirs.includes(ours)) return theirs
  return ours.includes(theirs) ? ours : draftOf(`${theirs}\n${ours}`)
}
/** A wish beside what another device decided meanwhile. */
function beside(wish: Wish, value: Wish['is'], isLater: boolean): Wish | null {
  if (typeof wish.is !== 'string' || typeof value !== 'string') return isLater ? { ...wish, was: value } : null
  const is = joined(value, wish.is)
  return is === value ? null : { ...wish, is, was: value }
}

/** The row with these wishes, and without the field where there are none. */
function withWishes(row: ChatRow, wishes: Wishes): ChatRow {
  const { wishes: _, ...rest } = row
  return FIELDS.some((field) => wishes[field]) ? { ...rest, wishes } : rest
}
function mapped(row: ChatRow, make: (wish: Wish, field: Field) => Wish | null): ChatRow {
  const next: { [K in Field]?: Wish } = {}
  for (const field of FIELDS) {
    const wish = row.wishes?.[field]
    const made = wish ? make(wish, field) : null
    if (made) next[field] = made
  }
  return withWishes(row, next as Wishes)
}

/** `at`: by this device's clock, in milliseconds. */
export function wished(row: ChatRow, wanted: Partial<Arranged>, at: number): ChatRow {
  const mine = mineOfRow(row)
  const next: { [K in Field]?: Wish } = { ...row.wishes }
  for (const field of FIELDS) {
    const wants = wanted[field]
    if (wants === undefined) continue
    const is = typeof wants === 'string' ? draftOf(wants) : wants
    const sent = row.wishes?.[field]?.sent
    // What is so already needs no telling, unless something else is on its way.
    if (is === mine[field] && sent === undefined) delete next[field]
    else next[field] = { is, was: mine[field], at, ...(sent === undefined ? {} : { sent }) }
  }
  return withWishes(row, next as Wishes)
}

/** What the server says: a wish gives way to what was decided later on another device. */
export function withMine(row: ChatRow, told: Mine): ChatRow {
  const mine = laterMine(mineOfRow(row), told)
  return mapped({ ...row, mine }, (wish, field) => {
    const value = mine[field]
    // An older wish of this device is on its way: its answer decides.
    if (wish.sent !== undefined && wish.sent !== wish.is) return wish
    if (value === wish.is) return null
    if (value === wish.was) return wish
    return beside(wish, value, mine.changedAt <= wish.at)
  })
}

/** What is about to be sent. */
export const sending = (row: ChatRow): ChatRow => mapped(row, (wish) => ({ ...wish, sent: wish.is }))

/** The answer to what was sent: what was wished since stays. */
export function answered(row: ChatRow, told: Mine, sent: Wishes): ChatRow {
  const mine = laterMine(mineOfRow(row), told)
  return mapped({ ...row, mine }, (wish, field) => {
    const { is, at } = sent[field] ?? {}
    if (wish.is === is && wish.at === at) return null
    const { sent: _, ...later } = wish
    return mine[field] === is ? { ...later, was: is } : beside(later, mine[field], true)
  })
}
