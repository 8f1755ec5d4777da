import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  base32Of,
  base64url,
  directChatId,
  epochNameOf,
  epochNumber,
  isChatId,
  isEpochName,
  isOperationId,
  isUserId,
  parseUserId,
  userIdOf,
  uuidOf,
} from './ids.ts'
import { parseDocumentName } from './names.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const a = parseUserId('0'.repeat(26))
const b = parseUserId('z'.repeat(26))

describe('ids', () => {
  test('ID-1 only exact ids pass', () => {
    for (const bad of ['', 'A'.repeat(26), 'i'.repeat(26), '0'.repeat(25), '0'.repeat(27), `${'0'.repeat(26)}\n`, 5, null, ['0'.repeat(26)]]) {
      expect(isUserId(bad)).toBe(false)
      expect(isChatId(bad)).toBe(false)
    }
    expect(isOperationId('00000000-0000-4000-8000-00000000000A')).toBe(false)
    expect(isEpochName('0-0123456789abcdef')).toBe(false)
    expect(() => parseUserId('x')).toThrow(TypeError)
  })
  test('ID-2 a direct chat has one id, whoever computes it: the first 130 bits of SHA-256', () => {
    expect(directChatId(a, b, sha256)).toBe(directChatId(b, a, sha256))
    const bits = [...sha256(new TextEncoder().encode(`${a}\n${b}`))]
      .map((byte) => byte.toString(2).padStart(8, '0'))
      .join('')
      .slice(0, 130)
    const expected = bits
      .match(/.{5}/g)
      ?.map((five) => '0123456789abcdefghjkmnpqrstvwxyz'[parseInt(five, 2)])
      .join('')
    expect(directChatId(a, b, sha256)).toBe(expected)
  })
  test('made ids parse', () => {
    const random = Uint8Array.from({ length: 32 }, (_, i) => i * 7)
    expect(isUserId(userIdOf(random))).toBe(true)
    expect(base32Of(random)).toHaveLength(26)
    expect(uuidOf(random, 4)[14]).toBe('4')
    expect(uuidOf(random, 8)[14]).toBe('8')
    expect(epochNumber(epochNameOf(12, random))).toBe(12)
    for (let n = 0; n < 40; n++) expect(base64url(random.subarray(0, n))).toBe(Buffer.from(random.subarray(0, n)).toString('base64url'))
  })
  test('DOC-1 names: only the pattern gets in (H10)', () => {
    const chat = '1'.repeat(26)
    expect(parseDocumentName(`chat/${chat}/3-0123456789abcdef`)).toEqual({ kind: 'chat', chat, epoch: '3-0123456789abcdef' })
    expect(parseDocumentName(`user/${a}`)).toEqual({ kind: 'user', user: a })
    const bad = [
      '__proto__',
      'constructor',
      '',
      ' ',
      `chat/${chat}/3-0123456789abcdef `,
      `chat/${chat}/1\0y`,
      `chat/${chat}`,
      `chat/${chat}/1`,
      `user/${a}/x`,
      `user/${a}\0s`,
      'x'.repeat(1e6),
      `/user/${a}`,
      null,
      7,
    ]
    for (const name of bad) expect(parseDocumentName(name)).toBeNull()
  })
})
