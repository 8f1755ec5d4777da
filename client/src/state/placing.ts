// Where what opens beside something stands: it begins there and goes on the way one reads, mirrored from right to left.
import { direction } from '../languages/language.ts'

/** Between a panel and the window's edges. */
export const EDGE = 8

/** The left edge of a panel that begins at `x`, within the window. */
export function leftFor(x: number, width: number): number {
  const wanted = direction() === 'rtl' ? x - width : x
  return Math.max(EDGE, Math.min(wanted, innerWidth - width - EDGE))
}

/** Where a box begins and where it ends, as one reads. */
export const startOf = ({ left, right }: DOMRect): number => (direction() === 'rtl' ? right : left)
export const endOf = ({ left, right }: DOMRect): number => (direction() === 'rtl' ? left : right)
/** So much further on from `x`. */
export const onward = (x: number, by: number): number => (direction() === 'rtl' ? x - by : x + by)
