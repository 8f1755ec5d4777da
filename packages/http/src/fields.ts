// What stands in addresses: pages, cursors, times. An empty parameter counts as none.
import { z } from '@hono/zod-openapi'
import { chatId, userId } from '@skein/protocol'

const withoutNul = z.string().refine((text) => !text.includes('\0'), 'holds a NUL')

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

/** A time as ISO 8601 with its offset, in milliseconds. */
const time = z.iso.datetime({ offset: true, error: 'expects an ISO 8601 time' }).transform((text) => Date.parse(text))
export const before = z
  .union([z.literal('').transform(() => null), time], { error: 'expects an ISO 8601 time' })
  .nullable()
  .default(null)
  .meta({ type: 'string', format: 'date-time' })

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
export const ofPerson = z.object({ id: inAddress(userId) })
