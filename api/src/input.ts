// What comes in: read, bounded and validated here, so that a bad input is a 400 that names the field.
import type { Context } from 'hono'
import { z } from 'zod'
import { isCommonPassword } from '@skein/auth'
import { HttpError } from './problem.ts'

const jsonType = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i

/** @throws HttpError that names the field */
export function validated<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const field = issue?.path.map(String).join('.')
  throw new HttpError('bad-request', field ? `${field}: ${issue?.message}` : issue?.message)
}

/** The request's JSON body. Bodies are bounded by middleware, before anything is read. */
export async function readBody<S extends z.ZodType>(c: Context, schema: S): Promise<z.output<S>> {
  if (!jsonType.test(c.req.header('Content-Type') ?? '')) throw new HttpError('bad-request', 'Content-Type: expects application/json in UTF-8')
  if (c.req.header('Content-Encoding')) throw new HttpError('bad-request', 'Content-Encoding: expects none')
  const bytes = await c.req.arrayBuffer()
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new HttpError('bad-request', 'The body is not JSON in UTF-8.')
  }
  return validated(schema, value)
}

/** Nobody gets a password that is guessed first. */
export async function refuseCommon(newPassword: string): Promise<void> {
  if (await isCommonPassword(newPassword)) throw new HttpError('common-password')
}

/** The query's parameters; an empty one counts as none. */
export function readQuery<S extends z.ZodType>(c: Context, schema: S): z.output<S> {
  const values = new Map<string, string>()
  for (const [name, value] of new URL(c.req.url).searchParams) {
    if (values.has(name)) throw new HttpError('bad-request', `${name}: stands there twice`)
    if (value.includes('\0')) throw new HttpError('bad-request', `${name}: holds a NUL`)
    if (value !== '') values.set(name, value)
  }
  return validated(schema, Object.fromEntries(values))
}

/** `limit`: a whole number from 1. */
export const limitUpTo = (max: number, usual: number): z.ZodType<number> =>
  z
    .string()
    .regex(/^[1-9][0-9]{0,8}$/, `expects a whole number from 1 to ${max}`)
    .transform(Number)
    .pipe(z.number().max(max, `expects a whole number from 1 to ${max}`))
    .default(usual)

/** An opaque cursor, as the storage gave it out. */
export const cursor = z.string().max(1000).nullable().default(null)

/** A time as ISO 8601 with its offset, in milliseconds. */
export const isoTime = z.iso.datetime({ offset: true, error: 'expects an ISO 8601 time' }).transform((text) => Date.parse(text))
