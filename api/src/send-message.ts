// A message sent over HTTP, exactly once for each idempotency key (promise 4).
import { checkOperation, messageOf, uuidOf, viewOf, type ChatId, type MessageView, type OperationId, type UserId } from '@skein/protocol'
import type { CommitOutcome } from '@skein/storage'
import type { ApiDependencies } from './ports.ts'
import { HttpError, refusalOf } from './problem.ts'

const encoder = new TextEncoder()

export function createMessageSender({ storage, sync, now, randomBytes, sha256 }: ApiDependencies) {
  /** The operation's id follows from the key, so that the database itself knows a repetition. */
  const idOf = (user: UserId, chat: ChatId, key: string | null): OperationId =>
    key === null ? uuidOf(randomBytes(16), 4) : uuidOf(sha256(encoder.encode(`${user}\n${chat}\n${key}`)), 8)

  async function offer(chat: ChatId, user: UserId, id: OperationId, text: string, at: number): Promise<CommitOutcome> {
    const checked = checkOperation({ type: 'message', id, text, at: new Date(at).toISOString() })
    if (checked === 'too-large') throw new HttpError('too-large')
    if (typeof checked === 'string') throw new HttpError('bad-request', `text: ${checked}`)
    return sync.commitOperation(chat, user, checked.operation, checked.text)
  }

  return async function send(chat: ChatId, user: UserId, text: string, key: string | null): Promise<{ message: MessageView; created: boolean }> {
    const id = idOf(user, chat, key)
    // A repetition is offered with the first one's time: then it is the same operation, unless its words are others.
    const earlier = key === null ? null : await storage.message(chat, user, id)
    let outcome = await offer(chat, user, id, text, earlier?.createdAt ?? now())
    if (!outcome.ok && outcome.reason === 'id-taken' && !earlier) {
      // The same key at the same moment: the other request was first.
      const first = await storage.message(chat, user, id)
      if (first) outcome = await offer(chat, user, id, text, first.createdAt)
    }
    if (!outcome.ok) throw refusalOf(outcome.reason)

    const [stored] = outcome.entries
    if (stored?.operation?.type === 'message') return { message: viewOf(chat, messageOf(stored, stored.operation)), created: true }
    const [repeated] = outcome.repeated
    if (repeated?.operation?.type === 'message' && repeated.operation.text !== text) throw new HttpError('key-reused')
    const message = await storage.message(chat, user, id)
    if (!message) throw new HttpError('key-reused')
    return { message: viewOf(chat, message), created: false }
  }
}
