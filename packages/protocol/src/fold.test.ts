import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { nextHead } from './chain.ts'
import type { Entry } from './entries.ts'
import { eraseEntry } from './erase.ts'
import { fold, judge, messageOf, messageOfErased, standing } from './fold.ts'
import { groupReactions, viewOf, type MessageState } from './messages.ts'
import { foldPins } from './pins.ts'
import { parseChatId, parseHead, parseOperationId, parseUserId } from './ids.ts'
import { MAX_PINS, MAX_REACTIONS_PER_PERSON } from './limits.ts'
import type { Operation } from './operations.ts'
import { testId } from './testing-updates.ts'

const alice = parseUserId('a'.repeat(26))
const bob = parseUserId('b'.repeat(26))
const at = '2026-01-01T00:00:00.000Z'
const id = (n: number) => parseOperationId(testId(n))
let rev = 1
const entryOf = (operation: Operation, author = alice): Entry => ({
  rev: ++rev,
  seq: 0,
  kind: operation.type,
  code: null,
  at: 5000 + rev,
  authorId: author,
  id: operation.id,
  salt: 's',
  tag: null,
  operation,
  hash: null,
})
const first = { type: 'message' as const, id: id(1), text: 'first', at, mentions: [bob] }
const message = (): MessageState => messageOf({ ...entryOf(first), seq: 3 }, first)
const edit = (text: string): Operation => ({ type: 'edit', id: id(2), at, target: id(1), text })
const remove: Operation = { type: 'delete', id: id(3), at, target: id(1) }
const react = (emoji: string, on = true): Operation => ({ type: 'react', id: id(4), at, target: id(1), targetAuthor: alice, emoji, on })

