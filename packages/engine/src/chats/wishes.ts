// What the person wants of a chat (mute, pin, archive, unread again, messages that they hide from themselves, the words that they typed and did not send) and the server does not know yet: kept in the chat's row, shown at once, sent when there is a connection. Of two wishes the later one holds; of two drafts both do, and each message is hidden by itself. Pure.
import { MAX_TEXT_LENGTH } from '@skein/protocol'
import { mineOfRow, type Arranged, type ChatRow, type Wish, type Wishes } from '../store/rows.ts'

export const FIELDS = ['mutedUntil', 'pinned', 'archived', 'draft', 'unreadAfter'] as const
type Field = (typeof FIELDS)[number]

/** What is to be hidden and shown again, by seq. */
interface Hiding {
  hide: number[]
  show: number[]
}
/** What can be wished for. */
export type Wanted = Partial<Omit<Arranged, 'hidden'>> & { readonly [K in keyof Hiding]?: readonly number[] }

/** As it is shown. */
export function arrangedOf(row: ChatRow): Arranged {
  const { wishes = {} } = row
  const { mutedUntil, pinned, archived, draft, unreadAfter, hidden } = mineOfRow(row)
  const { hide, show } = hidingOf(wishes)
  return {
    mutedUntil: wishes.mutedUntil ? wishes.mutedUntil.is : mutedUntil,
    pinned: wishes.pinned ? wishes.pinned.is : pinned,
    archived: wishes.archived ? wishes.archived.is : archived,
    draft: wishes.draft ? wishes.draft.is : draft,
    unreadAfter: wishes.unreadAfter ? wishes.unreadAfter.is : unreadAfter,
    hidden: wishes.hidden ? [...new Set([...hidden, ...hide])].filter((seq) => !show.includes(seq)).sort((a, b) => a - b) : hidden,
  }
}

/** What is to be told of what is hidden. */
export function hidingOf({ hidden = {} }: Wishes): Hiding {
  const seqs = Object.keys(hidden)
  return { hide: seqs.filter((seq) => hidden[seq]).map(Number), show: seqs.filter((seq) => !hidden[seq]).map(Number) }
}

/** What a server takes. */
const draftOf = (text: string): string => text.replaceAll('\0', '').slice(0, MAX_TEXT_LENGTH).toWellFormed()
/** Two drafts that were written apart, one under the other: no word of either is lost as long as both together fit into one message. */
function joined(theirs: string, ours: string): string {
  if (theirs.includes(ours)) return theirs
  return ours.includes(theirs) ? ours : draftOf(`${theirs}\n${ours}`)
}
/** A wish beside what another device decided meanwhile. */
export function beside(wish: Wish, value: Wish['is'], isLater: boolean): Wish | null {
  if (typeof wish.is !== 'string' || typeof value !== 'string') return isLater ? { ...wish, was: value } : null
  const is = joined(value, wish.is)
  return is === value ? null : { ...wish, is, was: value }
}

/** The row with these wishes, and without the field where there are none. */
export function withWishes(row: ChatRow, { hidden, ...wishes }: Wishes): ChatRow {
  const { wishes: _, ...rest } = row
  const isSome = hidden && Object.keys(hidden).length > 0
  return isSome || FIELDS.some((field) => wishes[field]) ? { ...rest, wishes: { ...wishes, ...(isSome ? { hidden } : {}) } } : rest
}
export function mapped(row: ChatRow, make: (wish: Wish, field: Field) => Wish | null): ChatRow {
  const next: { [K in Field]?: Wish } = {}
  for (const field of FIELDS) {
    const wish = row.wishes?.[field]
    const made = wish ? make(wish, field) : null
    if (made) next[field] = made
  }
  return withWishes(row, { ...(next as Wishes), hidden: row.wishes?.hidden ?? {} })
}

/** `at`: by this device's clock, in milliseconds. */
export function wished(row: ChatRow, wanted: Wanted, at: number): ChatRow {
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
  const hidden = { ...row.wishes?.hidden }
  // A wish that may be on its way is taken back by telling so.
  for (const seq of wanted.hide ?? []) if (seq in hidden || !mine.hidden.includes(seq)) hidden[seq] = true
  for (const seq of wanted.show ?? []) if (seq in hidden || mine.hidden.includes(seq)) hidden[seq] = false
  return withWishes(row, { ...(next as Wishes), hidden })
}
