// The shapes of the server's answers. Anything else is a bad answer: an expected failure, never a crash.
import { z } from 'zod'
import {
  anyOperation,
  chatId,
  isHead,
  isOperationKind,
  isRefusalCode,
  operationId,
  parseDocumentName,
  userId,
  type Head,
  type OperationKind,
  type RefusalCode,
} from '@skein/protocol'

const head = z.custom<Head>(isHead)
const count = z.int().min(0)
const time = z.iso.datetime({ offset: true })
/** Milliseconds, however the server writes a time. */
const millis = z.union([z.number(), time.transform((text) => Date.parse(text))])
const marks = z.tuple([count, count])

export const user = z.object({ id: userId, email: z.string().nullable(), name: z.string(), emailConfirmed: z.boolean().optional() })
const loggedOut = z.object({ device: z.string().nullable(), at: millis })
export const loggedIn = z.object({ accessToken: z.string(), user, reused: z.array(loggedOut).default([]) })

export const person = z.object({ id: userId, name: z.string(), avatarUrl: z.string().nullable(), online: z.boolean(), lastSeenAt: millis.nullable() })
export const usersPage = z.object({ users: z.array(person), nextCursor: z.string().nullable() })

export const message = z.object({
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
export type MessageAnswer = z.infer<typeof message>
export const messagesPage = z.object({ messages: z.array(message), nextCursor: z.string().nullable() })

const member = z.object({ id: userId, name: z.string() })
const documentName = z.string().refine((name) => parseDocumentName(name)?.kind === 'chat')
export const chat = z.object({
  id: chatId,
  kind: z.enum(['direct', 'group']),
  title: z.string().nullable(),
  members: z.array(member),
  marks: z.record(z.string(), marks),
  document: documentName,
  lastMessage: message.nullable(),
  unread: count,
  rev: count,
  seq: count,
  erasedPos: count.default(0),
})
export type ChatAnswer = z.infer<typeof chat>
export const oneChat = z.object({ chat })
export const chatsPage = z.object({ chats: z.array(chat), nextCursor: z.string().nullable() })

const code = z.custom<RefusalCode>(isRefusalCode).nullable()
export const entry = z.object({
  rev: count,
  seq: count,
  kind: z.custom<OperationKind>(isOperationKind),
  code,
  at: count,
  authorId: userId,
  id: operationId,
  salt: z.string().nullable(),
  tag: z.string().nullable(),
  operation: anyOperation.nullable(),
  hash: z.string().nullable().default(null),
})
export const changesPage = z.object({
  entries: z.array(entry),
  members: z.array(member),
  marks: z.record(z.string(), marks),
  head,
  more: z.boolean(),
  erasedPos: count.default(0),
})
export type ChangesAnswer = z.infer<typeof changesPage>

/** Entries whose words are erased, by `[rev, seq or 0, place]`, in the order of their erasing. */
export const erasedPage = z.object({ erased: z.array(z.tuple([count, count, count])), erasedPos: count, more: z.boolean() })

export const feedLine = z.object({ id: chatId, document: documentName, rev: count, head, seq: count, markPos: count, removed: z.boolean() })
export type FeedLine = z.infer<typeof feedLine>
export const feed = z.object({ chats: z.array(feedLine), digest: z.string().nullish(), next: z.string() })

export const raised = z.object({ markPos: z.record(chatId, z.tuple([count, count])).default({}) })
export const stored = z.object({ stored: z.array(z.tuple([operationId, code])), closed: z.boolean() })
const place = z.object({ rev: count, seq: count, head })
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
export const anything = z.unknown()
export const problem = z.object({ code: z.string(), detail: z.string().nullish(), title: z.string().nullish() })
