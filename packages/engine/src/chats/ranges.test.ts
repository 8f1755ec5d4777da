import { expect, test } from 'vitest'
import { rangeAround, withRange, withSeq, type Ranges } from './ranges.ts'

test.each<[Ranges, number, number, Ranges]>([
  [[], 5, 9, [[5, 9]]],
  [[[1, 4]], 5, 9, [[1, 9]]],
  [
    [[1, 3]],
    5,
    9,
    [
      [1, 3],
      [5, 9],
    ],
  ],
  [
    [
      [1, 3],
      [5, 9],
    ],
    4,
    4,
    [[1, 9]],
  ],
  [
    [
      [1, 3],
      [20, 30],
    ],
    2,
    25,
    [[1, 30]],
  ],
  [
    [[10, 20]],
    1,
    5,
    [
      [1, 5],
      [10, 20],
    ],
  ],
  [[[10, 20]], 12, 13, [[10, 20]]],
])('%j with %i–%i is %j', (before, from, to, after) => {
  expect(withRange(before, from, to)).toEqual(after)
})

test('every order of adding gives the same ranges, and each seq is found', () => {
  let ranges: Ranges = []
  for (const seq of [7, 3, 1, 2, 9, 8, 4]) ranges = withSeq(ranges, seq)
  expect(ranges).toEqual([
    [1, 4],
    [7, 9],
  ])
  expect(rangeAround(ranges, 8)).toEqual([7, 9])
  expect(rangeAround(ranges, 5)).toBeUndefined()
})
