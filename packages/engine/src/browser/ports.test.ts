import * as fake from 'fake-indexeddb'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { loadLateParts } from '../late.ts'
import { browserPorts } from './ports.ts'

test('posting on a channel that is closed does nothing', () => {
  const channel = browserPorts().channel?.('a channel', () => {})
  channel?.close()
  expect(channel).toBeDefined()
  expect(() => channel?.post('late')).not.toThrow()
})

const withIndexedDb = (): unknown => Object.assign(globalThis, fake, { indexedDB: new fake.IDBFactory() })

test('W7: a local copy is deleted in a tab that never led, too', async () => {
  withIndexedDb()
  await new Promise((resolve) => {
    const request = indexedDB.open('a document')
    request.addEventListener('success', () => resolve(request.result.close()))
  })
  const { documentCache } = browserPorts()
  const databases = async (): Promise<number> => (await indexedDB.databases()).length
  expect(await databases()).toBe(1)
  await documentCache?.remove('a document')
  expect(await databases()).toBe(0)
})

test('I2: a document goes on when the database of its local copy was closed by the browser or deleted by another tab', async () => {
  withIndexedDb()
  await loadLateParts()
  const { documentCache } = browserPorts()
  const document = new Y.Doc()
  const copy = documentCache?.open('a document', document)
  await copy?.loaded
  document.getArray('words').push(['kept'])
  await documentCache?.remove('a document')
  expect(() => document.getArray('words').push(['and more'])).not.toThrow()
  expect(document.getArray('words').toArray()).toEqual(['kept', 'and more'])
  await copy?.close()
})
