import { parseChatId, type OperationId, type Operation, type UserId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { alice, bob, chat, edit, entriesOf, say, sha256 } from '../chats/chain.suite.ts'
import { ingest } from '../chats/ingest.ts'
import { rangesAbove } from '../chats/ranges.ts'
import { ENTRIES_KEPT_MS, evict, type Evicting } from './evict.ts'
import { memoryStores } from './memory-store.ts'
import { messageKey, newChatRow, sizeOf, usedBytes, type ChatRow } from './rows.ts'
import { startOf } from './start-of.ts'
import { put, type LocalStore } from './store.ts'

const NOW = 100 * 86_400_000
const other = parseChatId('d'.repeat(26))

/** A store with chats of `count` messages each, written `age` ago, as ingest makes them. */
async function filled(chats: { id: ChatRow['id']; openedAt: number; kept?: ChatRow['kept']; age?: number }[], count = 120) {
  const store = await memoryStores().open('x', () => {})
  const rows = new Map<ChatRow['id'], ChatRow>()
  for (const { id, openedAt, kept = 'no', age = 90 * 86_400_000 } of chats) {
    const entries = entriesOf(Array.from({ length: count }, (_, i) => [i % 2 ? alice : bob, say(i + 1)])).map((entry) => ({
      ...entry,
      at: NOW - age,
    }))
    const row = { ...newChatRow(id, [], 0), position: startOf(id, sha256), openedAt, kept }
    const result = await ingest(row, alice, entries, { message: async () => undefined, entry: async () => undefined }, sha256)
    if (typeof result === 'string') throw new Error(result)
    rows.set(id, { ...result.chat, bytes: sizeOf(result.messages) + sizeOf(result.entries) })
    await store.write([...result.messages.map((each) => put('messages', each)), ...result.entries.map((each) => put('entries', each))], false)
  }
  const evicting: Evicting = {
    chats: rows,
    store,
    now: NOW,
    sha256,
    hasWords: () => false,
    isShown: () => false,
    alsoKept: false,
    write: async ({ chat: id, changes, without }) => {
      const row = rows.get(id)
      if (row) rows.set(id, without(row))
      return store.write(changes, false)
    },
  }
  return { store, rows, evicting }
}
const held = async (store: LocalStore, id: ChatRow['id']): Promise<[messages: number, entries: number]> => [
  (await store.list('messages', { group: id })).length,
  (await store.list('entries', { group: id })).length,
]
const counted = async (store: LocalStore, id: ChatRow['id']): Promise<number> =>
  sizeOf(await store.list('messages', { group: id })) + sizeOf(await store.list('entries', { group: id }))

describe('what goes when room is needed', () => {
  test('the chat that was not opened for the longest time first; its newest page stays, and the size is what is there', async () => {
    const { store, rows, evicting } = await filled([
      { id: chat, openedAt: 5 },
      { id: other, openedAt: 4 },
    ])
    const before = usedBytes(rows)
    const freed = await evict(evicting, 1_000)
    expect(await held(store, chat)).toEqual([120, 120])
    expect(await held(store, other)).toEqual([50, 120])
    expect(rows.get(other)?.ranges).toEqual([[71, 120]])
    expect(usedBytes(rows)).toBe(before - freed)
    for (const id of [chat, other]) expect(rows.get(id)?.bytes).toBe(await counted(store, id))
    await evict(evicting, Infinity)
    expect([await held(store, chat), await held(store, other)]).toEqual([
      [50, 0],
      [50, 0],
    ])
    for (const id of [chat, other]) expect(rows.get(id)?.bytes).toBe(await counted(store, id))
  })

  test('CHAT-4: what rises in a chat while its rows go stays risen', async () => {
    const { rows, evicting } = await filled([{ id: chat, openedAt: 1 }])
    const write: typeof evicting.write = (gone) => {
      const row = rows.get(chat)
      if (row) rows.set(chat, { ...row, marks: { [alice]: [7, 7] } })
      return evicting.write(gone)
    }
    await evict({ ...evicting, write }, 1_000)
    expect(rows.get(chat)?.marks).toEqual({ [alice]: [7, 7] })
    expect(rows.get(chat)?.bytes).toBe(await counted(evicting.store, chat))
  })

  test('what somebody reads just now stays, and the next chat gives the room', async () => {
    const { store, evicting } = await filled([
      { id: chat, openedAt: 1 },
      { id: other, openedAt: 2 },
    ])
    await evict({ ...evicting, isShown: (id) => id === chat }, 1_000)
    expect([await held(store, chat), await held(store, other)]).toEqual([
      [120, 120],
      [50, 120],
    ])
  })

  test('promise 7: entries of the last days stay, and what is left of the chain is one run up to its end', async () => {
    const { store, evicting } = await filled([{ id: chat, openedAt: 0, age: ENTRIES_KEPT_MS - 1 }])
    await evict(evicting, Infinity)
    expect(await held(store, chat)).toEqual([50, 120])
  })

  test('HEAL-1: when entries go, the run that is left knows the place of the chain that it begins at', async () => {
    const { store, rows, evicting } = await filled([{ id: chat, openedAt: 0 }])
    await evict(evicting, Infinity)
    expect(await held(store, chat)).toEqual([50, 0])
    expect(rows.get(chat)?.runStart).toEqual(rows.get(chat)?.position)
  })

  test('entries stay while words wait; a kept chat stays whole, and gives rows only to a full disk, which it says', async () => {
    const { store, rows, evicting } = await filled([
      { id: chat, openedAt: 0 },
      { id: other, openedAt: 0, kept: 'yes' },
    ])
    await evict({ ...evicting, hasWords: () => true }, Infinity)
    expect([await held(store, chat), await held(store, other)]).toEqual([
      [50, 120],
      [120, 120],
    ])
    await evict({ ...evicting, alsoKept: true }, Infinity)
    expect([await held(store, other), rows.get(other)?.kept]).toEqual([[50, 0], 'over-budget'])
  })

  test('changes of a message whose row went fold into nothing, and into the others', async () => {
    const { store, rows, evicting } = await filled([{ id: chat, openedAt: 0 }])
    await evict(evicting, 1_000)
    const row = rows.get(chat)
    if (!row?.position) throw new Error('no chat')
    const story = entriesOf([
      ...Array.from({ length: 120 }, (_, i) => [i % 2 ? alice : bob, say(i + 1)] as [UserId, Operation]),
      [bob, edit(121, 1, bob, 'gone')],
      [bob, edit(122, 119, bob, 'there')],
    ])
    const reads = {
      message: (author: UserId, id: OperationId) => store.get('messages', messageKey(chat, author, id)),
      entry: async () => undefined,
    }
    const result = await ingest(row, alice, story.slice(120), reads, sha256)
    expect(result).toMatchObject({ chat: { position: { rev: 122 } }, messages: [{ text: 'there', seq: 119 }] })
  })

  test.each<[ChatRow['ranges'], number, ChatRow['ranges']]>([
    [[[1, 9]], 4, [[5, 9]]],
    [
      [
        [1, 3],
        [6, 9],
      ],
      6,
      [[7, 9]],
    ],
    [[[1, 3]], 3, []],
  ])('ranges %j above %i', (ranges, seq, left) => expect(rangesAbove(ranges, seq)).toEqual(left))
})
