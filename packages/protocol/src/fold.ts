// The reduction: from the chain's entries to the chat that people see. Pure, and the only place that knows what an operation does; server, engine and tests all use it.
import { operationHash } from './chain.ts'
import type { Entry } from './entries.ts'
import type { ChatId, OperationId, Sha256, UserId } from './ids.ts'
import { MAX_PINS, MAX_REACTIONS_PER_PERSON } from './limits.ts'
import { isEmoji, type AnyOperation, type MessageOperation, type Operation } from './operations.ts'
import type { RefusalCode } from './reasons.ts'

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

/** Whose message an operation aims at; null where the operation leaves it open (then: the one with the lowest rev). */
export function targetAuthor(operation: AnyOperation, author: UserId): UserId | null {
  if (operation.type === 'edit' || operation.type === 'delete') return operation.targetAuthor ?? author
  return 'targetAuthor' in operation ? (operation.targetAuthor ?? null) : null
}

/** Why a well-formed operation is not allowed; null when it is. `target` is the message it aims at, as it stands before it. */
export function judge(operation: Operation, author: UserId, target: MessageState | undefined): RefusalCode | null {
  if (operation.type === 'message') return null
  if ((operation.type === 'edit' || operation.type === 'delete') && targetAuthor(operation, author) !== author) return 'not-yours'
  if (!target) return 'no-such-message'
  // Deleting twice, from two devices, is no mistake of the person's; nor is taking out what went with its message.
  if (operation.type === 'delete' || (operation.type === 'pin' && !operation.on)) return null
  if (target.deletedAt !== null) return 'deleted'
  if (operation.type === 'react' && operation.on) {
    if (!isEmoji(operation.emoji)) return 'no-emoji'
    const own = target.reactions.filter((reaction) => reaction.userId === author)
    if (own.length >= MAX_REACTIONS_PER_PERSON && !own.some((reaction) => reaction.emoji === operation.emoji)) return 'too-many-reactions'
  }
  return null
}

/** The message that an accepted `message` entry makes. */
export function messageOf(entry: Entry, operation: MessageOperation): MessageState {
  return {
    id: entry.id,
    authorId: entry.authorId,
    seq: entry.seq,
    rev: entry.rev,
    text: operation.text,
    createdAt: Date.parse(operation.at),
    receivedAt: entry.at,
    editedAt: null,
    deletedAt: null,
    replyTo: operation.replyTo ?? null,
    replyToAuthor: operation.replyToAuthor ?? null,
    mentions: operation.mentions ?? [],
    forwardedFrom: operation.forwardedFrom ?? null,
    reactions: [],
  }
}

/** What an entry of an accepted message shows once its words are erased: a function of the entry alone, so that it is the same wherever and whenever it is made. */
export function messageOfErased({ id, authorId, seq, rev, at }: Pick<Entry, 'id' | 'authorId' | 'seq' | 'rev' | 'at'>): MessageState {
  const state = { id, authorId, seq, rev, text: '', createdAt: at, receivedAt: at, editedAt: null, deletedAt: at }
  return { ...state, replyTo: null, replyToAuthor: null, mentions: [], forwardedFrom: null, reactions: [] }
}

/** The entry without its words and salt; the hash that the chain covers stays. */
export function eraseEntry<E extends Entry>(entry: E, sha256: Sha256): E {
  const { salt, operation } = entry
  return operation && salt !== null ? { ...entry, salt: null, operation: null, hash: operationHash(salt, operation, sha256) } : entry
}

/** Of two states of one message the one that stands: what is deleted stays deleted, what is erased stays erased (its rev is the lowest), else the later one. */
export function standing<M extends MessageState>(a: M, b: M): M {
  if ((a.deletedAt === null) !== (b.deletedAt === null)) return a.deletedAt === null ? b : a
  return (a.deletedAt === null ? a.rev >= b.rev : a.rev <= b.rev) ? a : b
}

/** What an accepted entry makes of the message it aims at. An entry that the message has already seen (by rev) changes nothing, and nothing changes what is deleted. */
export function fold(target: MessageState, entry: Entry, operation: Operation): MessageState {
  if (entry.rev <= target.rev || entry.code || target.deletedAt !== null) return target
  const { rev } = entry
  if (operation.type === 'edit') return { ...target, rev, text: operation.text, editedAt: entry.at }
  if (operation.type === 'delete') return { ...target, rev, text: '', deletedAt: entry.at, mentions: [], forwardedFrom: null, reactions: [] }
  if (operation.type !== 'react') return target
  const others = target.reactions.filter((r) => r.userId !== entry.authorId || r.emoji !== operation.emoji)
  if (operation.on === others.length < target.reactions.length) return { ...target, rev }
  return { ...target, rev, reactions: operation.on ? [...others, { emoji: operation.emoji, userId: entry.authorId, rev }] : others }
}

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
