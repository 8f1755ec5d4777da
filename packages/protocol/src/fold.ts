// The reduction: from the chain's entries to the chat that people see. Pure, and with `pins.ts` the only place that knows what an operation does; server, engine and tests all use it.
import type { Entry } from './entries.ts'
import type { UserId } from './ids.ts'
import { MAX_REACTIONS_PER_PERSON } from './limits.ts'
import type { MessageState } from './messages.ts'
import { isEmoji, targetAuthor, type MessageOperation, type Operation } from './operations.ts'
import type { RefusalCode } from './reasons.ts'

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
