// Everything that decides about a group, read after the chats' rows are locked, and kept up to date while the items are decided one by one.
import type { ChatId, EpochName, MessageState, OperationId, UserId } from '@skein/protocol'
import type { ChatMembersTable, ChatsTable } from '../schema.ts'
import type { StoredEntry } from '../types.ts'

/** Keys of the maps; none of the parts holds a blank. */
export const keyOf = (...parts: (string | number)[]): string => parts.join(' ')

export interface StoredOperation {
  entry: StoredEntry
  /** Canonical; null once erased. */
  text: string | null
}

/** The messages that a group's operations aim at, and those that it makes. */
export class Messages {
  readonly #byKey = new Map<string, MessageState>()
  readonly #firstById = new Map<string, UserId>()

  /** The newest state of a message. Of several with one id, from several authors, the first to be put here is the one with the lowest rev. */
  put(chat: ChatId, message: MessageState): void {
    this.#byKey.set(keyOf(chat, message.authorId, message.id), message)
    const id = keyOf(chat, message.id)
    if (!this.#firstById.has(id)) this.#firstById.set(id, message.authorId)
  }

  /** `author` null: the message with the lowest rev under this id. */
  get(chat: ChatId, author: UserId | null, id: OperationId): MessageState | undefined {
    const owner = author ?? this.#firstById.get(keyOf(chat, id))
    return owner === undefined ? undefined : this.#byKey.get(keyOf(chat, owner, id))
  }
}

export interface Known {
  /** Of the chats that exist. */
  chats: Map<ChatId, ChatsTable>
  /** By chat and person: who is or was a member. */
  members: Map<string, ChatMembersTable>
  /** By chat, epoch and Yjs client id. */
  owners: Map<string, UserId>
  /** By chat, epoch and person: how many client ids they own. */
  clientCounts: Map<string, number>
  /** By chat, author and id. */
  operations: Map<string, StoredOperation>
  messages: Messages
}

export const isMember = ({ members }: Known, chat: ChatId, user: UserId): boolean => members.get(keyOf(chat, user))?.left_rev === null
export const ownerKey = (chat: ChatId, epoch: EpochName, client: number): string => keyOf(chat, epoch, client)
