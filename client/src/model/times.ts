// Times as people read them, in the language of the page.
import { msg, str } from '@lit/localize'
import { language, numberText, perLocale } from '../languages/language.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** So long a deletion can be taken back before anybody is told. */
export const UNDO_MS = 5_000

const format = (options: Intl.DateTimeFormatOptions): ((ms: number) => string) => {
  const formatter = perLocale((locale) => new Intl.DateTimeFormat(locale, options))
  return (ms) => formatter().format(ms)
}
const clock = format({ hour: 'numeric', minute: '2-digit' })
const weekday = format({ weekday: 'long' })
const inShort = format({ weekday: 'short' })
/** Hungarian's short ones are letters: H, K, Sze. */
const shortWeekday = (ms: number): string => (language() === 'hu' ? weekday(ms) : inShort(ms))
const dayAndMonth = format({ day: 'numeric', month: 'long' })
const shortDay = format({ day: 'numeric', month: 'short' })
const shortDayWithYear = format({ day: 'numeric', month: 'short', year: 'numeric' })
const dayWithYear = format({ day: 'numeric', month: 'long', year: 'numeric' })
const everything = format({ dateStyle: 'full', timeStyle: 'short' })
const relative = perLocale((locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'always' }))

export const startOfDay = (ms: number): number => new Date(ms).setHours(0, 0, 0, 0)
/** 2026-11-03, as a date field has it, and back. */
export const dateValue = (ms: number): string => {
  const date = new Date(ms)
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
/** The day's beginning here; NaN for what is no date. */
export const dateOfValue = (value: string): number => new Date(`${value}T00:00`).getTime()

/** Whole calendar days from `ms` to `now`; a day of 23 or 25 hours counts as one. */
export const daysBetween = (ms: number, now: number): number => Math.round((startOfDay(now) - startOfDay(ms)) / DAY_MS)
const sameYear = (a: number, b: number): boolean => new Date(a).getFullYear() === new Date(b).getFullYear()

/** 14:02 */
export const clockTime = (ms: number): string => clock(ms)
/** 3 November */
export const dayText = (ms: number): string => dayAndMonth(ms)
/** Monday, 23 November 2026 at 14:02 */
export const fullTime = (ms: number): string => everything(ms)

/** The line between two days: Today, Yesterday, Monday, 3 November, 3 November 2025. */
export function dayLabel(ms: number, now: number): string {
  const days = daysBetween(ms, now)
  if (days === 0) return msg('Today')
  if (days === 1) return msg('Yesterday')
  if (days > 1 && days < 7) return weekday(ms)
  return sameYear(ms, now) ? dayAndMonth(ms) : dayWithYear(ms)
}

/** In a list: 14:02, Yesterday, Mon, 3 Nov, 3 Nov 2025. */
export function listTime(ms: number, now: number): string {
  const days = daysBetween(ms, now)
  if (days <= 0) return clock(ms)
  if (days === 1) return msg('Yesterday')
  if (days < 7) return shortWeekday(ms)
  return sameYear(ms, now) ? shortDay(ms) : shortDayWithYear(ms)
}

/** just now, 5 minutes ago, today at 9:10, yesterday at 9:10, on 3 November */
export function lastSeen(ms: number, now: number): string {
  const minutes = Math.floor((now - ms) / MINUTE_MS)
  if (minutes < 1) return msg('just now')
  if (minutes < 60) return relative().format(-minutes, 'minute')
  const days = daysBetween(ms, now)
  if (days === 0) return msg(str`today at ${clock(ms)}`)
  if (days === 1) return msg(str`yesterday at ${clock(ms)}`)
  return msg(str`on ${sameYear(ms, now) ? dayAndMonth(ms) : dayWithYear(ms)}`)
}

/** When something was written that arrived late: 14:02 on the same day, else with its day. */
export const writtenTime = (ms: number, now: number): string =>
  daysBetween(ms, now) === 0 ? clock(ms) : msg(str`${listTime(ms, now)}, ${clock(ms)}`)

/** in 8 s, in 2 min */
export function untilText(ms: number, now: number): string {
  const seconds = Math.max(0, Math.ceil((ms - now) / 1000))
  return seconds < 60 ? msg(str`${numberText(seconds)} s`) : msg(str`${numberText(Math.ceil(seconds / 60))} min`)
}
