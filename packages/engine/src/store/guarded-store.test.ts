import { parseChatId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { alice, bob, chat, entriesOf, idOf, say, sha256 } from '../chats/chain.suite.ts'
import { ingest } from '../chats/ingest.ts'
import { openLocal, putChat, type Local } from '../local.ts'
import { testPorts } from '../ports.suite.ts'
import { memoryStores } from './memory-store.ts'
import { newChatRow, type OutboxRow } from './rows.ts'
import { startOf } from './start-of.ts'
import { put, StoreFull, type StoreFactory } from './store.ts'

const queued = (n: number): OutboxRow => ({ id: idOf(n), chat, order: n, operation: say(n), state: { at: 'waiting' }, createdAt: n })

const other = parseChatId('d'.repeat(26))

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

  test('I2: two who find the disk closed open it once: memory that took over from it stays', async () => {
    const disk = memoryStores()
    const gates: (() => void)[] = []
    let isFirst = true
    let lose = (): void => {}
    const factory: StoreFactory = {
      ...disk,
      open: async (name, lost) => {
        const store = await disk.open(name, lost)
        let isClosed = false
        const ask = async <T>(work: () => Promise<T>): Promise<T> => {
          if (isClosed) throw new Error('InvalidStateError')
          return work()
        }
        lose = () => {
          isClosed = true
          lost('closed')
        }
        const isFull = !isFirst
        isFirst = false
        if (isFull) await new Promise<void>((resolve) => gates.push(resolve))
        return {
          ...store,
          all: (table) => ask(() => store.all(table)),
          write: (changes, durable) =>
            ask(async () => {
              if (isFull) throw new StoreFull('full')
              return store.write(changes, durable)
            }),
        }
      },
    }
    const local = await open(factory)
    await local.commit([put('outbox', queued(1))], true)
    lose()
    const some = async (): Promise<void> => {
      for (let turn = 0; turn < 100; turn++) await Promise.resolve()
    }
    const writing = local.commit([put('outbox', queued(2))], true)
    await some()
    const reading = local.store.all('outbox')
    await some()
    gates[0]?.()
    await writing
    gates[1]?.()
    await reading
    await local.commit([put('outbox', queued(3))], true)
    expect([local.store.failed, local.isUnsaved(idOf(3))]).toEqual([true, true])
    expect(await local.store.all('outbox')).toHaveLength(3)
  })

  test('I1: a full disk gives up old history, which the server has too, and the word is saved; with nothing to give up, it is said not to be', async () => {
    const disk = memoryStores()
    let used = 0
    const full: StoreFactory = {
      ...disk,
      open: async (name, lost) => {
        const store = await disk.open(name, lost)
        return {
          ...store,
          write: async (changes, durable) => {
            const more = changes.reduce((sum, change) => sum + ('put' in change ? 1 : 'remove' in change ? -1 : 0), 0)
            if (more > 0 && used + more > 300) throw new StoreFull('full')
            used += more
            return store.write(changes, durable)
          },
        }
      },
    }
    const local = await open(full)
    const entries = entriesOf(Array.from({ length: 140 }, (_, i) => [bob, say(i + 1)]))
    const row = { ...newChatRow(chat, [], 0), position: startOf(chat, sha256) }
    const result = await ingest(row, alice, entries, { message: async () => undefined, entry: async () => undefined }, sha256)
    if (typeof result === 'string') throw new Error(result)
    const rows = [...result.messages.map((each) => put('messages', each)), ...result.entries.map((each) => put('entries', each))]
    await local.commit([...rows, ...putChat(undefined, { ...result.chat, bytes: 100_000 })])
    const words = Array.from({ length: 200 }, (_, n) => idOf(1_000 + n))
    for (const [n, id] of words.entries()) await local.commit([put('outbox', { ...queued(n), id, chat: other })], true)
    const onDisk = new Set((await (await disk.open('x', () => {})).all('outbox')).map(({ id }) => id))
    const saved = words.filter((id) => !local.isUnsaved(id))
    expect(local.chats.get(chat)?.ranges[0]?.[0] ?? 0).toBe(91)
    expect(local.store.failed).toBe(false)
    expect(saved.filter((id) => !onDisk.has(id))).toEqual([])
    expect(saved).toHaveLength(200)
    // Nothing is left that may go: young enough to be needed, or the newest page.
    for (let n = 200; n < 300; n++) await local.commit([put('outbox', { ...queued(n), id: idOf(1_000 + n), chat: other })], true)
    expect(local.store.failed).toBe(true)
    expect(local.isUnsaved(idOf(1_299))).toBe(true)
    expect(local.outboxOf(other)).toHaveLength(300)
  })
})
