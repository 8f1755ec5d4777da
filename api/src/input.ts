// What comes in is checked by the routes' descriptions; here stands what they cannot say. A bad input is a 400 that names the field.
import type { MiddlewareHandler } from 'hono'
import type { z } from 'zod'
import { isCommonPassword } from '@skein/auth'
import { HttpError } from './problem.ts'

const jsonType = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i

/** A body is JSON in UTF-8, as it is. Its size was bounded before. */
export const strictBody: MiddlewareHandler = async (c, next) => {
  if (!jsonType.test(c.req.header('Content-Type') ?? '')) throw new HttpError('bad-request', 'Content-Type: expects application/json in UTF-8')
  if (c.req.header('Content-Encoding')) throw new HttpError('bad-request', 'Content-Encoding: expects none')
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(await c.req.arrayBuffer())
    await c.req.json()
  } catch {
    throw new HttpError('bad-request', 'The body is not JSON in UTF-8.')
  }
  await next()
}

/** What a description says of an input that does not fit it. */
export function refuseInvalid(result: { success: true } | { success: false; error: z.ZodError }): void {
  if (result.success) return
  const [issue] = result.error.issues
  const field = issue?.path.map(String).join('.')
  throw new HttpError('bad-request', field ? `${field}: ${issue?.message}` : issue?.message)
}

/** Nobody gets a password that is guessed first. */
export async function refuseCommon(newPassword: string): Promise<void> {
  if (await isCommonPassword(newPassword)) throw new HttpError('common-password')
}

/** What may be the id of a link, key or webhook. Whatever else stands in an address no database is asked for. */
export const isThingId = (id: string): boolean => /^[\w-]{1,64}$/.test(id)
