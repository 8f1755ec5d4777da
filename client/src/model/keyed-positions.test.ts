import { describe, expect, test } from 'vitest'
import { KeyedPositions } from './keyed-positions.ts'

function three(): KeyedPositions {
  const positions = new KeyedPositions()
  positions.setKeys(['a', 'b', 'c'])
  for (const [key, height] of [
    ['a', 10],
    ['b', 20],
    ['c', 30],
  ] as const)
    positions.setHeight(key, height)
  return positions
}

describe('positions by key', () => {
  test('V1: a row keeps its height when others come before it', () => {
    const positions = three()
    positions.setKeys(['x', 'a', 'b', 'c'])
    positions.setHeight('x', 100)
    expect([positions.top(1), positions.top(2), positions.top(3), positions.end]).toEqual([100, 110, 130, 160])
    expect(positions.indexOf('c')).toBe(3)
  })

  test('finds the row at a place, and the nearest beyond the ends', () => {
    const positions = three()
    expect([-5, 0, 9, 10, 29, 30, 59, 500].map((y) => positions.indexAt(y))).toEqual([0, 0, 0, 1, 1, 2, 2, 2])
    expect(new KeyedPositions().indexAt(0)).toBe(-1)
  })

  test('takes the average for what was never measured', () => {
    const positions = three()
    positions.setKeys(['a', 'b', 'c', 'd'])
    expect(positions.bottom(3) - positions.top(3)).toBe(20)
  })

  test('V2: forgets what is not on screen when the width changes, and keeps what is', () => {
    const positions = three()
    positions.forgetAllBut(new Set(['b']))
    expect([positions.top(1), positions.top(2), positions.end]).toEqual([20, 40, 60])
  })

  test('says whether anything moved', () => {
    const positions = three()
    expect(positions.setHeight('a', 10)).toBe(false)
    expect(positions.setHeight('a', 11)).toBe(true)
  })
})
