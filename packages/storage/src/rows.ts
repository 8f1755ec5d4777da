// Between rows and what the storage hands out.
import { base64url, type AnyOperation, type ChatId, type MessageState, type Reaction, type Sha256, type UserId } from '@skein/protocol'
import type { ChatMembersTable, ChatsTable, MessagesTable, OperationsTable, ReactionsTable, UsersTable } from './schema.ts'
import type { Account, ChatRow, Member, Mine, StoredEntry, User } from './types.ts'

export function toChat(row: ChatsTable): ChatRow {
  const { id, kind, title, epoch, rev, seq, pos, head } = row
  return {
    id,
    kind,
    title,
    titleAt: row.title_at,
    pictureUrl: row.picture_url,
    pictureAt: row.picture_at,
    blocked: row.blocked === 1,
    fromJoining: row.from_joining === 1,
    epoch,
    baseRev: row.base_rev,
    baseSeq: row.base_seq,
    rev,
    seq,
    pos,
    markPos: row.mark_pos,
    head,
    createdAt: row.created_at,
    lastAt: row.last_at,
  }
}

/** Somebody who is in a chat from now on, and may do nothing but write. The columns stand as they are read, so that new and old rows are written by one statement. */
export const memberRow = (
  chat: ChatId,
  user: UserId,
  joinedRev: number,
  marks: Pick<ChatMembersTable, 'delivered_seq' | 'seen_seq'> = { delivered_seq: 0, seen_seq: 0 },
): ChatMembersTable => ({
  chat_id: chat,
  user_id: user,
  joined_rev: joinedRev,
  left_rev: null,
  left_at: null,
  delivered_seq: marks.delivered_seq,
  seen_seq: marks.seen_seq,
  may_invite: 0,
  may_remove: 0,
  invite_at: 0,
  remove_at: 0,
  muted_until: null,
  pinned: 0,
  archived: 0,
  mine_at: 0,
  draft: null,
  unread_after: null,
  hidden: null,
  from_rev: 0,
  from_seq: 0,
})

export const mineColumns = ['muted_until', 'pinned', 'archived', 'mine_at', 'draft', 'unread_after', 'hidden'] as const
export type MineRow = Pick<ChatMembersTable, (typeof mineColumns)[number]>
export const toMine = ({ muted_until, pinned, archived, mine_at, draft, unread_after, hidden }: MineRow): Mine => ({
  mutedUntil: muted_until,
  pinned: pinned === 1,
  archived: archived === 1,
  changedAt: mine_at,
  draft: draft ?? '',
  unreadAfter: unread_after,
  hidden: hidden === null ? [] : (JSON.parse(hidden) as number[]),
})

export const memberColumns = ['users.id', 'users.name', 'may_invite', 'may_remove'] as const
export const toMember = ({
  id,
  name,
  may_invite,
  may_remove,
}: Pick<ChatMembersTable, 'may_invite' | 'may_remove'> & { id: UserId; name: string }): Member => ({
  id,
  name,
  mayInvite: may_invite === 1,
  mayRemove: may_remove === 1,
})

export function toEntry(row: OperationsTable): StoredEntry {
  const { rev, seq, kind, code, at, salt, tag, hash } = row
  const operation = row.operation === null ? null : (JSON.parse(row.operation) as AnyOperation)
  return { rev, seq, kind, code, at, authorId: row.author_id, id: row.operation_id, salt, tag, operation, hash, carried: row.carried === 1 }
}

export function fromEntry(chat: ChatId, entry: StoredEntry, text: string | null, head: OperationsTable['head']): OperationsTable {
  const { rev, seq, kind, code, at, salt, tag, hash } = entry
  return {
    chat_id: chat,
    rev,
    seq,
    kind,
    code,
    at,
    author_id: entry.authorId,
    operation_id: entry.id,
    salt,
    tag,
    operation: text,
    hash,
    head,
    carried: entry.carried ? 1 : 0,
  }
}

export function toMessage(row: MessagesTable, reactions: Reaction[]): MessageState {
  return {
    id: row.operation_id,
    authorId: row.author_id,
    seq: row.seq,
    rev: row.rev,
    text: row.text,
    createdAt: row.created_at,
    receivedAt: row.received_at,
    editedAt: row.edited_at,
    deletedAt: row.deleted_at,
    replyTo: row.reply_to,
    replyToAuthor: row.reply_to_author,
    mentions: JSON.parse(row.mentions) as UserId[],
    forwardedFrom: row.forwarded_from === null ? null : (JSON.parse(row.forwarded_from) as MessageState['forwardedFrom']),
    reactions: reactions.sort((a, b) => a.rev - b.rev),
  }
}

export function fromMessage(chat: ChatId, message: MessageState): MessagesTable {
  return {
    chat_id: chat,
    seq: message.seq,
    operation_id: message.id,
    author_id: message.authorId,
    rev: message.rev,
    text: message.text,
    created_at: message.createdAt,
    received_at: message.receivedAt,
    edited_at: message.editedAt,
    deleted_at: message.deletedAt,
    reply_to: message.replyTo,
    reply_to_author: message.replyToAuthor,
    mentions: JSON.stringify(message.mentions),
    forwarded_from: message.forwardedFrom === null ? null : JSON.stringify(message.forwardedFrom),
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const toReaction = (row: ReactionsTable): Reaction => ({ emoji: decoder.decode(row.emoji), userId: row.user_id, rev: row.rev })

export function fromReaction(chat: ChatId, seq: number, { userId, emoji, rev }: Reaction): ReactionsTable {
  return { chat_id: chat, seq, user_id: userId, emoji: encoder.encode(emoji), rev }
}

/** Messages with their reactions, in the order of the messages; both of one chat. */
export function toMessages(messages: MessagesTable[], reactions: ReactionsTable[]): MessageState[] {
  const bySeq = new Map<number, Reaction[]>()
  for (const row of reactions) {
    const list = bySeq.get(row.seq)
    if (list) list.push(toReaction(row))
    else bySeq.set(row.seq, [toReaction(row)])
  }
  return messages.map((row) => toMessage(row, bySeq.get(row.seq) ?? []))
}

/** Emails are one when they differ by case or by blanks around them, on every database (D8). */
export const emailKey = (email: string): string => email.trim().toLowerCase()
export const nameKey = (name: string): string => name.trim().toLowerCase()

/** Stands in place of the hash where somebody logs in by another issuer alone; no password has it. */
export const NO_PASSWORD = 'none'
/** Stands before the hash of an issuer's token where a session has that in place of a refresh token's. */
export const ISSUED = 'issued:'
/** Stands in place of the email of who has none: the column is unique, and no email begins like this. */
export const withoutEmail = (id: UserId): string => `none:${id}`

export function toUser(row: UsersTable): User {
  const { id, name } = row
  return {
    id,
    email: row.email === withoutEmail(id) ? null : row.email,
    name,
    avatarUrl: row.avatar_url,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    disabledAt: row.disabled_at,
    emailConfirmedAt: row.email_confirmed_at,
  }
}

/** null for who is not there, or was erased. */
export const toAccount = (row: UsersTable | undefined): Account | null =>
  row && row.password_hash !== '' ? { ...toUser(row), passwordHash: row.password_hash === NO_PASSWORD ? null : row.password_hash } : null

/** Members as they stand in an epoch's `info`: SHA-256 over their ids, sorted, joined by line feeds. */
export const membersHash = (members: readonly UserId[], sha256: Sha256): string => base64url(sha256(encoder.encode([...members].sort().join('\n'))))