describe('the reduction', () => {
  test('CHAT-2 only the author edits and deletes; nothing happens to what is deleted', () => {
    const state = message()
    expect(judge(edit('x'), alice, state)).toBeNull()
    expect(judge({ ...edit('x'), targetAuthor: alice } as Operation, bob, state)).toBe('not-yours')
    expect(judge(edit('x'), bob, undefined)).toBe('no-such-message')
    const deleted = fold(state, entryOf(remove), remove)
    expect(deleted).toMatchObject({ text: '', mentions: [], reactions: [] })
    expect(judge(edit('x'), alice, deleted)).toBe('deleted')
    expect(judge(react('👍'), bob, deleted)).toBe('deleted')
    expect(judge(remove, alice, deleted)).toBeNull()
    expect(fold(deleted, entryOf(remove), remove).deletedAt).toBe(deleted.deletedAt)
  })
  test('HEAL-5: what was written before a deletion and comes back after it changes nothing any more', () => {
    const deleted = fold(message(), entryOf(remove), remove)
    for (const late of [edit('late'), react('👍')]) {
      expect(fold(deleted, entryOf(late), late)).toBe(deleted)
    }
  })
  test('CHAT-3 an entry that a message has seen changes nothing; a refused one neither', () => {
    const state = message()
    const entry = entryOf(edit('second'))
    const edited = fold(state, entry, edit('second'))
    expect(edited).toMatchObject({ text: 'second', rev: entry.rev, editedAt: entry.at })
    expect(fold(edited, entry, edit('second'))).toBe(edited)
    expect(fold(edited, { ...entryOf(edit('third')), code: 'deleted' }, edit('third'))).toBe(edited)
  })
  test('ERASE-5 an erased message is a function of its entry, and nothing changes it; of two states the erased one stands', () => {
    const entry = entryOf(first)
    const erased = messageOfErased(entry)
    expect(erased).toEqual({
      ...messageOf(entry, first),
      text: '',
      createdAt: entry.at,
      deletedAt: entry.at,
      replyTo: null,
      replyToAuthor: null,
      mentions: [],
      forwardedFrom: null,
    })
    for (const operation of [edit('x'), remove, react('👍')]) expect(fold(erased, entryOf(operation), operation)).toBe(erased)
    const state = messageOf(entry, first)
    const edited = fold(state, entryOf(edit('second')), edit('second'))
    const deleted = fold(edited, entryOf(remove), remove)
    const states = [state, edited, deleted, erased]
    for (const [i, a] of states.entries()) for (const [j, b] of states.entries()) expect(standing(a, b)).toBe(states[Math.max(i, j)])
  })
  test('CHAIN-4 an entry that is erased keeps its place: the next head is the same', () => {
    const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
    const entry = { ...entryOf(first), salt: 'c2FsdA' }
    const erased = eraseEntry(entry, sha256)
    expect(erased).toMatchObject({ salt: null, operation: null })
    expect(eraseEntry(erased, sha256)).toBe(erased)
    const head = parseHead('x'.repeat(43))
    expect(nextHead(head, erased, sha256)).toBe(nextHead(head, entry, sha256))
  })
  test('reactions: on twice is once, off takes away, the order is that of the revs', () => {
    let state = message()
    for (const [emoji, user, on] of [
      ['👍', bob, true],
      ['🎉', alice, true],
      ['👍', bob, true],
      ['👍', alice, true],
      ['👍', bob, false],
    ] as const)
      state = fold(state, entryOf(react(emoji, on), user), react(emoji, on))
    expect(groupReactions(state.reactions)).toEqual([
      { emoji: '🎉', userIds: [alice] },
      { emoji: '👍', userIds: [alice] },
    ])
  })
  test('limits per target: a person reacts with at most twenty emoji', () => {
    let state = message()
    const face = (n: number): string => String.fromCodePoint(0x1f600 + n)
    for (let i = 0; i < MAX_REACTIONS_PER_PERSON; i++) state = fold(state, entryOf(react(face(i)), bob), react(face(i)))
    expect(judge(react('👍'), bob, state)).toBe('too-many-reactions')
    expect(judge(react(face(3)), bob, state)).toBeNull()
    expect(judge(react(face(3), false), bob, state)).toBeNull()
  })

  test('PIN-1: who pins puts a message behind the others; one more than MAX_PINS takes out the first; what is pinned already stays where it is', () => {
    const pin = (n: number, on = true): Operation => ({ type: 'pin', id: id(9), at, target: id(n), targetAuthor: alice, on })
    const after = (...operations: Operation[]): number[] => {
      let pins: readonly { authorId: typeof alice; id: ReturnType<typeof id>; n: number }[] = []
      for (const operation of operations) {
        const n = 'target' in operation ? Number(operation.target.slice(-4)) : 0
        pins = foldPins(pins, operation, { authorId: alice, id: id(n), n })
      }
      return pins.map(({ n }) => n)
    }
    expect(after(pin(1), pin(2), pin(1))).toEqual([1, 2])
    expect(after(pin(1), pin(2), pin(1, false), pin(1))).toEqual([2, 1])
    const many = Array.from({ length: MAX_PINS + 1 }, (_, n) => pin(n + 1))
    expect(after(...many)).toEqual([2, 3, 4])
    // It was taken out, and does not come back where there is room.
    expect(after(...many, pin(3, false))).toEqual([2, 4])
    expect(after(pin(1), pin(2), { ...remove, target: id(1) }, edit('x'), react('👍'))).toEqual([2])
    const one = [{ authorId: alice, id: id(1) }]
    expect(foldPins(one, pin(1), { authorId: alice, id: id(1) })).toBe(one)
    for (const operation of [pin(2, false), edit('x')]) expect(foldPins(one, operation, { authorId: alice, id: id(2) })).toBe(one)
    // Another author's message under the same id is another message (OP-4).
    expect(foldPins(one, pin(1), { authorId: bob, id: id(1) })).toHaveLength(2)
  })
  test('PIN-2: nobody pins what is deleted, or is not there; taking it out is no mistake then', () => {
    const pin = (on: boolean): Operation => ({ type: 'pin', id: id(9), at, target: id(1), targetAuthor: alice, on })
    const deleted = fold(message(), entryOf(remove), remove)
    expect([judge(pin(true), bob, message()), judge(pin(true), bob, deleted), judge(pin(false), bob, deleted)]).toEqual([null, 'deleted', null])
    expect([judge(pin(true), bob, undefined), judge(pin(false), bob, undefined)]).toEqual(['no-such-message', 'no-such-message'])
    const state = message()
    expect(fold(state, entryOf(pin(true), bob), pin(true))).toBe(state)
  })

  test.each(['👍', '👋🏽', '❤️', '❤', '🏳️‍🌈', '🏴‍☠️', '🇩🇪', '👨‍👩‍👧‍👦', '1️⃣'])('OP-5: %s is one emoji', (emoji) => {
    expect(judge(react(emoji), bob, message())).toBeNull()
  })
  test.each(['x', '1', 'lol', 'é', '👍👍', '👍 ', ' ', '🇩', '<b>', '\u200d', '👍\u200d', 'a👍'])(
    'OP-5: %j is none; what is there already is read and taken back',
    (text) => {
      const old = fold(message(), entryOf(react(text), bob), react(text))
      expect(old.reactions).toMatchObject([{ emoji: text, userId: bob }])
      expect([judge(react(text), alice, old), judge(react(text, false), bob, old)]).toEqual(['no-emoji', null])
      expect(fold(old, entryOf(react(text, false), bob), react(text, false)).reactions).toEqual([])
    },
  )
  test('the view has ISO times and the fields of the stable surface', () => {
    const view = viewOf(parseChatId('1'.repeat(26)), message())
    expect(Object.keys(view)).toEqual([
      'id',
      'chatId',
      'seq',
      'rev',
      'authorId',
      'text',
      'createdAt',
      'receivedAt',
      'editedAt',
      'deletedAt',
      'replyTo',
      'mentions',
      'reactions',
    ])
    expect(view.createdAt).toBe(at)
  })
})
