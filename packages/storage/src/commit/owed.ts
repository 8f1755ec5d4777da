// What an entry leaves to the eraser: where the words of an edit stand, and that those of a message are to go (ERASE-1).
import { targetAuthor, type ChatId, type MessageState } from '@skein/protocol'
import type { DeletionsTable, EarlyEditsTable, EditsTable } from '../schema.ts'
import type { StoredEntry } from '../types.ts'

export interface Owed {
  edits: EditsTable[]
  earlyEdits: EarlyEditsTable[]
  deletions: DeletionsTable[]
}

export function addOwed(
  owed: Owed,
  chat: ChatId,
  { rev, authorId, operation }: StoredEntry,
  target: Pick<MessageState, 'seq' | 'deletedAt'> | undefined,
  now: number,
): void {
  if ((operation?.type !== 'edit' && operation?.type !== 'delete') || targetAuthor(operation, authorId) !== authorId) return
  const isEdit = operation.type === 'edit'
  if (!target) {
    if (isEdit) owed.earlyEdits.push({ chat_id: chat, author_id: authorId, target: operation.target, rev })
    return
  }
  if (isEdit) owed.edits.push({ chat_id: chat, seq: target.seq, rev })
  // An edit that came after the deletion holds words of what was deleted, too.
  if (isEdit === (target.deletedAt !== null)) owed.deletions.push({ chat_id: chat, seq: target.seq, at: now })
}
