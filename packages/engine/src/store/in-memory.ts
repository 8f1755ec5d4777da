// What only memory has while the disk fails, for the way back to it.
import type { ChatId, OperationId } from '@skein/protocol'
import type { ChatRow, DocumentRow, MarkRow, OutboxRow } from './rows.ts'
import type { Change } from './store.ts'

export interface InMemory {
  /** What the disk may have of a word from this tab, undefined for nothing: as it was, and as each write made it of which nobody knows whether it was stored. */
  before: Map<OperationId, readonly (OutboxRow | undefined)[]>
  outbox: ReadonlyMap<OperationId, OutboxRow>
  marks: ReadonlyMap<ChatId, MarkRow>
  chats: ReadonlyMap<ChatId, ChatRow>
  /** Which chats were to be kept offline when the disk failed. */
  keptBefore: ReadonlyMap<ChatId, ChatRow['kept']>
  documents: readonly DocumentRow[]
}

export function noteWrite(before: InMemory['before'], changes: readonly Change[]): void {
  for (const change of changes) {
    const row = 'put' in change && change.put === 'outbox' ? (change.row as OutboxRow) : undefined
    const id = row?.id ?? ('remove' in change && change.remove === 'outbox' ? (change.key as OperationId) : null)
    if (id !== null) before.set(id, [...(before.get(id) ?? [undefined]), row])
  }
}
