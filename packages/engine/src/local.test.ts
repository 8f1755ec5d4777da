// What one device knows, in memory and on disk, where no server is needed to show it.
import { expect, test } from 'vitest'
import { alice, chat, idOf, say } from './chats/chain.suite.ts'
import { openLocal, putChat, type Local } from './local.ts'
import { testPorts } from './ports.suite.ts'
import { memoryStores } from './store/memory-store.ts'
import { newChatRow, type OutboxRow } from './store/rows.ts'
import { put, type StoreFactory } from './store/store.ts'

const queued = (n: number): OutboxRow => ({ id: idOf(n), chat, order: n, operation: say(n), state: { at: 'waiting' }, createdAt: n })
const waiting = (local: Local): string[] => local.outboxOf(chat).map(({ id }) => id)

test('promise 1: while rows are read that another tab has written, what waits is shown as it was, and then at once as it is', async () => {
  const stores = memoryStores()
  const gate = Promise.withResolvers<void>()
  const slow: StoreFactory = {
    ...stores,
    open: async (name, lost) => {
      const store = await stores.open(name, lost)
      return {
        ...store,
        get: async (kind, key) => {
          if (kind === 'people') await gate.promise
          return store.get(kind, key)
        },
      }
    },
  }
  const open = (factory: StoreFactory): Promise<Local> =>
    openLocal({ self: alice, factory, name: 'x', ports: testPorts().ports, told: () => {}, outdated: () => {} })
  const other = await open(stores)
  await other.commit([put('outbox', queued(1)), put('outbox', queued(2))])
  const local = await open(slow)
  let told = 0
  local.subscribe(() => void told++)
  await other.commit([{ remove: 'outbox', key: idOf(1) }, put('outbox', queued(3))])
  const reading = local.reread({ chats: [chat], messages: [], people: [alice] })
  for (let turn = 0; turn < 50; turn++) {
    await Promise.resolve()
    expect([waiting(local), told]).toEqual([[idOf(1), idOf(2)], 0])
  }
  gate.resolve()
  await reading
  expect([waiting(local), told]).toEqual([[idOf(2), idOf(3)], 1])
})

test('I1: a disk that fails while everything is read again: what is shown is what memory has, not half of the disk', async () => {
  const stores = memoryStores()
  let isBroken = false
  const failing: StoreFactory = {
    ...stores,
    open: async (name, lost) => {
      if (isBroken) throw new Error('UnknownError')
      const store = await stores.open(name, lost)
      return {
        ...store,
        all: async (table) => {
          if (isBroken && table === 'marks') throw new Error('UnknownError')
          return store.all(table)
        },
      }
    },
  }
  const local = await openLocal({ self: alice, factory: failing, name: 'x', ports: testPorts().ports, told: () => {}, outdated: () => {} })
  await local.commit(putChat(undefined, { ...newChatRow(chat, [], 0), ranges: [[1, 4]] }))
  isBroken = true
  await local.rereadAll()
  expect([local.store.failed, local.chats.get(chat)?.ranges]).toEqual([true, []])
})
