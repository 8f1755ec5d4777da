// What stands in addresses: pages, cursors, times, and plain texts. An empty parameter counts as none.
import { z } from '@hono/zod-openapi'
import { chatId, emoji, operationId, userId } from '@skein/protocol'

const withoutNul = z.string().refine((text) => !text.includes('\0'), 'holds a NUL')

/** A text as both databases take it. */
export const plain = z.string().refine((text) => text.isWellFormed() && !text.includes('\0'), 'expects well-formed text')

const orNull = (text: string): string | null => (text === '' ? null : text)
/** A text to look for, trimmed. */
export const searched = (maxLength: number) => withoutNul.trim().max(maxLength).transform(orNull).nullable().default(null)

/** `limit`: a whole number from 1. */
export const limitUpTo = (max: number, usual: number) =>
  z
    .string()
    .regex(/^([1-9][0-9]{0,8})?$/, `expects a whole number from 1 to ${max}`)
    .transform((text) => (text === '' ? usual : Number(text)))
    .pipe(z.number().max(max, `expects a whole number from 1 to ${max}`))
    .default(usual)
    .meta({ type: 'integer', minimum: 1, maximum: max, default: usual })

/** An opaque cursor, as an earlier page gave it out. */
export const cursor = withoutNul.max(1000).transform(orNull).nullable().default(null)

const FIRST_MS = Date.parse('0000-01-01T00:00:00.000Z')
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z')

/** A time as ISO 8601 with its offset, in milliseconds. */
export const time = z.iso
  .datetime({ offset: true, error: 'expects an ISO 8601 time' })
  .transform((text) => Date.parse(text))
  // An offset may lead out of the years that the same form can say.
  .refine((ms) => ms >= FIRST_MS && ms <= LAST_MS, 'expects a time of the years 0000 to 9999')
export const before = z
  .union([z.literal('').transform(() => null), time], { error: 'expects an ISO 8601 time' })
  .nullable()
  .default(null)
  .meta({ type: 'string', format: 'date-time' })

/** One key for one thing that is to happen once. */
export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'expects 1 to 255 visible ASCII characters')
  .optional()

/** Where in the app somebody goes on: its page, and a chat of it. Nothing that a browser could take for another server. */
export const returnTo = z
  .string()
  .max(100)
  .regex(/^\/(#[\w-]*)?$/, 'expects / or /#chat')
  .default('/')

/** When something ends, in milliseconds; null: never. */
export const end = time
  .nullable()
  .default(null)
  .meta({ type: ['string', 'null'], format: 'date-time' })

/** A place in a chat's chain. */
export const since = z
  .string()
  .regex(/^[0-9]{0,15}$/, 'expects a whole number')
  .transform(Number)
  .default(0)
  .meta({ type: 'integer', minimum: 0, default: 0 })

// What is no id stands for nothing that is there: that is answered by the route, not refused here.
const inAddress = (like: z.ZodType) => z.string().meta({ pattern: patternOf(like) })
const patternOf = (like: z.ZodType): string => String((z.toJSONSchema(like) as { pattern?: string }).pattern)
export const ofChat = z.object({ id: inAddress(chatId) })
export const ofMember = z.object({ id: inAddress(chatId), userId: inAddress(userId) })
export const ofLink = z.object({ id: inAddress(chatId), linkId: z.string() })
export const ofPerson = z.object({ id: inAddress(userId) })
export const ofMessage = z.object({ id: inAddress(chatId), messageId: inAddress(operationId) })
export const ofReaction = z.object({ id: inAddress(chatId), messageId: inAddress(operationId), emoji })
