import type { MessageItem } from '@skein/engine'
import { expect, test } from 'vitest'
import { copyOf, deletable, hideable, selectedText } from './selected.ts'
import { inOrder, selectable } from './selection.ts'

const time = (minute: number): string => new Date(Date.UTC(2026, 10, 3, 12, minute)).toISOString()
const item = (key: string, seq: number, minute: number, more: Partial<MessageItem> = {}): MessageItem =>
  ({
    key,
    seq,
    text: `words of ${key}`,
    own: true,
    authorId: 'ada',
    status: 'sent',
    createdAt: time(minute),
    receivedAt: time(minute),
    deletedAt: null,
    ...more,
  }) as unknown as MessageItem

test('UX 24: what is selected stands in the order of the chat, as it is now, what waits below what is stored', () => {
  const [one, two, waits, later] = [item('one', 4, 9), item('two', 5, 1), item('waits', 0, 2), item('later', 0, 3)]
  const selected = new Map([later, waits, two, one].map((each) => [each.key, each]))
  expect(inOrder(selected, []).map(({ key }) => key)).toEqual(['one', 'two', 'waits', 'later'])
  const now = [item('one', 4, 9, { deletedAt: time(10) }), item('two', 5, 1, { text: 'other words' })]
  expect(inOrder(selected, now).map(({ text }) => text)).toEqual(['other words', 'words of waits', 'words of later'])
})

test('UX 24: one message is copied as its words, several with who wrote each and when', () => {
  const members = [{ id: 'ben', name: 'Ben' }]
  const theirs = item('two', 5, 1, { own: false, authorId: 'ben' as MessageItem['authorId'] })
  expect(copyOf([theirs], members, [])).toBe('words of two')
  expect(copyOf([item('one', 4, 0), theirs], members, [])).toMatch(/^You, .+\nwords of one\n\nBen, .+\nwords of two$/)
  expect([selectedText(1), selectedText(2)]).toEqual(['1 message selected', '2 messages selected'])
})

test('UX 24: only one’s own words are deleted for everyone, only what is stored for oneself, and only what is there is selected', () => {
  const theirs = item('two', 5, 1, { own: false })
  expect([hideable([]), hideable([item('one', 4, 0), theirs]), hideable([theirs, item('waits', 0, 2)])]).toEqual([false, true, false])
  expect([deletable([]), deletable([item('one', 4, 0)]), deletable([item('one', 4, 0), theirs])]).toEqual([false, true, false])
  expect([selectable(theirs), selectable(item('x', 1, 0, { deletedAt: time(0) })), selectable(item('y', 0, 0, { status: 'set-aside' }))]).toEqual([
    true,
    false,
    false,
  ])
})
