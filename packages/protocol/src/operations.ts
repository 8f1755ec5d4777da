// The operations: what people write into their own logs, and what the server itself writes into the ledger. One schema each.
import { z } from 'zod'
import { epochPattern, headPattern, idPattern, uuidPattern, type ChatId, type EpochName, type Head, type OperationId, type UserId } from './ids.ts'
import { canonicalJson, jsonProblem, type Json } from './json.ts'
import { MAX_AVATAR_URL_LENGTH, MAX_EMOJI_LENGTH, MAX_MENTIONS, MAX_NAME_LENGTH, MAX_OPERATION_BYTES, MAX_TEXT_LENGTH } from './limits.ts'

const branded = <T extends string>(pattern: RegExp, what: string): z.ZodType<T> =>
  z.string().regex(pattern, what) as z.ZodType<string> as z.ZodType<T>
export const userId = branded<UserId>(idPattern, 'expects a user id')
export const chatId = branded<ChatId>(idPattern, 'expects a chat id')
export const operationId = branded<OperationId>(uuidPattern, 'expects a lower-case UUID')
export const epochName = branded<EpochName>(epochPattern, 'expects an epoch')
export const chainHead = branded<Head>(headPattern, 'expects a head')
// The two overrides that make a text read as another one (U+202D, U+202E) stand in no message.
const overrides = /[\u202d\u202e]/
const plainText = z.string().refine((text) => text.isWellFormed() && !text.includes('\0') && !overrides.test(text), 'expects well-formed text')
/** A message's text: not blank, at most MAX_TEXT_LENGTH UTF-16 units. */
export const messageText = plainText
  .min(1)
  .max(MAX_TEXT_LENGTH)
  .refine((text) => text.trim() !== '', 'expects words')
const oneEmoji = /^[\p{RGI_Emoji}\p{Extended_Pictographic}]$/v
/** Whether a text is one emoji, as Unicode has them; a heart or a star without its variation selector is one too. */
export const isEmoji = (text: string): boolean => oneEmoji.test(text)
/** What a reaction shows, in at most MAX_EMOJI_LENGTH UTF-16 units. Chains hold other texts than emoji, from before `judge` asked for one; they are read and taken back. */
export const emoji = plainText.min(1).max(MAX_EMOJI_LENGTH)
const isoTime = z.iso.datetime({ precision: 3 })

const base = { id: operationId, at: isoTime }
const target = { target: operationId, targetAuthor: userId.optional() }

const message = z.strictObject({
  type: z.literal('message'),
  ...base,
  text: messageText,
  replyTo: operationId.optional(),
  replyToAuthor: userId.optional(),
  mentions: z.array(userId).max(MAX_MENTIONS).optional(),
  forwardedFrom: z.strictObject({ chat: chatId.optional(), author: userId, id: operationId.optional() }).optional(),
})
const edit = z.strictObject({ type: z.literal('edit'), ...base, ...target, text: messageText })
const remove = z.strictObject({ type: z.literal('delete'), ...base, ...target })
const react = z.strictObject({ type: z.literal('react'), ...base, ...target, emoji, on: z.boolean() })
/** Names the author always: a device that does not hold the message must count as the server does (PIN-1). */
const pin = z.strictObject({ type: z.literal('pin'), ...base, target: operationId, targetAuthor: userId, on: z.boolean() })

/** What a person's log may hold. */
export const operation = z.discriminatedUnion('type', [message, edit, remove, react, pin])
export type Operation = z.infer<typeof operation>
export type MessageOperation = z.infer<typeof message>

const create = z.strictObject({
  type: z.literal('create'),
  ...base,
  kind: z.enum(['direct', 'group']),
  title: plainText.max(MAX_NAME_LENGTH).nullable(),
  members: z.array(userId),
  /** Whoever joins later sees what is said from then on; absent: everything (CHAT-9). */
  history: z.literal('joined').optional(),
})
/** A group's name: not blank, at most MAX_NAME_LENGTH UTF-16 units. */
export const groupTitle = plainText.max(MAX_NAME_LENGTH).refine((text) => text.trim() !== '', 'expects words')
/** Where a picture is: an https address, or that of a picture which the server keeps. */
export const pictureUrl = plainText
  .max(MAX_AVATAR_URL_LENGTH)
  .regex(/^(?:https:\/\/\S+|\/api\/pictures\/[\w-]{22})$/, 'expects an address that begins with https://')

const join = z.strictObject({ type: z.literal('join'), ...base, user: userId })
const leave = z.strictObject({ type: z.literal('leave'), ...base, user: userId })
/** What a member may do from now on beside writing; what is not named stays. */
const may = z.strictObject({ type: z.literal('may'), ...base, user: userId, invite: z.boolean().optional(), remove: z.boolean().optional() })
const rename = z.strictObject({ type: z.literal('rename'), ...base, title: groupTitle.nullable() })
const picture = z.strictObject({ type: z.literal('picture'), ...base, url: pictureUrl.nullable() })
/** The server had forgotten what stood above `rev`, went on without it, and got it back from a member's device: that follows below, as new entries. */
const restored = z.strictObject({ type: z.literal('restored'), ...base, rev: z.int().min(0) })

/** What the server writes into the ledger on behalf of somebody. */
export const serverOperation = z.discriminatedUnion('type', [create, join, leave, may, rename, picture, restored])
/** A change of a group, by somebody who is in it. */
export type GroupOperation = z.infer<typeof join | typeof leave | typeof may | typeof rename | typeof picture>
const groupKinds = ['join', 'leave', 'may', 'rename', 'picture']
export const isGroupOperation = (one: AnyOperation): one is GroupOperation => groupKinds.includes(one.type)
export type ServerOperation = z.infer<typeof serverOperation>
export type AnyOperation = Operation | ServerOperation
export const anyOperation = z.union([operation, serverOperation])
export type OperationKind = AnyOperation['type']
export const operationKind = z.enum([
  'message',
  'edit',
  'delete',
  'react',
  'pin',
  'create',
  'join',
  'leave',
  'may',
  'rename',
  'picture',
  'restored',
]) satisfies z.ZodType<OperationKind>
export const isOperationKind = (value: unknown): value is OperationKind => operationKind.options.some((kind) => kind === value)

export type Checked = { operation: Operation; text: string }

const encoder = new TextEncoder()

/** Validates one value from a log. The answer holds the validated copy, never the value itself, and its canonical JSON. */
export function checkOperation(value: unknown): Checked | 'bad-operation' | 'too-deep' | 'too-large' {
  const problem = jsonProblem(value)
  if (problem) return problem
  const result = operation.safeParse(value)
  if (!result.success) return 'bad-operation'
  const text = canonicalJson(result.data)
  // A UTF-16 unit is at most three bytes.
  if (3 * text.length > MAX_OPERATION_BYTES && encoder.encode(text).length > MAX_OPERATION_BYTES) return 'too-large'
  // What was shown and what is stored must be one thing: a dropped or hidden key would be neither (A7).
  return canonicalJson(value as Json) === text ? { operation: result.data, text } : 'bad-operation'
}

/** Takes out of a person's text what the protocol refuses: NUL, direction overrides, halves of surrogate pairs. */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\0', '')
    .replaceAll(/[\u202d\u202e]/g, '')
}

/** Whose message an operation aims at; null where the operation leaves it open (then: the one with the lowest rev). */
export function targetAuthor(said: AnyOperation, author: UserId): UserId | null {
  if (said.type === 'edit' || said.type === 'delete') return said.targetAuthor ?? author
  return 'targetAuthor' in said ? (said.targetAuthor ?? null) : null
}
