import * as fake from 'fake-indexeddb'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { loadLateParts } from '../late.ts'
import { browserPorts } from './ports.ts'

await loadLateParts()

test('posting on a channel that is closed does nothing', () => {
  const channel = browserPorts().channel?.('a channel', () => {})
  channel?.close()
  expect(channel).toBeDefined()
  expect(() => channel?.post('late')).not.toThrow()
})

test('I2: a document goes on when the database of its local copy was closed by the browser or deleted by another tab', async () => {
  Object.assign(globalThis, { indexedDB: new fake.IDBFactory(), IDBKeyRange: fake.IDBKeyRange })
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
