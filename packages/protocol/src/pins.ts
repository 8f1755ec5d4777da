// The pinned messages of a chat.
import type { OperationId, UserId } from './ids.ts'
import { MAX_PINS } from './limits.ts'
import type { AnyOperation } from './operations.ts'

/** A pinned message, by its name. */
export interface Pin {
  authorId: UserId
  id: OperationId
}

/** What an accepted operation about a message leaves of the chat's pinned messages, the first pinned first. The same list: nothing. */
export function foldPins<P extends Pin>(pins: readonly P[], operation: AnyOperation, target: P): readonly P[] {
  if (operation.type !== 'pin' && operation.type !== 'delete') return pins
  const others = pins.filter(({ authorId, id }) => authorId !== target.authorId || id !== target.id)
  const isOn = operation.type === 'pin' && operation.on
  if (isOn === others.length < pins.length) return pins
  return isOn ? [...others, target].slice(-MAX_PINS) : others
}
