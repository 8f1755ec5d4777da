// The contract of a local store; every implementation runs it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseChatId } from '@skein/protocol'
import type { MarkRow } from './rows.ts'
import { expectField, put, type Change, type LocalStore, type StoreFactory } from './store.ts'

const chat = parseChatId('0'.repeat(26))
const meta = (key: string, value: string): Change => put('meta', { key, value })
const entry = (group: string, order: number): Change => ({ put: 'entries', key: `${group}/${order}`, group, order, row: { rev: order } })

export function storeContract(name: string, make: () => { factory: StoreFactory; dispose(): void }): void {
  describe(`the local store, ${name}`, () => {
    let factory: StoreFactory
    let dispose: () => void
    let store: LocalStore
    beforeEach(async () => {
      ;({ factory, dispose } = make())
      store = await factory.open('a', () => {})
    })
    afterEach(async () => {
      await store.close()
      dispose()
    })

    test('gives back what was put, and nothing where nothing is', async () => {
      expect(await store.write([meta('x', 'one')], true)).toBe(true)
      expect(await store.get('meta', 'x')).toEqual({ key: 'x', value: 'one' })
      expect(await store.get('meta', 'y')).toBeUndefined()
      expect(await store.all('meta')).toEqual([{ key: 'x', value: 'one' }])
    })

    test('writes in order, all or nothing', async () => {
      await store.write([meta('x', 'one'), meta('x', 'two'), meta('y', 'three'), { remove: 'meta', key: 'y' }], false)
      expect(await store.all('meta')).toEqual([{ key: 'x', value: 'two' }])
      const kept = await store.write([meta('z', 'new'), expectField('meta', 'x', 'value', 'one')], false)
      expect(kept).toBe(false)
      expect(await store.get('meta', 'z')).toBeUndefined()
    })

    test('a write whose expectation holds goes through; null expects no row', async () => {
      const row: MarkRow = { chat, marks: [1, 2] }
      expect(await store.write([expectField('marks', chat, 'marks', null), put('marks', row)], true)).toBe(true)
      expect(await store.write([expectField('marks', chat, 'marks', null), put('marks', row)], true)).toBe(false)
      expect(await store.write([expectField('marks', chat, 'marks', [1, 2]), put('marks', { chat, marks: [3, 3] })], true)).toBe(true)
      expect(await store.get('marks', chat)).toEqual({ chat, marks: [3, 3] })
    })

    test('lists a group in order, either way, within bounds', async () => {
      await store.write([entry('b', 1), entry('a', 10), entry('a', 2), entry('a', 1), entry('a', 3)], false)
      const revs = async (range: object): Promise<number[]> => (await store.list('entries', { group: 'a', ...range })).map(({ rev }) => rev)
      expect(await revs({})).toEqual([1, 2, 3, 10])
      expect(await revs({ newestFirst: true, limit: 2 })).toEqual([10, 3])
      expect(await revs({ from: 2, to: 3 })).toEqual([2, 3])
      expect(await revs({ from: 2, limit: 1 })).toEqual([2])
      expect(await revs({ to: 9, newestFirst: true, limit: 1 })).toEqual([3])
      expect(await revs({ from: 1, to: 0 })).toEqual([])
    })

    test('deletes a group and no other', async () => {
      await store.write([entry('b', 1), entry('a', 2)], false)
      await store.write([{ removeGroup: 'entries', group: 'a' }], false)
      expect((await store.all('entries')).map(({ rev }) => rev)).toEqual([1])
    })

    test('what is handed out is a copy', async () => {
      await store.write([meta('x', 'one')], false)
      const row = await store.get('meta', 'x')
      if (row) row.value = 'changed'
      expect(await store.get('meta', 'x')).toEqual({ key: 'x', value: 'one' })
    })

    test('I4, promise 1: what was written durably is there after the store was closed', async () => {
      await store.write([meta('x', 'one')], true)
      await store.close()
      store = await factory.open('a', () => {})
      expect(await store.get('meta', 'x')).toEqual({ key: 'x', value: 'one' })
    })

    test('W7: stores of two names share nothing; a removed one is empty', async () => {
      await store.write([meta('x', 'one')], false)
      const other = await factory.open('b', () => {})
      expect(await other.all('meta')).toEqual([])
      await other.close()
      await store.close()
      await factory.remove('a')
      store = await factory.open('a', () => {})
      expect(await store.all('meta')).toEqual([])
    })

    test('I2, I3: a closed store refuses instead of hanging', async () => {
      if (name === 'memory') return
      await store.close()
      await expect(store.write([meta('x', 'one')], true)).rejects.toThrow()
      await expect(store.get('meta', 'x')).rejects.toThrow()
    })
  })
}
