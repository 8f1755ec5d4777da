import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { genesisHead, nextHead, operationHash, restoredId, tagBytes } from './chain.ts'
import type { Entry } from './entries.ts'
import { base64url, parseChatId, parseHead, parseOperationId, parseUserId, type Head, type OperationId, type UserId } from './ids.ts'
import type { AnyOperation } from './operations.ts'
import { proveRun, provesMember, run as schema, type Run } from './run.ts'
import { testId } from './testing-updates.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const tag = (bytes: Uint8Array): string => `1.${base64url(createHmac('sha256', 'key').update(bytes).digest().subarray(0, 16))}`
const verifyTag = (bytes: Uint8Array, offered: string): boolean => offered === tag(bytes)
const chat = parseChatId('1'.repeat(26))
const other = parseChatId('2'.repeat(26))
const [alice, bob] = [parseUserId('a'.repeat(26)), parseUserId('b'.repeat(26))]
const idOf = (n: number): OperationId => parseOperationId(testId(n))
const at = '2026-01-01T00:00:00.000Z'

/** A run as the server made it, `start` being the chat's genesis; the entries at `tagged` carry tags. */
function runOf(said: [UserId, AnyOperation][], tagged: number[]): Run {
  const start = { rev: 0, head: genesisHead(chat, sha256) }
  let { head }: { head: Head } = start
  const entries = said.map(([authorId, operation], index): Entry => {
    const rev = index + 1
    const seq = operation.type === 'message' ? rev : 0
    const entry: Entry = {
      rev,
      seq,
      kind: operation.type,
      code: null,
      at: 1_000 + rev,
      authorId,
      id: operation.id,
      salt: `salt${rev}`,
      tag: null,
      operation,
      hash: null,
    }
    head = nextHead(head, entry, sha256)
    return { ...entry, tag: tagged.includes(rev) ? tag(tagBytes(chat, rev, head)) : null }
  })
  return { start, entries }
}
const say = (n: number): AnyOperation => ({ type: 'message', id: idOf(n), at, text: `m${n}` })
const words = runOf(
  [1, 2, 3, 4, 5].map((n) => [n % 2 ? alice : bob, say(n)]),
  [2, 4],
)
const proven = (run: Run, of = chat): number[] => proveRun(of, run, sha256, verifyTag).entries.map(({ rev }) => rev)
const with3 = (change: Partial<Entry>): Run => ({
  ...words,
  entries: words.entries.map((entry) => (entry.rev === 3 ? { ...entry, ...change } : entry)),
})

describe('HEAL-1: runs', () => {
  test('HEAL-1: the last true tag proves what is before it, and nothing after it', () => {
    expect(proven(words)).toEqual([1, 2, 3, 4])
    expect(proven({ ...words, entries: words.entries.slice(0, 3) })).toEqual([1, 2])
    expect(proven({ ...words, entries: words.entries.slice(0, 1) })).toEqual([])
    expect(proven({ ...words, entries: [] })).toEqual([])
    expect(proveRun(chat, words, sha256, verifyTag).heads).toHaveLength(5)
  })

  test('HEAL-1: a run may begin in the middle: its start is proven with it', () => {
    const { heads } = proveRun(chat, words, sha256, verifyTag)
    const middle: Run = { start: { rev: 2, head: heads[1] ?? words.start.head }, entries: words.entries.slice(2) }
    expect(proven(middle)).toEqual([3, 4])
    expect(proven({ ...middle, start: { ...middle.start, head: parseHead('A'.repeat(43)) } })).toEqual([])
    expect(proven({ ...middle, start: { ...middle.start, rev: 1 } })).toEqual([])
  })

  test.each<[string, Partial<Entry>]>([
    ['time', { at: 999 }],
    ['seq', { seq: 7 }],
    ['code', { code: 'deleted' }],
    ['author', { authorId: bob }],
    ['id', { id: idOf(9) }],
    ['words', { operation: { type: 'message', id: idOf(3), at, text: 'forged' } }],
    ['kind', { kind: 'edit' }],
    ['salt', { salt: 'other' }],
    ['rev', { rev: 9 }],
    [
      'words without a salt, behind the true hash',
      { operation: { type: 'message', id: idOf(3), at, text: 'forged' }, salt: null, hash: operationHash('salt3', say(3), sha256) },
    ],
    [
      'words with the true hash beside them',
      { operation: { type: 'message', id: idOf(3), at, text: 'forged' }, hash: operationHash('salt3', say(3), sha256) },
    ],
    ['nothing in the words’ place', { operation: null, salt: null }],
  ])('HEAL-1, RT5: a changed %s proves nothing from there on', (_, change) => {
    expect(proven(with3(change))).toEqual([1, 2])
  })

  test('HEAL-1, RT5: another chat’s run proves nothing, and neither does a tag of no key', () => {
    expect(proven(words, other)).toEqual([])
    expect(proveRun(chat, words, sha256, () => false).entries).toEqual([])
  })

  test('HEAL-1: a tag that is not true is taken off; the head does not cover it', () => {
    expect(proveRun(chat, with3({ tag: '1.AAAAAAAAAAAAAAAAAAAAAA' }), sha256, verifyTag).entries[2]?.tag).toBeNull()
  })

  test('CHAIN-4, HEAL-1: an erased entry proves itself by its hash', () => {
    expect(proven(with3({ operation: null, salt: null, hash: operationHash('salt3', say(3), sha256) }))).toEqual([1, 2, 3, 4])
  })

  test('HEAL-2: whom a run shows to be a member', () => {
    const of = (...said: [UserId, AnyOperation][]): boolean => provesMember(runOf(said, []).entries, bob)
    const create: AnyOperation = { type: 'create', id: idOf(1), at, kind: 'group', title: 'Crew', members: [alice] }
    const [join, leave] = (['join', 'leave'] as const).map((type, n): AnyOperation => ({ type, id: idOf(2 + n), at, user: bob })) as [
      AnyOperation,
      AnyOperation,
    ]
    expect(of([alice, create])).toBe(false)
    expect(of([alice, { ...create, members: [alice, bob] }])).toBe(true)
    expect(of([alice, create], [alice, join])).toBe(true)
    expect(of([alice, create], [alice, join], [alice, leave])).toBe(false)
    expect(of([bob, say(5)], [bob, leave])).toBe(false)
    expect(of([bob, say(5)], [alice, say(6)])).toBe(true)
  })

  test('HEAL-4: one id for each chat and place where the pasts part', () => {
    expect(restoredId(chat, 5, sha256)).toBe(restoredId(chat, 5, sha256))
    expect(new Set([restoredId(chat, 5, sha256), restoredId(chat, 6, sha256), restoredId(other, 5, sha256)]).size).toBe(3)
  })

  test('what is no run is refused by its shape', () => {
    const parsed = (value: object): boolean => schema.safeParse(value).success
    expect(parsed(words)).toBe(true)
    expect(parsed({ ...words, more: 1 })).toBe(false)
    for (const change of [
      { rev: -1 },
      { rev: 1.5 },
      { kind: 'x' },
      { code: 'x' },
      { id: 'x' },
      { salt: 'x'.repeat(65) },
      { operation: { type: 'x' } },
    ])
      expect(parsed(with3(change as Partial<Entry>))).toBe(false)
  })
})
