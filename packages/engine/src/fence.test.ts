// I7: what a leader may still write once another tab has taken a higher number.
import { expect, test } from 'vitest'
import { alice, chat, bob } from './chats/chain.suite.ts'
import { claimFence } from './claim-fence.ts'
import { openFence } from './fence.ts'
import { openLocal, putChat, type Local } from './local.ts'
import { testPorts } from './ports.suite.ts'
import { breakable } from './store/breakable.suite.ts'
import { memoryStores } from './store/memory-store.ts'
import { put } from './store/store.ts'
import { newChatRow } from './store/rows.ts'

const members = [alice, bob].map((id) => ({ id, name: id }))

test('I7: each claim is higher; a write of the one before is refused whole, also a rebase, and it is told once', async () => {
  const { ports } = testPorts()
  const factory = memoryStores()
  const open = (): Promise<Local> => openLocal({ self: alice, factory, name: 'x', ports, told: () => {}, outdated: () => {} })
  const first = await open()
  const second = await open()
  await first.commit(putChat(undefined, newChatRow(chat, members, 0)))
  let lost = 0
  const mine = openFence(first, await claimFence(first, 0), ports, () => lost++)
  expect(await mine.local.commit([put('documents', { name: 'mine', chat })])).toBe(true)
  expect([await mine.holds(), lost]).toEqual([true, 0])

  const theirs = openFence(second, await claimFence(second, 0), ports, () => {})
  await expect(mine.local.commit([put('documents', { name: 'late', chat })])).rejects.toThrow('Another tab leads now.')
  await expect(mine.local.update(chat, (row) => putChat(row, { ...row, n: row.n + 1 }))).rejects.toThrow('Another tab leads now.')
  expect([await mine.holds(), lost]).toEqual([false, 3])
  expect((await second.store.all('documents')).map(({ name }) => name)).toEqual(['mine'])
  expect((await second.store.get('chats', chat))?.n).toBe(0)
  // The person's own writing needs no number.
  expect(await first.commit([put('meta', { key: 'x', value: 'y' })])).toBe(true)
  await second.rereadAll()
  await theirs.local.update(chat, (row) => putChat(row, { ...row, n: row.n + 1 }))
  expect((await first.store.get('chats', chat))?.n).toBe(1)
})

test('I7: a write that slept on its way is looked up again before anything follows from it', async () => {
  const { ports, clock } = testPorts()
  const factory = memoryStores()
  const local = await openLocal({ self: alice, factory, name: 'x', ports, told: () => {}, outdated: () => {} })
  const fence = openFence(
    {
      ...local,
      commit: async (changes, durable) => {
        const done = await local.commit(changes, durable)
        // Stopped after the write, and robbed in its sleep.
        await claimFence(local, 0)
        await clock.advance(5_000)
        return done
      },
    },
    await claimFence(local, 0),
    ports,
    () => {},
  )
  await expect(fence.local.commit([put('meta', { key: 'x', value: 'y' })])).rejects.toThrow('Another tab leads now.')
})

test('I7, promise 1: who leads without its disk is believed by tabs that knew the leader before, and none that has the disk is taken for an older one', async () => {
  const { ports } = testPorts()
  const { disk, state } = breakable()
  const open = (): Promise<Local> => openLocal({ self: alice, factory: disk, name: 'x', ports, told: () => {}, outdated: () => {} })
  const [blind, sound] = [await open(), await open()]
  const known = await claimFence(sound, 0)
  state.broken = true
  const first = await claimFence(blind, known)
  const second = await claimFence(blind, first)
  expect([blind.store.failed, sound.store.failed]).toEqual([true, false])
  state.broken = false
  const next = await claimFence(sound, known)
  expect([known < first, first < second, second < next]).toEqual([true, true, true])
})
