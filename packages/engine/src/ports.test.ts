import { expect, test } from 'vitest'
import { backoffMs } from './ports.ts'
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
