// The shapes of good answers. The API's handlers must fit them, and clients check by them what comes: anything else is a bad answer.
import { z } from 'zod'
import { anyOperation, chainHead, chatId, operationId, operationKind, parseDocumentName, REFUSAL_CODES, userId } from '@skein/protocol'

const count = z.int().min(0)
const time = z.iso.datetime({ offset: true })
const marks = z.tuple([count, count]).meta({ description: '[deliveredSeq, seenSeq]' })
const marksOfMembers = z.record(userId, marks)
const nextCursor = z.string().nullable()

export const nothing = z.object({})

export const account = z
  .object({
    id: userId,
    email: z.string().nullable(),
    emailConfirmed: z.boolean().optional(),
    name: z.string(),
    avatarUrl: z.string().nullable().default(null),
  })
  .meta({ id: 'Account' })
export const oneAccount = z.object({ user: account })
export const loggedIn = z.object({ accessToken: z.string(), user: account })
const reusedSession = z.object({ id: z.string(), device: z.string().nullable(), at: time }).meta({ id: 'ReusedSession' })
/** `reused`: sessions that ended since a refresh token came twice, of which no log-in told yet. */
export const loggedInAgain = z.object({ ...loggedIn.shape, reused: z.array(reusedSession).default([]) })

export const session = z
  .object({ id: z.string(), device: z.string().nullable(), createdAt: time, lastUsedAt: time, current: z.boolean() })
  .meta({ id: 'Session' })
export const sessions = z.object({ sessions: z.array(session), reused: z.array(reusedSession).default([]) })

export const person = z
  .object({ id: userId, name: z.string(), avatarUrl: z.string().nullable(), online: z.boolean(), lastSeenAt: time.nullable() })
  .meta({ id: 'Person' })
export const onePerson = z.object({ user: person })
export const usersPage = z.object({ users: z.array(person), nextCursor })

export const message = z
  .object({
    id: operationId,
    chatId,
    seq: count,
    rev: count,
    authorId: userId,
    text: z.string(),
    createdAt: time,
    receivedAt: time,
    editedAt: time.nullable(),
    deletedAt: time.nullable(),
    replyTo: operationId.nullable(),
    mentions: z.array(userId),
    reactions: z.array(z.object({ emoji: z.string(), userIds: z.array(userId) })),
  })
  .meta({ id: 'Message' })
export type MessageAnswer = z.infer<typeof message>
export const oneMessage = z.object({ message })
export const messagesPage = z.object({ messages: z.array(message), nextCursor })

const member = z.object({ id: userId, name: z.string() }).meta({ id: 'Member' })
const documentName = z.string().refine((name) => parseDocumentName(name)?.kind === 'chat', 'expects a document’s name')
export const chat = z
  .object({
    id: chatId,
    kind: z.enum(['direct', 'group']),
    title: z.string().nullable(),
    members: z.array(member),
    marks: marksOfMembers,
    document: documentName,
    lastMessage: message.nullable(),
    unread: count,
    rev: count,
    seq: count,
    erasedPos: count.default(0),
  })
  .meta({ id: 'Chat' })
export type ChatAnswer = z.infer<typeof chat>
export const oneChat = z.object({ chat })
export const chatsPage = z.object({ chats: z.array(chat), nextCursor })

const code = z.enum(REFUSAL_CODES).nullable()
export const entry = z
  .object({
    rev: count,
    seq: count,
    kind: operationKind,
    code,
    at: count,
    authorId: userId,
    id: operationId,
    salt: z.string().nullable(),
    tag: z.string().nullable(),
    operation: anyOperation.nullable(),
    hash: z.string().nullish().meta({ description: 'Stands there only where the operation was erased.' }),
  })
  .meta({ id: 'Entry' })
export const changesPage = z.object({
  entries: z.array(entry),
  members: z.array(member),
  marks: marksOfMembers,
  head: chainHead,
  more: z.boolean(),
  erasedPos: count.default(0),
})
export type ChangesAnswer = z.infer<typeof changesPage>

/** Entries whose words are erased, by `[rev, seq or 0, place]`, in the order of their erasing. */
export const erasedPage = z.object({ erased: z.array(z.tuple([count, count, count])), erasedPos: count, more: z.boolean() })

export const feedLine = z
  .object({ id: chatId, document: documentName, rev: count, head: chainHead, seq: count, markPos: count, removed: z.boolean() })
  .meta({ id: 'FeedLine' })
export type FeedLine = z.infer<typeof feedLine>
export const feed = z.object({ chats: z.array(feedLine), digest: z.string().nullish(), next: z.string() })

export const raised = z.object({ marks: z.record(chatId, marks).default({}), markPos: z.record(chatId, z.tuple([count, count])).default({}) })
export const seen = z.object({ seenSeq: count })
export const stored = z.object({ stored: z.array(z.tuple([operationId, code])), closed: z.boolean() })
const place = z.object({ rev: count, seq: count, head: chainHead })
export const common = z.object({ common: place.nullable() })
export const healed = z.object({
  common: place.nullable(),
  proven: count,
  fork: count.nullable(),
  placed: count,
  entered: count,
  missing: z.array(count),
  document: documentName.nullable(),
  rev: count,
})
export type HealedAnswer = z.infer<typeof healed>
export const ticket = z.object({ ticket: z.string(), expiresIn: count.meta({ description: 'seconds' }) })
export const anything = z.unknown()
export const problem = z.object({ code: z.string(), detail: z.string().nullish(), title: z.string().nullish() })
