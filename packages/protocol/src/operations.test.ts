import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { canonicalJson, jsonProblem } from './json.ts'
import { checkOperation, cleanText, operation, serverOperation } from './operations.ts'
import { CLOSE_REASONS, mayRetry } from './reasons.ts'
import { seeded, testId, testMessage } from './testing-updates.ts'

const hash = (value: object): string => createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16)

describe('operations', () => {
  test('OP-1 nobody changes the wire by accident: the schemas’ hash', () => {
    const schema = (s: z.ZodType): object => z.toJSONSchema(s, { unrepresentable: 'any' })
    expect({ operation: hash(schema(operation)), serverOperation: hash(schema(serverOperation)), reasons: hash(CLOSE_REASONS) })
      .toMatchInlineSnapshot(`
        {
          "operation": "8d34e40326041fb5",
          "reasons": "8fa5b05c1255bb4a",
          "serverOperation": "dfd6380e54846465",
        }
      `)
  })
  test('each operation, as Skein writes it, is taken', () => {
    const base = { id: testId(1), at: '2026-01-01T00:00:00.000Z' }
    const author = 'a'.repeat(26)
    for (const value of [
      { type: 'message', ...base, text: 'hello 👋', replyTo: testId(2), replyToAuthor: author, mentions: [author], forwardedFrom: { author } },
      { type: 'edit', ...base, target: testId(2), targetAuthor: author, text: 'x' },
      { type: 'delete', ...base, target: testId(2) },
      { type: 'react', ...base, target: testId(2), emoji: '👍', on: true },
      { type: 'pin', ...base, target: testId(2), targetAuthor: author, on: true },
    ])
      expect(checkOperation(value)).toMatchObject({ operation: value, text: canonicalJson(value) })
  })
  test('PIN-1: a pin names the author of its message', () => {
    expect(checkOperation({ type: 'pin', id: testId(1), at: '2026-01-01T00:00:00.000Z', target: testId(2), on: true })).toBe('bad-operation')
  })
  test('A7, A10: row and value are one thing for 20,000 hostile values (seed 5)', () => {
    const pick = seeded(5)
    const odd = [
      NaN,
      -0,
      Infinity,
      undefined,
      5n,
      '\ud800',
      'a\0b',
      Uint8Array.of(1),
      {},
      [],
      null,
      true,
      1e308,
      '\u202e',
      'fine',
      new Date(0),
      Symbol.iterator,
    ]
    const keys = ['text', 'id', 'at', 'type', 'mentions', '__proto__', 'constructor', 'x', 'replyTo']
    let taken = 0
    for (let i = 0; i < 20_000; i++) {
      const value: Record<string, unknown> = { ...testMessage(i) }
      for (let n = pick(3); n > 0; n--) {
        const key = keys[pick(keys.length)] ?? 'x'
        Object.defineProperty(value, key, { value: odd[pick(odd.length)], enumerable: true, configurable: true, writable: true })
      }
      const checked = checkOperation(value)
      if (typeof checked === 'string') continue
      taken++
      expect(checked.text).toBe(canonicalJson(value))
      expect(JSON.parse(checked.text)).toEqual(checked.operation)
    }
    expect(taken).toBeGreaterThan(1_000)
  })
  test('A9: every rung of a ladder of nesting is refused alike, without recursion', () => {
    for (const depth of [9, 100, 10_000, 100_000]) {
      let value: unknown = 1
      for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { a: value }
      expect(jsonProblem(value)).toBe('too-deep')
    }
  })
  test('OP-2 what a person types can always be sent, once cleaned', () => {
    const text = cleanText('a\0b\u202ec\ud800')
    expect(text).toBe('abc\ufffd')
    expect(checkOperation(testMessage(1, text))).toMatchObject({ operation: { text } })
  })
  test('CLOSE-2 numbers: 44xx final, 45xx to try again (H4), none twice', () => {
    const numbers = Object.values(CLOSE_REASONS)
    expect(new Set(numbers).size).toBe(numbers.length)
    for (const number of numbers) expect(number).toSatisfy((n: number) => n >= 4400 && n < 4600)
    expect(mayRetry('gap')).toBe(true)
    expect(mayRetry('token-expired')).toBe(true)
    expect(mayRetry('garbage')).toBe(false)
  })
})
