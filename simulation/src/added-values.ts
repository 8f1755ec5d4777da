// What an update adds to a document, root by root.
import * as Y from 'yjs'

/** Applies it; the values of each root that were not there before. */
export function addedBy(document: Y.Doc, update: Uint8Array): Map<string, unknown[]> {
  const added = new Map<string, unknown[]>()
  const gather = (transaction: Y.Transaction): void => {
    for (const [client, clock] of transaction.afterState) {
      const from = transaction.beforeState.get(client) ?? 0
      if (from === clock) continue
      for (const struct of document.store.clients.get(client) ?? []) {
        if (struct.id.clock + struct.length <= from || !(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentAny)) continue
        const root = [...document.share].find(([, type]) => type === struct.parent)?.[0] ?? ''
        added.set(root, [...(added.get(root) ?? []), ...(struct.content.arr as unknown[]).slice(Math.max(0, from - struct.id.clock))])
      }
    }
  }
  document.on('afterTransaction', gather)
  Y.applyUpdate(document, update)
  document.off('afterTransaction', gather)
  return added
}
