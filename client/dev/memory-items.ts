// Ids, messages and chats for the in-memory engine.
import type { ChatEvent, ChatItem, MessageItem } from '@skein/engine'
import { uuidOf, type ChatId, type OperationId } from '@skein/protocol'

export interface MemoryChat {
  chat: ChatItem
  messages: MessageItem[]
  seen: number
  events?: ChatEvent[]
  /** Ids, the last pinned first. */
  pinned?: OperationId[]
}

export const newUuid = (): OperationId => uuidOf(crypto.getRandomValues(new Uint8Array(16)), 4)
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
export const newId = (): string => Array.from(crypto.getRandomValues(new Uint8Array(26)), (byte) => alphabet.charAt(byte & 31)).join('')

/** A chat in which nothing was said, with what it is given. */
export const chatOf = (given: Partial<ChatItem> & { title: string }): ChatItem => ({
  id: newId() as ChatId,
  kind: 'direct',
  peer: null,
  members: [],
  pictureUrl: null,
  picture: null,
  mentioned: false,
  mutedUntil: null,
  draft: '',
  pinned: false,
  archived: false,
  lastMessage: null,
  lastAt: Date.now(),
  unread: 0,
  markedUnread: false,
  offline: { state: 'off', held: 0, total: 0, bytes: 0 },
  removed: false,
  missing: 0,
  historyFrom: 0,
  history: 'all',
  ...given,
})

type ItemInput = Pick<MessageItem, 'chatId' | 'authorId' | 'own' | 'text'> & { at: number } & Partial<MessageItem>

export function itemOf({ at, ...rest }: ItemInput): MessageItem {
  const id = rest.id ?? newUuid()
  const time = new Date(at).toISOString()
  const unchanged = {
    editedAt: null,
    deletedAt: null,
    replyTo: null,
    mentions: [],
    reactions: [],
    unsaved: false,
    pending: false,
    problem: null,
    hidden: false,
  }
  return { ...unchanged, seq: 0, rev: 0, createdAt: time, receivedAt: time, status: 'sent', ...rest, id, key: `${rest.authorId}/${id}` }
}
