import * as fake from 'fake-indexeddb'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'
import { sqliteStores } from '../node/sqlite-store.ts'
import { storeContract } from './store.suite.ts'
import { indexedDbStores } from './indexeddb-store.ts'
import { memoryStores } from './memory-store.ts'
import { put } from './store.ts'

Object.assign(globalThis, fake)

storeContract('memory', () => ({ factory: memoryStores(), dispose: () => {} }))
storeContract('SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skein-store-'))
  return { factory: sqliteStores(folder), dispose: () => rmSync(folder, { recursive: true }) }
})
storeContract('IndexedDB', () => {
  globalThis.indexedDB = new fake.IDBFactory()
  return { factory: indexedDbStores(), dispose: () => {} }
})

test('I2: another tab that deletes the database is let through, and the loss is told', async () => {
  globalThis.indexedDB = new fake.IDBFactory()
  let lost = 0
  const store = await indexedDbStores().open('a', () => lost++)
  await indexedDbStores().remove('a')
  expect(lost).toBe(1)
  await expect(store.get('meta', 'x')).rejects.toThrow()
})

test('I1: an aborted transaction is a rejection, and nothing of it is stored', async () => {
  globalThis.indexedDB = new fake.IDBFactory()
  const store = await indexedDbStores().open('a', () => {})
  const uncloneable = { key: 'y', value: 'ok', trap: () => {} }
  await expect(store.write([put('meta', { key: 'x', value: 'one' }), put('meta', uncloneable)], true)).rejects.toThrow()
  expect(await store.all('meta')).toEqual([])
})
