import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { feedDigest, parseChatId, parseHead } from './index.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const a = { id: parseChatId('a'.repeat(26)), rev: 3, head: parseHead('x'.repeat(43)), markPos: 7 }
const b = { id: parseChatId('b'.repeat(26)), rev: 1, head: parseHead('y'.repeat(43)), markPos: 0 }
const digest = feedDigest([a, b], sha256)

test('RT9: the digest is the same for the same chats, in whatever order they come', () => {
  expect(digest).toMatch(/^[\w-]{43}$/)
  expect(feedDigest([b, a], sha256)).toBe(digest)
})

test.each([
  ['rev', { rev: 4 }],
  ['head', { head: parseHead('z'.repeat(43)) }],
  ['markPos', { markPos: 8 }],
  ['chat', { id: parseChatId('c'.repeat(26)) }],
])('RT9: another %s makes another digest', (_what, change) => {
  expect(feedDigest([{ ...a, ...change }, b], sha256)).not.toBe(digest)
})

test('RT9: a chat less makes another digest', () => {
  expect(feedDigest([a], sha256)).not.toBe(digest)
  expect(feedDigest([], sha256)).not.toBe(feedDigest([a], sha256))
})
