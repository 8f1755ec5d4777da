// The chat's pinned messages as they stand in its row: they are read under the lock that every commit holds anyway.
import { foldPins, type AnyOperation, type MessageState, type Pin } from '@skein/protocol'
import type { ChatsTable } from '../schema.ts'

export interface PinRow extends Pin {
  seq: number
}

export const pinsOf = ({ pins }: Pick<ChatsTable, 'pins'>): readonly PinRow[] => (pins === null ? [] : (JSON.parse(pins) as PinRow[]))

/** Whether an accepted operation about this message changes what is pinned; the row has it then. */
export function changePins(chat: ChatsTable, operation: AnyOperation, { authorId, id, seq }: MessageState): boolean {
  const before = pinsOf(chat)
  const after = foldPins(before, operation, { authorId, id, seq })
  if (after !== before) chat.pins = after.length > 0 ? JSON.stringify(after) : null
  return after !== before
}
