import { expect, test } from 'vitest'
import { memoryStores } from '../store/memory-store.ts'
import { put } from '../store/store.ts'
import { alice, bob, chat, entriesOf, Replica, say } from './chain.suite.ts'
import { withUnread } from './unread.ts'

test('unread counts see the messages that are written with the mark, and those that are held already', async () => {
  const replica = new Replica(alice)
  await replica.take(
    entriesOf([
      [bob, say(1)],
      [bob, say(2)],
      [alice, say(3)],
      [bob, say(4)],
    ]),
  )
  const [first, second, ...fresh] = replica.shown
  const store = await memoryStores().open('unread', () => {})
  await store.write(
    [first, second].flatMap((row) => (row ? [put('messages', row)] : [])),
    false,
  )
  const row = { ...replica.row, marks: { [alice]: [1, 1] as [number, number], [bob]: [0, 0] as [number, number] } }
  expect(await withUnread(row, alice, store, fresh)).toMatchObject({ unread: 2, countedTo: 4 })
})
