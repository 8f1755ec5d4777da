// The shapes of good answers. The API's handlers must fit them, and clients check by them what comes: anything else is a bad answer.
import { z } from 'zod'
import {
  anyOperation,
  chainHead,
  chatId,
  isOperationKind,
  operationId,
  operationKind,
  parseDocumentName,
  REFUSAL_CODES,
  SCOPES,
  userId,
  WEBHOOK_EVENTS,
  type OperationKind,
  type RefusalCode,
} from '@skein/protocol'
import { account, reusedSession, time } from './session-answers.ts'

export * from './session-answers.ts'

const count = z.int().min(0)
const marks = z.tuple([count, count]).meta({ description: '[deliveredSeq, seenSeq]' })
const marksOfMembers = z.record(userId, marks)
const nextCursor = z.string().nullable()

export const nothing = z.object({})
export const oneAccount = z.object({ user: account })

export const loginWays = z.object({
  registration: z.enum(['open', 'invite', 'closed']),
  provider: z.object({ label: z.string() }).nullable(),
})

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
export const messagesPage = z.object({
  messages: z.array(message),
  nextCursor,
  rev: z.int().min(0).optional().meta({ description: 'The page shows all changes up to this rev of the chat.' }),
})

const member = z
  .object({
    id: userId,
    name: z.string(),
    mayInvite: z.boolean().default(false).meta({ description: 'May let others join this group.' }),
    mayRemove: z.boolean().default(false).meta({ description: 'May take others out of this group.' }),
  })
  .meta({ id: 'Member' })
const mine = z
  .object({
    mutedUntil: time.nullable(),
    pinned: z.boolean(),
    archived: z.boolean(),
    draft: z.string().default(''),
    unreadAfter: count.nullable().default(null),
    hidden: z.array(count).default([]).meta({ description: 'The seqs of messages that one has hidden from oneself, ascending.' }),
    changedAt: time.nullable().default(null),
  })
  .meta({ id: 'Mine' })
export type MineAnswer = z.infer<typeof mine>
const notArranged: MineAnswer = { mutedUntil: null, pinned: false, archived: false, draft: '', unreadAfter: null, hidden: [], changedAt: null }
const documentName = z.string().refine((name) => parseDocumentName(name)?.kind === 'chat', 'expects a document’s name')
export const chat = z
  .object({
    id: chatId,
    kind: z.enum(['direct', 'group']),
    title: z.string().nullable(),
    titleAt: time.nullable().default(null).meta({ description: 'When the title was decided, by the server’s clock.' }),
    pictureUrl: z.string().nullable().default(null),
    pictureAt: time.nullable().default(null),
    history: z.enum(['all', 'joined']).default('all').meta({ description: 'What a group shows to whoever joins.' }),
    historyFrom: count
      .default(0)
      .meta({ description: 'The seq above which one sees the messages: 0, unless one joined later and the group says so.' }),
    members: z.array(member),
    marks: marksOfMembers,
    document: documentName,
    mine: mine.default(notArranged),
    lastMessage: message.nullable(),
    pins: z
      .array(z.object({ authorId: userId, id: operationId, message: message.nullable() }))
      .default([])
      .meta({
        description: 'The pinned messages, the first pinned first; `message` is null where one does not see it, and deleted where it was erased.',
      }),
    unread: count,
    rev: count,
    seq: count,
    erasedPos: count.default(0),
  })
  .meta({ id: 'Chat' })
export type ChatAnswer = z.infer<typeof chat>
export const oneChat = z.object({ chat })
export const oneMine = z.object({ mine })
const link = z
  .object({ id: z.string(), createdBy: userId, createdAt: time, expiresAt: time, maxUses: count.nullable(), uses: count })
  .meta({ id: 'Link' })
export const links = z.object({ links: z.array(link) })
export const newLink = z.object({ link, token: z.string().meta({ description: 'Shown this once.' }) })
export const blocked = z.object({ users: z.array(z.object({ id: userId, name: z.string() })) })
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
  begins: z.object({ rev: count, seq: count, head: chainHead }).nullable().default(null),
  members: z.array(member),
  marks: marksOfMembers,
  head: chainHead,
  more: z.boolean(),
  erasedPos: count.default(0),
})

/** An operation of a later version of the server: its kind, verdict and words mean nothing to whoever reads it so. */
const laterEntry = entry.extend({
  kind: z.string().refine((kind) => !isOperationKind(kind)) as z.ZodType<string> as z.ZodType<OperationKind>,
  code: z.string().nullable() as z.ZodType<string | null> as z.ZodType<RefusalCode | null>,
  salt: z.string(),
  operation: z.record(z.string(), z.unknown()),
})
/** As clients read it, who may be older than the server. */
export const changesRead = changesPage.extend({ entries: z.array(z.union([entry, laterEntry])) })
export type ChangesAnswer = z.infer<typeof changesRead>

/** Entries whose words are erased, by `[rev, seq or 0, place]`, in the order of their erasing. */
export const erasedPage = z.object({ erased: z.array(z.tuple([count, count, count])), erasedPos: count, more: z.boolean() })

export const feedLine = z
  .object({
    id: chatId,
    document: documentName,
    rev: count,
    head: chainHead,
    seq: count,
    markPos: count,
    removed: z.boolean(),
    mine: mine.default(notArranged),
  })
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

export const apiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    createdAt: time,
    expiresAt: time.nullable(),
    lastUsedAt: time.nullable().meta({ description: 'To a minute.' }),
  })
  .meta({ id: 'ApiKey' })
export const apiKeys = z.object({ keys: z.array(apiKey) })
export const newApiKey = z.object({ key: apiKey, secret: z.string().meta({ example: 'skein_…' }) })

export const webhook = z
  .object({
    id: z.string(),
    url: z.string(),
    events: z.array(z.enum(WEBHOOK_EVENTS)),
    active: z.boolean(),
    createdAt: time,
    failures: count.meta({ description: 'Failed attempts since the last that went well.' }),
    lastError: z.string().nullable(),
  })
  .meta({ id: 'Webhook' })
export const webhooks = z.object({ webhooks: z.array(webhook) })
export const oneWebhook = z.object({ webhook })
export const newWebhook = z.object({ webhook, secret: z.string().meta({ example: 'whsec_…' }) })

export const newReport = z.object({ report: z.object({ id: z.string(), createdAt: time }) })
