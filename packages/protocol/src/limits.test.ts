// The limits of what a log may hold: what is just within is taken, one more is not.
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { checkUpdate } from './check.ts'
import { parseUserId } from './ids.ts'
import { jsonProblem } from './json.ts'
import {
  MAX_CLIENT_IDS_PER_UPDATE,
  MAX_DEPTH,
  MAX_EMOJI_LENGTH,
  MAX_FRAME_BYTES,
  MAX_MENTIONS,
  MAX_NAME_LENGTH,
  MAX_NODES,
  MAX_OPERATION_BYTES,
  MAX_OPERATIONS_PER_UPDATE,
  MAX_TEXT_LENGTH,
} from './limits.ts'
import { logRoot } from './names.ts'
import { checkOperation, serverOperation } from './operations.ts'
import { testId, testMessage, wireUpdate } from './testing-updates.ts'

const alice = parseUserId('a'.repeat(26))
const own = logRoot(alice)
const verdict = (value: object): string => {
  const checked = checkOperation(value)
  return typeof checked === 'string' ? checked : 'taken'
}

describe('CHECK-6: operations', () => {
  test.each<[string, number, (n: number) => object]>([
    ['a text', MAX_TEXT_LENGTH, (n) => testMessage(1, 'x'.repeat(n))],
    ['mentions', MAX_MENTIONS, (n) => ({ ...testMessage(1), mentions: Array(n).fill(alice) })],
    [
      'an emoji',
      MAX_EMOJI_LENGTH,
      (n) => ({ type: 'react', id: testId(1), at: '2026-01-01T00:00:00.000Z', target: testId(2), emoji: 'x'.repeat(n), on: true }),
    ],
  ])('%s of %i, and no more', (_, max, make) => {
    expect([verdict(make(max)), verdict(make(max + 1))]).toEqual(['taken', 'bad-operation'])
  })
  test('nesting and number of values', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
    expect([jsonProblem(nested(MAX_DEPTH)), jsonProblem(nested(MAX_DEPTH + 1))]).toEqual([null, 'too-deep'])
    expect([jsonProblem(Array(MAX_NODES - 1).fill(1)), jsonProblem(Array(MAX_NODES).fill(1))]).toEqual([null, 'too-deep'])
  })
  test('no operation that is well formed is larger than a frame takes, nor than MAX_OPERATION_BYTES', () => {
    // The longest text in UTF-8, and everything else beside it.
    const author = alice
    const largest = {
      ...testMessage(1, '語'.repeat(MAX_TEXT_LENGTH)),
      mentions: Array(MAX_MENTIONS).fill(author),
      replyTo: testId(2),
      replyToAuthor: author,
      forwardedFrom: { author, chat: author, id: testId(3) },
    }
    expect(verdict(largest)).toBe('taken')
    expect(MAX_OPERATION_BYTES).toBeLessThan(MAX_FRAME_BYTES)
    // Characters that JSON writes as six bytes each.
    expect(verdict(testMessage(1, '\u0001'.repeat(MAX_TEXT_LENGTH)))).toBe('too-large')
  })
  test('a chat’s title', () => {
    const create = (title: string) => ({ type: 'create', id: testId(1), at: '2026-01-01T00:00:00.000Z', kind: 'group', title, members: [alice] })
    expect(['x'.repeat(MAX_NAME_LENGTH), 'x'.repeat(MAX_NAME_LENGTH + 1)].map((title) => serverOperation.safeParse(create(title)).success)).toEqual([
      true,
      false,
    ])
  })
})

describe('CHECK-6, CHECK-7: updates', () => {
  const judge = (update: Uint8Array): string => {
    const result = checkUpdate(update, { doc: new Y.Doc(), user: alice, ownerOf: () => undefined, upToDate: true })
    return result.kind === 'refused' ? result.reason : result.kind
  }
  test('as many operations as an update may hold', () => {
    const update = (n: number): Uint8Array =>
      wireUpdate([{ client: 7, clock: 0, structs: [{ root: own, values: Array.from({ length: n }, (_, i) => testMessage(i)) }] }])
    expect([judge(update(MAX_OPERATIONS_PER_UPDATE)), judge(update(MAX_OPERATIONS_PER_UPDATE + 1))]).toEqual(['new', 'too-large'])
  })
  test('as many new client ids', () => {
    const update = (n: number): Uint8Array =>
      wireUpdate(Array.from({ length: n }, (_, i) => ({ client: 100 + i, clock: 0, structs: [{ root: own, values: [testMessage(i)] }] })))
    expect([judge(update(MAX_CLIENT_IDS_PER_UPDATE)), judge(update(MAX_CLIENT_IDS_PER_UPDATE + 1))]).toEqual(['new', 'rebase'])
  })
})
