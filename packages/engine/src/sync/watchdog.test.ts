import { expect, test } from 'vitest'
import { mustBark } from './watchdog.ts'

test('H3: words that are out and meet silence bring the socket down at the first look', () => {
  expect(mustBark(1, true, false)).toBe(true)
})
test('promise 1: on a slow line the document may take its time, and so may what comes before the answer; not for ever', () => {
  for (const [out, heard] of [
    [false, false],
    [false, true],
    [true, true],
  ] as const) {
    expect([1, 2, 3, 4].map((looks) => mustBark(looks, out, heard))).toEqual([false, false, false, true])
  }
})
