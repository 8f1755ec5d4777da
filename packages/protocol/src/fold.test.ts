import { describe, expect, test } from 'vitest'
import type { Entry } from './entries.ts'
import { fold, groupReactions, judge, messageOf, viewOf, type MessageState } from './fold.ts'
import { parseChatId, parseOperationId, parseUserId } from './ids.ts'
import { MAX_REACTIONS_PER_PERSON } from './limits.ts'
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
function message(): MessageState {
  const operation = { type: 'message' as const, id: id(1), text: 'first', at, mentions: [bob] }
  return messageOf({ ...entryOf(operation), seq: 3 }, operation)
}
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
  test('CHAT-3 an entry that a message has seen changes nothing; a refused one neither', () => {
    const state = message()
    const entry = entryOf(edit('second'))
    const edited = fold(state, entry, edit('second'))
    expect(edited).toMatchObject({ text: 'second', rev: entry.rev, editedAt: entry.at })
    expect(fold(edited, entry, edit('second'))).toBe(edited)
    expect(fold(edited, { ...entryOf(edit('third')), code: 'deleted' }, edit('third'))).toBe(edited)
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
    for (let i = 0; i < MAX_REACTIONS_PER_PERSON; i++) state = fold(state, entryOf(react(`e${i}`), bob), react(`e${i}`))
    expect(judge(react('one more'), bob, state)).toBe('too-many-reactions')
    expect(judge(react('e3'), bob, state)).toBeNull()
    expect(judge(react('e3', false), bob, state)).toBeNull()
  })
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
