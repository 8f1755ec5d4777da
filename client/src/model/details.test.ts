import type { ChatItem, MessageItem } from '@skein/engine'
import type { UserId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { detailsOf } from './details.ts'

const [ada, ben, gone] = ['ada', 'ben', 'gone'] as UserId[] as [UserId, UserId, UserId]
const chat = {
  members: [
    { id: ada, name: 'Ada' },
    { id: ben, name: 'Ben' },
  ],
} as unknown as ChatItem
const time = '2026-11-23T18:00:00.000Z'
const item = { own: true, seq: 4, status: 'delivered', createdAt: time, receivedAt: time, editedAt: null } as unknown as MessageItem
const shown = (given: Partial<MessageItem>, receipts: { delivered: UserId[]; seen: UserId[] }) =>
  detailsOf({ ...item, ...given }, { chat, receiptsOf: () => receipts }).map(({ what, lines }) => [what, ...lines])

test('UX 1: who has seen it and who only has it, by name; of the words of others nothing but times', () => {
  const some = shown({}, { delivered: [ben], seen: [ada, gone] })
  expect(some.slice(2)).toEqual([
    ['Seen by', 'Ada', 'Someone who left'],
    ['Delivered to', 'Ben'],
  ])
  expect(shown({}, { delivered: [], seen: [] }).at(-1)).toEqual(['State', 'Nobody has it yet'])
  expect(shown({ seq: 0, status: 'queued' }, { delivered: [], seen: [] }).slice(1)).toEqual([['State', 'Queued']])
  expect(shown({ own: false, editedAt: time }, { delivered: [ada], seen: [ada] }).map(([what]) => what)).toEqual(['Written', 'Sent', 'Edited'])
})
