// I1–I3: every call into IndexedDB fails once, in each way that a browser knows. Whatever was said to be saved is there after a reload, and everything else was said not to be.
import * as fake from 'fake-indexeddb'
import { afterEach, describe, expect, test } from 'vitest'
import { alice, bob, chat } from '../chats/chain.suite.ts'
import { openLocal, putChat } from '../local.ts'
import { createOutboxWriter } from '../outbox/write.ts'
import { testPorts, type TestClock } from '../ports.suite.ts'
import { indexedDbStores } from './indexeddb-store.ts'
import { newChatRow } from './rows.ts'

type Kind = 'error' | 'abort' | 'quota' | 'hang' | 'closed' | 'deleted'
const KINDS: Kind[] = ['error', 'abort', 'quota', 'hang', 'closed', 'deleted']
const NAME = 'x'

/** The n-th call fails; `calls` counts on. */
interface Fault {
  n: number
  kind: Kind
  calls: number
}

const { IDBFactory, IDBDatabase, IDBObjectStore } = fake
const real = {
  open: IDBFactory.prototype.open,
  transaction: IDBDatabase.prototype.transaction,
  get: IDBObjectStore.prototype.get,
  getAll: IDBObjectStore.prototype.getAll,
  put: IDBObjectStore.prototype.put,
  delete: IDBObjectStore.prototype.delete,
}
const restore = (): void => {
  IDBFactory.prototype.open = real.open
  IDBDatabase.prototype.transaction = real.transaction
  Object.assign(IDBObjectStore.prototype, { get: real.get, getAll: real.getAll, put: real.put, delete: real.delete })
}
const failure = (): DOMException => new DOMException('made up', 'UnknownError')

function afflict(transaction: IDBTransaction, kind: Kind): void {
  if (kind === 'abort') queueMicrotask(() => transaction.abort())
  else if (kind === 'quota')
    queueMicrotask(() => (Reflect.get(transaction, '_abort') as (name: string) => void).call(transaction, 'QuotaExceededError'))
  // What it wrote is stored, and nobody ever hears of it.
  else if (kind === 'hang') transaction.dispatchEvent = () => true
  else if (kind === 'closed') fake.forceCloseDatabase(transaction.db as never)
  else if (kind === 'deleted') indexedDB.deleteDatabase(NAME)
}

function inject(fault: Fault): void {
  const strikes = (): boolean => ++fault.calls === fault.n
  IDBFactory.prototype.open = function (this: IDBFactory, ...given) {
    if (!strikes()) return real.open.apply(this, given)
    if (fault.kind === 'hang') return new fake.IDBOpenDBRequest() as never
    throw failure()
  }
  IDBDatabase.prototype.transaction = function (this: never, ...given) {
    const struck = strikes()
    if (struck && fault.kind === 'error') throw failure()
    const transaction = real.transaction.apply(this, given)
    if (struck) afflict(transaction as never, fault.kind)
    return transaction
  }
  for (const name of ['get', 'getAll', 'put', 'delete'] as const) {
    const call = real[name] as (...given: unknown[]) => unknown
    const failing = function (this: IDBObjectStore, ...given: unknown[]): unknown {
      const struck = strikes()
      if (struck && fault.kind === 'error') throw failure()
      const request = call.apply(this, given)
      if (struck) afflict(this.transaction, fault.kind)
      return request
    }
    Object.assign(IDBObjectStore.prototype, { [name]: failing })
  }
}

/** Turns the clock until the work is done. */
async function drive<T>(work: Promise<T>, clock: TestClock): Promise<T> {
  let done = false
  const end = (): void => void (done = true)
  work.then(end, end)
  for (let i = 0; !done && i < 50; i++) {
    await clock.settle()
    if (!done) await clock.advance(1_000)
  }
  expect(done).toBe(true)
  return work
}

async function live(fault: Fault): Promise<void> {
  globalThis.indexedDB = new fake.IDBFactory()
  const { ports, clock } = testPorts()
  const open = () => openLocal({ self: alice, factory: indexedDbStores(), name: NAME, ports, told: () => {}, outdated: () => {} })
  const members = [alice, bob].map((id) => ({ id, name: '' }))
  const before = await drive(open(), clock)
  await drive(before.commit(putChat(undefined, newChatRow(chat, members, 0)), true), clock)
  await before.close()

  inject(fault)
  const local = await drive(open(), clock)
  // Without its rows there is nothing to write into; the chat comes again from the server.
  if (!local.chats.has(chat)) await drive(local.commit(putChat(undefined, newChatRow(chat, members, 0)), true), clock)
  const writer = createOutboxWriter(local, ports, () => {})
  const words = new Map<string, string>()
  for (const text of ['one', 'two', 'three', 'four']) words.set(await drive(writer.send(chat, { text }), clock), text)
  const [first, second] = local.outboxOf(chat).map(({ id }) => id)
  if (!first || !second) throw new Error('words are gone')
  // Too late where another tab may have it.
  if (await drive(writer.rewrite(first, 'one, better'), clock)) words.set(first, 'one, better')
  await drive(writer.discard(second), clock)
  if (!local.outbox.has(second)) words.delete(second)

  expect(local.outboxOf(chat).map(({ operation }) => ('text' in operation ? operation.text : ''))).toEqual([...words.values()])
  restore()
  const after = await drive(open(), clock)
  for (const [id, text] of words) {
    const stored = after.outbox.get(id as never)?.operation
    if (!local.isUnsaved(id as never)) expect(stored, `${fault.kind} at ${fault.n}`).toMatchObject({ text })
  }
}

afterEach(restore)

describe('promise 1, I1–I3: the n-th call into IndexedDB fails', () => {
  test.each(KINDS)(
    '%s: every word is on disk or said not to be, and none is gone',
    async (kind) => {
      Object.assign(globalThis, fake)
      for (let n = 1; ; n++) {
        const fault = { n, kind, calls: 0 }
        await live(fault)
        if (fault.calls < n) {
          expect(n).toBeGreaterThan(20)
          return
        }
      }
    },
    120_000,
  )
})
