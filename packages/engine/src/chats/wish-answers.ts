// What becomes of wishes that are sent: apart from what wishes are, since a first look at a chat sends none. Pure.
import { laterMine, mineOfRow, type ChatRow, type Mine, type Wishes } from '../store/rows.ts'
import { beside, mapped, withMine, withWishes } from './wishes.ts'

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
