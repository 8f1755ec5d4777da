import { expect, test } from 'vitest'
import { backoffMs, leftOf } from './ports.ts'
import { testPorts } from './ports.suite.ts'

test('H9: backoff has full jitter from the first attempt on: no tenth of the window holds more than a fifth of 1,000 clients', () => {
  const { ports } = testPorts()
  for (const attempt of [0, 3, 20]) {
    const window = Math.min(30_000, 1_000 * 2 ** attempt)
    const bins = Array.from({ length: 10 }, () => 0)
    for (let client = 0; client < 1_000; client++) {
      const bin = Math.floor((backoffMs(attempt, ports) / window) * 10)
      bins[bin] = (bins[bin] ?? 0) + 1
    }
    expect(bins).toHaveLength(10)
    expect(Math.max(...bins)).toBeLessThan(200)
  }
})

test('a clock that is set back makes nobody wait longer', () => {
  expect([leftOf(10, -Infinity, 100), leftOf(10, 95, 100), leftOf(10, 90, 100), leftOf(10, 100, 100)]).toEqual([0, 5, 0, 10])
  expect(leftOf(10, 3_600_000, 100)).toBe(0)
})
