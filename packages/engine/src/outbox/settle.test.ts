import { describe, expect, test } from 'vitest'
import { alice, bob, chat, edit, idOf, say } from '../chats/chain.suite.ts'
import { testPorts } from '../ports.suite.ts'
import type { OutboxRow } from '../store/rows.ts'
import type { Change } from '../store/store.ts'
import { settle } from './settle.ts'

const rowOf = (operation: OutboxRow['operation']): OutboxRow => ({
  id: operation.id,
  chat,
  order: 7,
  operation,
  state: { at: 'waiting' },
  createdAt: 1,
})
const { ports } = testPorts()
const without = (changes: readonly Change[]): Change[] => changes.filter((change) => !('expect' in change))
const putOf = (changes: readonly Change[]): object | undefined => changes.flatMap((change) => ('put' in change ? [change.row] : []))[0]

describe('promise 1: what leaves the outbox when it is stored', () => {
  test('the same words leave', () => {
    const row = rowOf(say(1))
    expect(without(settle(row, alice, say(1), null, ports))).toEqual([{ remove: 'outbox', key: row.id }])
  })
  test('newer words stay, as an edit of what is stored', () => {
    const changes = settle(rowOf(say(1, 'newer')), alice, say(1, 'older'), null, ports)
    expect(without(changes)).toHaveLength(2)
    expect(putOf(changes)).toMatchObject({
      order: 7,
      state: { at: 'waiting' },
      operation: { type: 'edit', target: idOf(1), targetAuthor: alice, text: 'newer' },
    })
  })
  test('words that nothing proves equal stay, those of an edit under a new id', () => {
    expect(putOf(settle(rowOf(say(1)), alice, null, null, ports))).toMatchObject({ operation: { type: 'edit', text: 'm1' } })
    const again = putOf(settle(rowOf(edit(2, 1, bob, 'x')), alice, null, null, ports))
    expect(again).toMatchObject({ operation: { type: 'edit', target: idOf(1), targetAuthor: bob, text: 'x' } })
    expect(again).not.toMatchObject({ id: idOf(2) })
  })
  test('what was refused is set aside with its words', () => {
    expect(putOf(settle(rowOf(say(1, 'newer')), alice, say(1, 'older'), 'not-yours', ports))).toMatchObject({
      state: { at: 'aside', reason: 'not-yours' },
      operation: { text: 'newer' },
    })
  })
  test('a row that the person changes meanwhile is looked at again', () => {
    const row = rowOf(say(1))
    expect(settle(row, alice, say(1), null, ports)).toContainEqual({ expect: 'outbox', key: row.id, field: 'operation', is: row.operation })
  })
})
