// What becomes of wishes that are sent, and when the server tells of others: apart from what wishes are, since a first look at a chat does neither. Pure.
import { laterMine, mineOfRow, type ChatRow, type Mine, type Wishes } from '../store/rows.ts'
import { beside, mapped, withWishes } from './wishes.ts'

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

/** Without what was hidden above a seq: another message may come to stand there. */
export function hiddenUpTo(row: ChatRow, seq: number): ChatRow {
  const { mine, wishes } = row
  const hidden = Object.entries(wishes?.hidden ?? {}).filter(([each]) => Number(each) <= seq)
  const next = mine ? { ...row, mine: { ...mine, hidden: mineOfRow(row).hidden.filter((each) => each <= seq) } } : row
  return withWishes(next, { ...wishes, hidden: Object.fromEntries(hidden) })
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

/** The answer to what was told of what is hidden, or that it is not taken (`told` null). */
export function hidingAnswered(row: ChatRow, told: Mine | null, sent: Wishes): ChatRow {
  const next = told ? withMine(row, told) : row
  const left = Object.entries(next.wishes?.hidden ?? {}).filter(([seq, is]) => sent.hidden?.[seq] !== is)
  return withWishes(next, { ...next.wishes, hidden: Object.fromEntries(left) })
}
