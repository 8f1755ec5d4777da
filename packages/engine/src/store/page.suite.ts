// What the browser tests of the local store run inside a page: one person's outbox on the real IndexedDB.
import { parseChatId, parseUserId, type OperationId } from '@skein/protocol'
import { browserPorts } from '../browser/ports.ts'
import { openLocal, putChat, type Local } from '../local.ts'
import { createOutboxWriter, type OutboxWriter } from '../outbox/write.ts'
import { indexedDbStores } from './indexeddb-store.ts'
import { newChatRow, sizeOf, type MessageRow } from './rows.ts'
import { put } from './store.ts'

export const STORE = 'skein page'
const self = parseUserId('a'.repeat(26))
const chat = parseChatId('c'.repeat(26))
let local: Local
let writer: OutboxWriter

export async function open(): Promise<void> {
  const ports = browserPorts()
  local = await openLocal({ self, factory: indexedDbStores(), name: STORE, ports, told: () => {}, outdated: () => {} })
  if (!local.chats.has(chat)) await local.commit(putChat(undefined, newChatRow(chat, [{ id: self, name: 'A' }], 0)))
  writer = createOutboxWriter(local, ports, () => {})
}

/** Sends words; which of them were said to be saved. */
export async function send(texts: string[]): Promise<boolean[]> {
  const ids: OperationId[] = []
  for (const text of texts) ids.push(await writer.send(chat, { text }))
  return ids.map((id) => !local.isUnsaved(id))
}

/** Old history, which the server has too: as many messages as given, of ten thousand letters each. */
export async function history(count: number): Promise<void> {
  await local.update(chat, (row) => {
    const rows = Array.from({ length: count }, (_, i): MessageRow => ({
      chat,
      id: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}` as OperationId,
      authorId: self,
      seq: i + 1,
      rev: i + 1,
      text: Array.from(crypto.getRandomValues(new Uint8Array(5_000)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
      createdAt: 0,
      receivedAt: 0,
      editedAt: null,
      deletedAt: null,
      replyTo: null,
      replyToAuthor: null,
      mentions: [],
      forwardedFrom: null,
      reactions: [],
    }))
    return [...rows.map((each) => put('messages', each)), ...putChat(row, { ...row, ranges: [[1, count]], bytes: sizeOf(rows) })]
  })
}

export const state = (): { texts: string[]; unsaved: number; failed: boolean; held: number } => {
  const rows = local.outboxOf(chat)
  return {
    texts: rows.map(({ operation }) => ('text' in operation ? operation.text : '')),
    unsaved: rows.filter(({ id }) => local.isUnsaved(id)).length,
    failed: local.store.failed,
    held: local.chats.get(chat)?.ranges[0]?.[0] ?? 0,
  }
}
