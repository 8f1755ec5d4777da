import { describe, expect, test } from 'vitest'
import { alice, bob, chat, idOf, say } from '../chats/chain.suite.ts'
import { newChatRow } from '../chats/chat-sync.ts'
import { openLocal, putChat, type Local } from '../local.ts'
import { testPorts } from '../ports.suite.ts'
import { memoryStores } from './memory-store.ts'
import type { OutboxRow } from './rows.ts'
import { put, type StoreFactory } from './store.ts'

const queued = (n: number): OutboxRow => ({ id: idOf(n), chat, order: n, operation: say(n), state: { at: 'waiting' }, createdAt: n })

/** A disk on which the n-th write fails, and all after it. */
function failingAfter(n: number, stores = memoryStores()): StoreFactory {
  let writes = 0
  return {
    ...stores,
    open: async (name, lost) => {
      const store = await stores.open(name, lost)
      return {
        ...store,
        write: async (changes, durable) => {
          if (++writes > n) throw new Error('QuotaExceededError')
          return store.write(changes, durable)
        },
      }
    },
  }
}
const open = (factory: StoreFactory, ports = testPorts().ports): Promise<Local> =>
  openLocal({ self: alice, factory, name: 'x', ports, told: () => {}, outdated: () => {} })

describe('a store that fails', () => {
  test('I1, promise 1: whichever write fails, every word is either on disk or said not to be, and none is gone', async () => {
    for (let n = 0; n <= 6; n++) {
      const disk = memoryStores()
      const local = await open(failingAfter(n, disk))
      await local.commit(
        putChat(
          undefined,
          newChatRow(
            chat,
            [
              { id: alice, name: 'A' },
              { id: bob, name: 'B' },
            ],
            0,
          ),
        ),
      )
      for (let word = 1; word <= 5; word++) await local.commit([put('outbox', queued(word))], true)
      expect(local.outboxOf(chat).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5].map(idOf))
      const stored = new Set((await (await disk.open('x', () => {})).all('outbox')).map(({ id }) => id))
      const unsaid = local.outboxOf(chat).filter(({ id }) => !stored.has(id) && !local.isUnsaved(id))
      expect(unsaid).toEqual([])
      expect(local.store.failed).toBe(n < 6)
      expect(await local.store.all('outbox')).toHaveLength(5)
      expect(await local.store.get('chats', chat)).toMatchObject({ id: chat })
    }
  })

  test('I3: a store that never opens is given up, and memory goes on', async () => {
    const { ports, clock } = testPorts()
    const opening = open({ ...memoryStores(), open: () => new Promise(() => {}) }, ports)
    await clock.advance(5_000)
    const local = await opening
    await local.commit([put('outbox', queued(1))], true)
    expect([local.store.failed, local.isUnsaved(idOf(1))]).toEqual([true, true])
  })

  test('I2: a store that closed by itself is opened once more, and nothing is said to be unsaved', async () => {
    const disk = memoryStores()
    let lose = (): void => {}
    let isOpen = 0
    const factory: StoreFactory = {
      ...disk,
      open: async (name, lost) => {
        const mine = ++isOpen
        lose = () => lost('closed')
        const store = await disk.open(name, lost)
        return {
          ...store,
          write: async (changes, durable) =>
            mine === isOpen && mine > 1 ? store.write(changes, durable) : Promise.reject(new Error('InvalidStateError')),
        }
      },
    }
    const local = await open(factory)
    lose()
    await local.commit([put('outbox', queued(1))], true)
    expect([local.store.failed, local.isUnsaved(idOf(1)), isOpen]).toEqual([false, false, 2])
  })
})
