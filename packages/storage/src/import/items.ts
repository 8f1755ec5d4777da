// What an imported message becomes: entries like everybody's, each with the time at which another server stored it.
import { canonicalJson, uuidOf, type ChatId, type Checked, type Operation, type OperationId, type UserId } from '@skein/protocol'
import type { CommitItem, StoragePorts } from '../types.ts'

/** A message as it stood when it was exported. Times in milliseconds. */
export interface ImportedMessage {
  authorId: UserId
  /** The `message` operation that makes it, with the words that it had at last; those of a deleted one are `DELETED_WORDS`. */
  checked: Checked
  receivedAt: number
  editedAt: number | null
  deletedAt: number | null
  /** In the order in which they came; none where it is deleted. */
  reactions: { emoji: string; userIds: readonly UserId[] }[]
}

/** An operation needs words: these stand where a deleted message had some, until they are erased like any others. */
export const DELETED_WORDS = '—'

export type ImportItem = CommitItem & { kind: 'operation'; at: number }
export interface TimedItem {
  at: number
  item: ImportItem
}

type Without<T> = T extends unknown ? Omit<T, 'id' | 'at'> : never

/** Entries at the message's own time, and those that came later. */
export function itemsOf(
  chatId: ChatId,
  message: ImportedMessage,
  { randomBytes }: Pick<StoragePorts, 'randomBytes'>,
): [now: TimedItem[], later: TimedItem[]] {
  const { authorId, checked, receivedAt, editedAt, deletedAt, reactions } = message
  const { operation } = checked
  const target = { target: operation.id, targetAuthor: authorId }
  const timed = (at: number, userId: UserId, what: Operation, text: string): TimedItem => ({
    at,
    item: { kind: 'operation', chatId, userId, operation: what, text, at },
  })
  const made = (at: number, userId: UserId, what: Without<Operation>): TimedItem => {
    const id: OperationId = uuidOf(randomBytes(16), 4)
    const whole: Operation = { ...what, id, at: new Date(at).toISOString() }
    return timed(at, userId, whole, canonicalJson(whole))
  }
  const now = [timed(receivedAt, authorId, operation, checked.text)]
  for (const { emoji, userIds } of reactions)
    for (const user of userIds) now.push(made(receivedAt, user, { type: 'react', ...target, emoji, on: true }))
  const later: TimedItem[] = []
  // Of the words before an edit an export knows nothing: it says that there was one.
  const words = operation.type === 'message' ? operation.text : ''
  if (editedAt !== null) later.push(made(editedAt, authorId, { type: 'edit', ...target, text: words }))
  if (deletedAt !== null) later.push(made(deletedAt, authorId, { type: 'delete', ...target }))
  return [now, later]
}

/** What is still to happen, the earliest first; of one time in the order in which it was put here. */
export class Later {
  readonly #items: TimedItem[] = []

  put(one: TimedItem): void {
    let [low, high] = [0, this.#items.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#items[middle]?.at ?? 0) <= one.at) low = middle + 1
      else high = middle
    }
    this.#items.splice(low, 0, one)
  }
  /** Takes what happened until then. */
  take(until: number): TimedItem[] {
    const count = this.#items.findIndex(({ at }) => at > until)
    return this.#items.splice(0, count < 0 ? this.#items.length : count)
  }
}
