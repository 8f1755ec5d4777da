// People and words put in from the server's side, through the same write path as everybody's: what the demo and `npm run seed` are made of.
import { canonicalJson, directChatId, uuidOf, type ChatId, type Operation, type UserId } from '@skein/protocol'
import type { CommitItem, Storage } from '@skein/storage'
import type { Ports } from './ports.ts'

/** An operation without what every operation has. */
type Words = Operation extends infer O ? (O extends Operation ? Omit<O, 'id' | 'at'> : never) : never

/** The item that stores what `userId` says at `at` (milliseconds). */
export function said(ports: Ports, chatId: ChatId, userId: UserId, at: number, words: Words): CommitItem & { kind: 'operation' } {
  const operation: Operation = { ...words, id: uuidOf(ports.randomBytes(16), 4), at: new Date(at).toISOString() }
  return { kind: 'operation', chatId, userId, operation, text: canonicalJson(operation) }
}

export async function openDirectChat(storage: Storage, ports: Ports, one: UserId, other: UserId): Promise<ChatId> {
  const id = directChatId(one, other, ports.sha256)
  await storage.createChat({ id, kind: 'direct', title: null, by: one, members: [one, other] })
  return id
}

/** Stores all of them, in order, or throws. */
export async function store(storage: Storage, items: CommitItem[]): Promise<void> {
  for (const outcome of await storage.commit(items)) if (!outcome.ok) throw new Error(`The database took none of it: ${outcome.reason}`)
}
