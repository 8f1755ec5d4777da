// What goes out: the shapes of the stable surface, and nothing beside them.
import { chatDocument, viewOf, type ChatId, type Entry, type MessageView, type OperationId, type UserId } from '@skein/protocol'
import type { ApiKey, ChatLink, ChatSummary, FeedLine, Marks, Member, Mine, Report, ReusedSession, Session, User, Webhook } from '@skein/storage'

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

export const memberView = ({ id, name, mayInvite, mayRemove }: Member): Member => ({ id, name, mayInvite, mayRemove })

export type MineView = Omit<Mine, 'mutedUntil' | 'changedAt'> & { mutedUntil: string | null; changedAt: string | null }

/** 0 stands for never. */
const instant = (at: number): string | null => (at === 0 ? null : new Date(at).toISOString())

export const mineView = ({ mutedUntil, pinned, archived, draft, unreadAfter, hidden, changedAt }: Mine): MineView => ({
  mutedUntil: mutedUntil === null ? null : new Date(mutedUntil).toISOString(),
  pinned,
  archived,
  draft,
  unreadAfter,
  hidden,
  changedAt: instant(changedAt),
})

export interface ChatView {
  id: ChatId
  kind: 'direct' | 'group'
  title: string | null
  titleAt: string | null
  pictureUrl: string | null
  pictureAt: string | null
  history: 'all' | 'joined'
  historyFrom: number
  members: Member[]
  marks: Record<UserId, Marks>
  document: string
  mine: MineView
  lastMessage: MessageView | null
  pins: { authorId: UserId; id: OperationId; message: MessageView | null }[]
  unread: number
  rev: number
  seq: number
  erasedPos: number
}

export function chatView({
  id,
  kind,
  title,
  titleAt,
  pictureUrl,
  pictureAt,
  fromJoining,
  from,
  members,
  mine,
  marks,
  epoch,
  lastMessage,
  pins,
  unread,
  rev,
  seq,
  erasedPos,
}: ChatSummary): ChatView {
  return {
    id,
    kind,
    title: kind === 'direct' ? null : title,
    titleAt: kind === 'direct' ? null : instant(titleAt),
    pictureUrl,
    pictureAt: instant(pictureAt),
    history: fromJoining ? 'joined' : 'all',
    historyFrom: from.seq,
    members: members.map(memberView),
    marks,
    document: chatDocument(id, epoch),
    mine: mineView(mine),
    lastMessage: lastMessage && viewOf(id, lastMessage),
    pins: pins.map((pin) => ({ ...pin, message: pin.message && viewOf(id, pin.message) })),
    unread,
    rev,
    seq,
    erasedPos,
  }
}

export type FeedLineView = Omit<FeedLine, 'epoch' | 'mine'> & { document: string; mine: MineView }

export const feedLineView = ({ id, epoch, rev, head, seq, markPos, removed, mine }: FeedLine): FeedLineView => ({
  id,
  document: chatDocument(id, epoch),
  rev,
  head,
  seq,
  markPos,
  removed,
  mine: mineView(mine),
})

/** `hash` stands there only in the place of an operation that was erased. */
export type EntryView = Omit<Entry, 'hash'> & { hash?: string | null }

export function entryView({ rev, seq, kind, code, at, authorId, id, salt, tag, operation, hash }: Entry): EntryView {
  const view = { rev, seq, kind, code, at, authorId, id, salt, tag, operation }
  return operation ? view : { ...view, hash }
}

export interface LinkView {
  id: string
  createdBy: UserId
  createdAt: string
  expiresAt: string
  maxUses: number | null
  uses: number
}

export const linkView = ({ id, createdBy, createdAt, expiresAt, maxUses, uses }: ChatLink): LinkView => ({
  id,
  createdBy,
  createdAt: new Date(createdAt).toISOString(),
  expiresAt: new Date(expiresAt).toISOString(),
  maxUses,
  uses,
})

export interface ReportView {
  id: string
  reporterId: UserId
  userId: UserId | null
  chatId: ChatId | null
  messages: { authorId: UserId; id: string }[]
  reason: string
  createdAt: string
}

export const reportView = ({ id, reporterId, userId, chatId, messages, reason, createdAt }: Report): ReportView => ({
  id,
  reporterId,
  userId,
  chatId,
  messages: messages.map(([authorId, message]) => ({ authorId, id: message })),
  reason,
  createdAt: new Date(createdAt).toISOString(),
})

const isoTime = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString())

/** Never its hash. */
export const apiKeyView = ({ id, name, scopes, createdAt, expiresAt, lastUsedAt }: ApiKey) => ({
  ...{ id, name, scopes, createdAt: new Date(createdAt).toISOString() },
  ...{ expiresAt: isoTime(expiresAt), lastUsedAt: isoTime(lastUsedAt) },
})

/** Never its secret. */
export const webhookView = ({ id, url, events, active, createdAt, failures, lastError }: Webhook) => ({
  ...{ id, url, events, active, createdAt: new Date(createdAt).toISOString(), failures, lastError },
})
