// The outbox in words: what waits where, what becomes of it, and what can be done about it.
import type { ChatItem, OutboxItem } from '@skein/engine'
import type { ChatId, OperationId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { choicesOf, groupByChat, outboxLine } from './outbox.ts'
import { outboxCount } from './network.ts'

const item = (given: Partial<OutboxItem> = {}): OutboxItem => ({
  id: 'i' as OperationId,
  chatId: 'a' as ChatId,
  kind: 'message',
  text: 'words',
  target: null,
  state: 'waiting',
  reason: null,
  createdAt: 0,
  nextTryAt: null,
  unsaved: false,
  ...given,
})

describe('UX 6: the outbox', () => {
  test('stands by chat, in the order in which the person wrote', () => {
    const outbox = [item({ text: '1' }), item({ text: '2', chatId: 'b' as ChatId }), item({ text: '3' })]
    const groups = groupByChat(outbox, [{ id: 'b', title: 'Ben' } as ChatItem, { id: 'a', title: 'Ada' } as ChatItem])
    expect(groups.map(({ title, items }) => [title, items.map(({ text }) => text)])).toEqual([
      ['Ada', ['1', '3']],
      ['Ben', ['2']],
    ])
    expect(groupByChat(outbox, [])[0]?.title).toBe('A chat')
  })

  test('says of each what it waits for, or why it was not taken', () => {
    expect(outboxLine(item({ nextTryAt: 9_000 }), false, 0)).toEqual({ text: 'Waits for the network', countdown: '', failed: false })
    expect(outboxLine(item({ nextTryAt: 9_000 }), true, 0)).toEqual({ text: 'Waits for its turn', countdown: 'next try in 9 s', failed: false })
    expect(outboxLine(item({ state: 'appended' }), true, 0).text).toBe('Handed over, not confirmed yet')
    expect(outboxLine(item({ state: 'aside', reason: 'blocked' }), true, 0)).toEqual({
      text: 'One of you has blocked the other.',
      countdown: '',
      failed: true,
    })
  })

  test('offers what can be done: nothing about what was handed over, no edit of a reaction', () => {
    expect(choicesOf(item(), false)).toEqual({ retry: false, edit: true, copy: true, discard: true })
    expect(choicesOf(item({ state: 'aside' }), false).retry).toBe(true)
    expect(choicesOf(item({ state: 'appended' }), true)).toEqual({ retry: false, edit: false, copy: true, discard: false })
    expect(choicesOf(item({ kind: 'react', text: '👍' }), true)).toEqual({ retry: true, edit: false, copy: false, discard: true })
    expect(choicesOf(item({ kind: 'delete', text: '' }), true)).toEqual({ retry: true, edit: false, copy: false, discard: true })
  })

  test('is counted by what waits and what was not sent', () => {
    const aside = item({ state: 'aside' })
    expect([[], [item()], [aside], [item(), item(), aside]].map(outboxCount)).toEqual(['', '1 waiting', '1 not sent', '2 waiting, 1 not sent'])
  })
})
