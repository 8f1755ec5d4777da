// Local copies of live documents in IndexedDB, by y-indexeddb. Loaded with the live documents themselves.
import { IndexeddbPersistence } from 'y-indexeddb'
import type { DocumentCache } from '../ports.ts'

export const openDocumentCache: DocumentCache['open'] = (name, doc) => {
  const persistence = new IndexeddbPersistence(name, doc)
  // Closed by the browser or by another tab, it would throw in the middle of whoever changes the document.
  persistence.on('synced', () => {
    for (const event of ['close', 'versionchange']) persistence.db?.addEventListener(event, () => (persistence.db = null))
  })
  return { loaded: persistence.whenSynced, close: () => persistence.destroy() }
}
