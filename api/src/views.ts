// What goes out: the shapes of the stable surface, and nothing beside them.
import { chatDocument, viewOf, type ChatId, type Entry, type MessageView, type UserId } from '@skein/protocol'
import type { ChatSummary, FeedLine, Marks, Member, ReusedSession, Session, User } from '@skein/storage'

/** Oneself. */
export const accountView = ({ id, email, emailConfirmedAt, name, avatarUrl }: User) => ({
  id,
  email,
  emailConfirmed: emailConfirmedAt !== null,
  name,
  avatarUrl,
})

/** A session that ended since a token of its came twice. */
export const reusedView = ({ id, device, at }: ReusedSession) => ({ id, device, at: new Date(at).toISOString() })

export interface SessionView {
  id: string
  device: string | null
  createdAt: string
  lastUsedAt: string
  current: boolean
}

export const sessionView = ({ id, device, createdAt, lastUsedAt }: Session, current: string): SessionView => ({
  id,
  device,
  createdAt: new Date(createdAt).toISOString(),
  lastUsedAt: new Date(lastUsedAt).toISOString(),
  current: id === current,
})

export interface PersonView {
  id: UserId
  name: string
  avatarUrl: string | null
  online: boolean
  lastSeenAt: string | null
}

/** Anybody: never the email. */
export const personView = ({ id, name, avatarUrl, lastSeenAt }: User, online: boolean): PersonView => ({
  id,
  name,
  avatarUrl,
  online,
  lastSeenAt: lastSeenAt === null ? null : new Date(lastSeenAt).toISOString(),
})

export const memberView = ({ id, name }: Member): Member => ({ id, name })

export interface ChatView {
  id: ChatId
  kind: 'direct' | 'group'
  title: string | null
  members: Member[]
  marks: Record<UserId, Marks>
  document: string
  lastMessage: MessageView | null
  unread: number
  rev: number
  seq: number
  erasedPos: number
}

export function chatView({ id, kind, title, members, marks, epoch, lastMessage, unread, rev, seq, erasedPos }: ChatSummary): ChatView {
  return {
    id,
    kind,
    title: kind === 'direct' ? null : title,
    members: members.map(memberView),
    marks,
    document: chatDocument(id, epoch),
    lastMessage: lastMessage && viewOf(id, lastMessage),
    unread,
    rev,
    seq,
    erasedPos,
  }
}

export const feedLineView = ({ id, epoch, rev, head, seq, markPos, removed }: FeedLine): Omit<FeedLine, 'epoch'> & { document: string } => ({
  id,
  document: chatDocument(id, epoch),
  rev,
  head,
  seq,
  markPos,
  removed,
})

/** `hash` stands there only in the place of an operation that was erased. */
export type EntryView = Omit<Entry, 'hash'> & { hash?: string | null }

export function entryView({ rev, seq, kind, code, at, authorId, id, salt, tag, operation, hash }: Entry): EntryView {
  const view = { rev, seq, kind, code, at, authorId, id, salt, tag, operation }
  return operation ? view : { ...view, hash }
}
