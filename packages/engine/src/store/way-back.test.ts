// I1, promise 1: a disk that failed for a time gets everything that memory held meanwhile, and what another tab did on it stands.
import { seeded } from '@skein/protocol/testing'
import { describe, expect, test } from 'vitest'
import { alice, bob, chat, idOf, say, sha256 } from '../chats/chain.suite.ts'
import { arrangedOf, wished, type Wanted } from '../chats/wishes.ts'
import { openLocal, putChat, type Local } from '../local.ts'
import { testPorts } from '../ports.suite.ts'
import type { Written } from '../tab-channel.ts'
import { breakable } from './breakable.suite.ts'
import { newChatRow, type OutboxRow } from './rows.ts'
import { startOf } from './start-of.ts'
import { expectField, put, type StoreFactory } from './store.ts'

const open = (factory: StoreFactory, told: (written: Written) => void = () => {}): Promise<Local> =>
  openLocal({ self: alice, factory, name: 'x', ports: testPorts().ports, told, outdated: () => {} })
const queued = (n: number, text = `m${n}`): OutboxRow => ({
  id: idOf(n),
  chat,
  order: n,
  operation: say(n, text),
  state: { at: 'waiting' },
  createdAt: n,
})
const members = [alice, bob].map((id) => ({ id, name: '' }))
const textsOf = (local: Local): string[] => local.outboxOf(chat).map(({ operation }) => ('text' in operation ? operation.text : ''))

