// A message in its present state, and as it is shown.
import type { ChatId, OperationId, UserId } from './ids.ts'
import type { MessageOperation } from './operations.ts'

export interface Reaction {
  emoji: string
  userId: UserId
  /** The rev of the operation that set it. */
  rev: number
}

/** A message in its present state. Times in milliseconds. */
export interface MessageState {
  id: OperationId
  authorId: UserId
  seq: number
  /** The rev of its last change. */
  rev: number
  /** '' once deleted. */
  text: string
  /** When its author wrote it, by the author's clock. */
  createdAt: number
  /** When the server stored it. */
  receivedAt: number
  editedAt: number | null
  deletedAt: number | null
  replyTo: OperationId | null
  replyToAuthor: UserId | null
  mentions: UserId[]
  forwardedFrom: NonNullable<MessageOperation['forwardedFrom']> | null
  /** By rev. */
  reactions: Reaction[]
}

/** A message as HTTP and views show it. Times are ISO 8601. */
export interface MessageView {
  id: OperationId
  chatId: ChatId
  seq: number
  rev: number
  authorId: UserId
  text: string
  createdAt: string
  receivedAt: string
  editedAt: string | null
  deletedAt: string | null
  replyTo: OperationId | null
  mentions: UserId[]
  reactions: { emoji: string; userIds: UserId[] }[]
}

/** Reactions by emoji, in the order in which they came. */
export function groupReactions(reactions: Reaction[]): MessageView['reactions'] {
  const groups = new Map<string, UserId[]>()
  for (const { emoji, userId } of reactions) {
    const users = groups.get(emoji)
    if (users) users.push(userId)
    else groups.set(emoji, [userId])
  }
  return Array.from(groups, ([emoji, userIds]) => ({ emoji, userIds }))
}

const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString())

export function viewOf(chatId: ChatId, message: MessageState): MessageView {
  const { id, seq, rev, authorId, text, replyTo, mentions } = message
  return {
    id,
    chatId,
    seq,
    rev,
    authorId,
    text,
    createdAt: new Date(message.createdAt).toISOString(),
    receivedAt: new Date(message.receivedAt).toISOString(),
    editedAt: iso(message.editedAt),
    deletedAt: iso(message.deletedAt),
    replyTo,
    mentions,
    reactions: groupReactions(message.reactions),
  }
}
