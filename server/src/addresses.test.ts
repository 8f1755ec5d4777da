// Whose connection it is: the rule of trusted hops, and what counts as one network (attack list, row 31).
import { MAX_HALF_OPEN_PER_ADDRESS } from '@skein/protocol'
import { expect, test } from 'vitest'
import { addressOf, Counts, networkOf } from './addresses.ts'

test.each([
  ['203.0.113.9', undefined, 0, '203.0.113.9'],
  ['203.0.113.9', '198.51.100.1', 0, '203.0.113.9'], // anybody can write it
  ['10.0.0.1', '198.51.100.1', 1, '198.51.100.1'],
  ['10.0.0.1', '1.1.1.1, 2.2.2.2, 198.51.100.1', 1, '198.51.100.1'],
  ['10.0.0.1', '1.1.1.1, 198.51.100.1, 10.0.0.2', 2, '198.51.100.1'],
  ['10.0.0.1', '198.51.100.1', 2, '198.51.100.1'], // fewer proxies than said
  ['10.0.0.1', undefined, 1, '10.0.0.1'],
  ['10.0.0.1', 'unknown, <script>', 1, '10.0.0.1'],
  ['10.0.0.1', '[2001:db8::7]:4711', 1, '2001:db8::7'],
  ['10.0.0.1', '198.51.100.1:4711', 1, '198.51.100.1'],
  ['::ffff:10.0.0.1', '2001:db8::7', 1, '2001:db8::7'],
])('C31: peer %s, X-Forwarded-For %s, %i hops: %s', (peer, forwarded, hops, address) => {
  expect(addressOf(peer, forwarded, hops)).toBe(address)
})

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
  ['2001:db8:0001:0002:ffff::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', ''],
])('C31: %s counts as %s', (address, network) => expect(networkOf(address)).toBe(network))

test('LIM-4: so many of one network and no more; each is given back once', () => {
  const counts = new Counts(MAX_HALF_OPEN_PER_ADDRESS)
  const taken = Array.from({ length: MAX_HALF_OPEN_PER_ADDRESS }, (_, n) => counts.take(`2001:db8::${n.toString(16)}`))
  expect(taken).not.toContain(null)
  expect(counts.take('2001:db8::ffff')).toBeNull()
  expect(counts.take('2001:db8:0:1::1')).not.toBeNull()
  taken[0]?.()
  taken[0]?.()
  expect(counts.take('2001:db8::ffff')).not.toBeNull()
  expect(counts.take('2001:db8::ffff')).toBeNull()
})