describe('the way back to a disk', () => {
  test('words written, rewritten and taken back meanwhile are on the disk as the person left them, and said to be saved', async () => {
    const { disk, state } = breakable()
    const local = await open(disk)
    await local.commit(putChat(undefined, { ...newChatRow(chat, members, 0), ranges: [[1, 9]] }))
    for (const n of [1, 2, 3]) await local.commit([put('outbox', queued(n))], true)
    state.broken = true
    await local.commit([put('outbox', queued(2, 'better'))], true)
    await local.commit([{ remove: 'outbox', key: idOf(3) }], true)
    await local.commit([put('outbox', queued(4))], true)
    await local.commit([put('marks', { chat, marks: [7, 5] })])
    expect([local.store.failed, local.isUnsaved(idOf(4)), local.chats.get(chat)?.ranges]).toEqual([true, true, []])
    expect(await local.comeBack()).toBe(false)
    state.broken = false
    expect(await local.comeBack()).toBe(true)
    expect([local.store.failed, local.isUnsaved(idOf(4)), local.chats.get(chat)?.ranges]).toEqual([false, false, [[1, 9]]])
    await local.commit([put('outbox', queued(5))], true)
    await local.close()
    const after = await open(disk)
    expect(textsOf(after)).toEqual(['m1', 'better', 'm4', 'm5'])
    expect(after.marks.get(chat)?.marks).toEqual([7, 5])
    expect(await local.comeBack()).toBe(false)
  })

  test('a chat that was begun meanwhile is on the disk, and a change made from a row in memory does not pass for one of the disk’s', async () => {
    const { disk, state } = breakable()
    const local = await open(disk)
    await local.commit(putChat(undefined, { ...newChatRow(chat, members, 0), document: 'd', title: 'on the disk' }))
    state.broken = true
    const begun = { ...newChatRow('d'.repeat(26) as typeof chat, members, 0) }
    await local.commit(putChat(undefined, begun))
    const stale = local.chats.get(chat)
    if (!stale) throw new Error('the chat is gone')
    state.broken = false
    await local.comeBack()
    expect(await local.commit(putChat(stale, { ...stale, title: 'in memory' }))).toBe(false)
    expect([local.chats.get(chat)?.title, local.chats.has(begun.id)]).toEqual(['on the disk', true])
    // Neither tab's copy of the document is taken for a fresh one.
    expect(local.chats.get(chat)?.n).toBeGreaterThan(stale.n)
  })

  test('a chat that is to be kept offline, or no longer, is so on the disk, too; what another tab chose stands where this one chose nothing', async () => {
    const { disk, state } = breakable()
    const ids = ['a', 'b', 'd'].map((letter) => letter.repeat(26) as typeof chat)
    const local = await open(disk)
    for (const id of ids) await local.commit(putChat(undefined, { ...newChatRow(id, members, 0), document: 'd' }))
    const other = await open(disk)
    const keep = (tab: Local, id: typeof chat) => tab.update(id, (row) => putChat(row, { ...row, kept: 'yes' }))
    const [first, second] = ids
    if (!first || !second) throw new Error('no chats')
    state.broken = true
    await keep(local, first)
    state.broken = false
    await keep(other, second)
    expect(await local.comeBack()).toBe(true)
    expect(ids.map((id) => local.chats.get(id)?.kept)).toEqual(['yes', 'yes', 'no'])
  })

  test('of each thing that is wanted of a chat the later wish is on the disk, and all that either tab hid', async () => {
    const { disk, state } = breakable()
    const [local, other] = [await open(disk), await open(disk)]
    await local.commit(putChat(undefined, newChatRow(chat, members, 0)))
    await other.rereadAll()
    const want = (tab: Local, wanted: Wanted, at: number) => tab.update(chat, (row) => putChat(row, wished(row, wanted, at)))
    state.broken = true
    await want(local, { hide: [7], archived: true, mutedUntil: 8, unreadAfter: 1 }, 5)
    expect(local.store.failed).toBe(true)
    state.broken = false
    await want(other, { hide: [3], pinned: true, unreadAfter: 2 }, 6)
    await want(other, { mutedUntil: 9 }, 4)
    expect(await local.comeBack()).toBe(true)
    await other.rereadAll()
    for (const tab of [local, other]) {
      const row = tab.chats.get(chat) ?? expect.fail()
      expect(arrangedOf(row)).toEqual({ mutedUntil: 8, pinned: true, archived: true, draft: '', unreadAfter: 2, hidden: [3, 7] })
    }
  })

  test('a move of which nobody knows whether it was stored: what the person does next holds', async () => {
    const { disk, state } = breakable()
    const local = await open(disk)
    state.broken = true
    for (const n of [1, 2, 3]) await local.commit([put('outbox', queued(n))], true)
    Object.assign(state, { broken: false, once: true, late: true })
    expect(await local.comeBack()).toBe(false)
    await local.commit([put('outbox', queued(2, 'better'))], true)
    await local.commit([{ remove: 'outbox', key: idOf(3) }], true)
    expect(await local.comeBack()).toBe(true)
    expect(textsOf(local)).toEqual(['m1', 'better'])
  })

  test('promise 1: while the disk is opened words are taken, and at no moment is a chat missing', async () => {
    const { disk, state } = breakable()
    let slow: Promise<void> | null = null
    const local = await open({ ...disk, open: async (name, lost) => (await slow, disk.open(name, lost)) })
    await local.commit(putChat(undefined, newChatRow(chat, members, 0)))
    state.broken = true
    await local.commit([put('outbox', queued(1))], true)
    state.broken = false
    const { promise, resolve } = Promise.withResolvers<void>()
    slow = promise
    const returning = local.comeBack()
    await local.commit([put('outbox', queued(2))], true)
    let missing = false
    const look = (): void => void (missing ||= !local.chats.has(chat))
    local.subscribe(look)
    resolve()
    let done = false
    const end = returning.finally(() => (done = true))
    while (!done) {
      look()
      await Promise.resolve()
    }
    expect(await end).toBe(true)
    expect([missing, textsOf(local)]).toEqual([false, ['m1', 'm2']])
  })

  test('what another tab sent, took back or changed meanwhile stands', async () => {
    const { disk, state } = breakable()
    const local = await open(disk)
    for (const n of [1, 2, 3]) await local.commit([put('outbox', queued(n))], true)
    const other = await open(disk)
    state.broken = true
    for (const n of [1, 2]) await local.commit([put('outbox', queued(n, 'mine'))], true)
    await local.commit([{ remove: 'outbox', key: idOf(3) }], true)
    state.broken = false
    await other.commit([{ remove: 'outbox', key: idOf(1) }], true)
    const appended = { at: 'appended', document: 'd', n: 0 } as const
    for (const n of [2, 3]) await other.commit([put('outbox', { ...queued(n), state: appended })], true)
    await local.comeBack()
    expect(local.outboxOf(chat).map(({ id, state: { at } }) => [id, at])).toEqual([
      [idOf(2), 'appended'],
      [idOf(3), 'appended'],
    ])
    expect(textsOf(local)).toEqual(['m2', 'm3'])
  })

  test('seeded: two tabs on a disk that fails and comes back, and no word is lost, doubled or back from the dead', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const pick = seeded(seed)
      const { disk, state } = breakable()
      const tabs = [await open(disk), await open(disk)]
      const words = new Map<string, string>()
      for (let step = 1; step <= 40; step++) {
        const local = tabs[pick(2)] ?? tabs[0]
        if (!local) throw new Error('no tab')
        const own = local.outboxOf(chat)
        const row = own[pick(Math.max(1, own.length))]
        const move = pick(6)
        if (move === 0) {
          // A tab that fails alone: only one of the two writes while the disk is broken.
          Object.assign(state, { broken: !state.broken, late: pick(2) === 0 })
        } else if (move === 1 && !state.broken && tabs.some((tab) => tab.store.failed)) {
          // The move itself fails, and nobody knows whether it was stored.
          Object.assign(state, { once: true, late: pick(2) === 0 })
          for (const tab of tabs) await tab.comeBack()
        } else if ((state.broken || tabs[0]?.store.failed) && local !== tabs[0]) continue
        else if (move === 2 && row) {
          const text = `${seed} ${step}`
          const changed = { ...row, operation: { ...row.operation, text } } as OutboxRow
          if (await local.commit([expectField('outbox', row.id, 'operation', row.operation), put('outbox', changed)], true)) words.set(row.id, text)
        } else if (move === 3 && row) {
          if (await local.commit([expectField('outbox', row.id, 'operation', row.operation), { remove: 'outbox', key: row.id }], true))
            words.delete(row.id)
        } else if (move > 3) {
          await local.commit([put('outbox', queued(step))], true)
          words.set(idOf(step), `m${step}`)
        }
        if (!state.broken && pick(3) === 0) for (const tab of tabs) await tab.comeBack()
        // They tell each other of their writes.
        for (const tab of tabs) await tab.reread({ chats: [chat], messages: [], people: [] })
      }
      state.broken = false
      for (const tab of tabs) await tab.comeBack()
      const after = await open(disk)
      expect(textsOf(after).sort(), `seed ${seed}`).toEqual([...words.values()].sort())
    }
  })

  test('promise 1: a change that is refused, since its first try was stored without an answer, is told to the other tabs all the same', async () => {
    const { disk, state } = breakable()
    const told: Written[] = []
    const local = await open(disk, (written) => told.push(written))
    await local.commit(putChat(undefined, newChatRow(chat, members, 0)))
    await local.commit([put('outbox', { ...queued(1), state: { at: 'aside', reason: 'blocked' } })], true)
    told.length = 0
    Object.assign(state, { once: true, late: true })
    const again = [expectField('outbox', idOf(1), 'state', { at: 'aside', reason: 'blocked' }), put('outbox', queued(1))]
    expect(await local.commit(again, true)).toBe(false)
    expect(local.outbox.get(idOf(1))?.state).toEqual({ at: 'waiting' })
    expect(told).toMatchObject([{ chats: [chat] }])
  })

  test('promise 1: what another tab has taken back is not sent by one whose disk has failed since', async () => {
    const { disk, state } = breakable()
    const written: Written[] = []
    const here = await open(disk)
    await here.commit([...putChat(undefined, newChatRow(chat, members, 0)), put('outbox', queued(1)), put('outbox', queued(2))], true)
    const there = await open(disk, (each) => written.push(each))
    await there.commit([{ remove: 'outbox', key: idOf(1) }], true)
    state.broken = true
    await here.commit([put('outbox', queued(3))], true)
    expect(textsOf(here)).toEqual(['m1', 'm2', 'm3'])
    for (const each of written) await here.reread(each)
    expect(textsOf(here)).toEqual(['m2', 'm3'])
  })

  test('promise 1: words that are said while somebody asks whether all is kept are asked about, too', async () => {
    const { disk, state } = breakable()
    const local = await open(disk)
    state.broken = true
    const [isKept] = await Promise.all([local.isKept(), local.commit([put('outbox', queued(1))], true)])
    expect(isKept).toBe(false)
  })

  test('promise 8: words come back with a row of their chat, though another tab had the device forget it', async () => {
    const { disk, state } = breakable()
    const local = await open(disk)
    const position = startOf(chat, sha256)
    await local.commit(putChat(undefined, { ...newChatRow(chat, members, 0), document: 'd', position, ranges: [[1, 4]] }))
    state.broken = true
    await local.commit([put('outbox', queued(1))], true)
    state.broken = false
    const other = await open(disk)
    await other.store.write([{ remove: 'chats', key: chat }], true)
    expect(await local.comeBack()).toBe(true)
    // Nothing of its story, and its place in the chain, by which the feed finds out whether one is still in it.
    expect(local.chats.get(chat)).toMatchObject({ position, runStart: position, ranges: [], exact: false, n: 1, version: 2 })
    // What was begun with the row in memory passes for no change of this one, and changes of this one are taken.
    expect(await local.commit(putChat({ ...newChatRow(chat, members, 0), version: 1 }, newChatRow(chat, members, 0)))).toBe(false)
    await local.update(chat, (row) => putChat(row, { ...row, title: 'again' }))
    expect(local.chats.get(chat)?.title).toBe('again')
  })
})
