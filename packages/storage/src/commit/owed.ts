// What an entry leaves to the eraser: where the words of an edit stand, and that those of a message are to go (ERASE-1).
import { targetAuthor, type ChatId, type MessageState } from '@skein/protocol'
import type { DeletionsTable, EditsTable } from '../schema.ts'
import type { StoredEntry } from '../types.ts'

/** In place of a message's seq: of edits whose message is not in the chat. After a restore it may come behind them. */
export const NO_MESSAGE = 0

export function owedBy(
  chat: ChatId,
  { rev, authorId, code, operation }: StoredEntry,
  target: Pick<MessageState, 'authorId' | 'seq' | 'deletedAt'> | undefined,
  now: number,
): { edits: EditsTable[]; deletions: DeletionsTable[] } {
  const isEdit = operation?.type === 'edit'
  if ((!isEdit && operation?.type !== 'delete') || targetAuthor(operation, authorId) !== authorId) return { edits: [], deletions: [] }
  const seq = target?.seq ?? NO_MESSAGE
  // An edit that came after the deletion holds words of what was deleted, too.
  const isGone = target ? target.deletedAt !== null : code === 'deleted'
  return {
    edits: isEdit ? [{ chat_id: chat, seq, rev }] : [],
    deletions: (target || isEdit) && isEdit === isGone ? [{ chat_id: chat, seq, at: now }] : [],
  }
}
