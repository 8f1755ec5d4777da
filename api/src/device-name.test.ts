import { expect, test } from 'vitest'
import { deviceName } from './device-name.ts'

const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)'
const cases: [userAgent: string | undefined, name: string | null][] = [
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Windows'],
  [`${mac} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15`, 'Safari on macOS'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
    'Safari on iOS',
  ],
  ['Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36', 'Chrome on Android'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0',
    'Microsoft Edge on Windows',
  ],
  ['curl/8.5.0', 'curl'],
  ['node', 'node'],
  ['python-requests/2.31.0', 'python-requests'],
  ['My App/1.0 (iPhone; iOS 18)', 'My App on iOS'],
  ['Mozilla/5.0', null],
  ['<script>alert(1)</script>/1 (x)', null],
  ['\u202eevil/1 (x) y/2', null],
  [`${'x'.repeat(60)}/1`, null],
  ['   ', null],
  [undefined, null],
]
test.each(cases)('%s', (userAgent, name) => {
  expect(deviceName(userAgent)).toBe(name)
})

test('of whatever length and kind it is, it gives a short name or none', () => {
  for (const part of ['A', '/', '(', ' ', 'a;', 'Mozilla/5.0 ', 'Version/1 ', '\ud800'])
    expect(deviceName(part.repeat(20_000))?.length ?? 0).toBeLessThan(90)
})
