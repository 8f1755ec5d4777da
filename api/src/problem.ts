// Errors over HTTP: RFC 9457 problems, each with a code from the protocol's closed list.
import type { Context } from 'hono'
import { TooManyHashes } from '@skein/auth'
import { HTTP_ERRORS, type CloseReason, type HttpErrorCode } from '@skein/protocol'
import { CursorError, StorageError } from '@skein/storage'
import type { ApiDependencies } from './ports.ts'

/** An expected refusal; whatever else is thrown is a bug. */
export class HttpError extends Error {
  readonly code: HttpErrorCode
  /** Seconds until it is worth while to ask again, where that is known. */
  readonly retryAfter: number
  constructor(code: HttpErrorCode, detail?: string, retryAfter = 1) {
    super(detail ?? HTTP_ERRORS[code][1])
    this.name = 'HttpError'
    this.code = code
    this.retryAfter = retryAfter
  }
}

const MAX_DETAIL_LENGTH = 300

function problem(c: Context, code: HttpErrorCode, detail: string, retryAfter = 1): Response {
  const [status, title] = HTTP_ERRORS[code]
  if (status === 401) c.header('WWW-Authenticate', 'Bearer')
  if (status === 429 || status === 503) c.header('Retry-After', String(retryAfter))
  c.header('Content-Type', 'application/problem+json')
  const body = { type: `urn:skein:error:${code}`, title, status, code, detail: detail.slice(0, MAX_DETAIL_LENGTH).toWellFormed() }
  return c.body(JSON.stringify(body), status)
}

export const notFound = (c: Context): Response => problem(c, 'not-found', HTTP_ERRORS['not-found'][1])

export function createErrorHandler({ logger }: ApiDependencies): (error: Error, c: Context) => Response {
  return (error, c) => {
    if (error instanceof HttpError) return problem(c, error.code, error.message, error.retryAfter)
    if (error instanceof CursorError) return problem(c, 'bad-request', `cursor: ${error.message}`)
    if (error instanceof TooManyHashes) return problem(c, 'slow-down', error.message)
    // Whoever went away in the middle of a request has no use for an answer, and nobody needs to look.
    if (c.req.raw.signal.aborted) return problem(c, 'bad-request', 'The request was broken off.')
    if (error instanceof StorageError) {
      logger.warn('The database did not answer', { requestId: c.get('requestId') as unknown, method: c.req.method, path: c.req.path, error })
      return problem(c, 'not-ready', 'The database does not answer at this moment.')
    }
    logger.error('A request failed', {
      requestId: c.get('requestId') as unknown,
      method: c.req.method,
      path: c.req.path,
      error,
    })
    return problem(c, 'internal', HTTP_ERRORS.internal[1])
  }
}

const again = ['not-ready', 'It could not be stored just now. Send it again, a message with the same key.'] as const
const refusals: Partial<Record<CloseReason, readonly [HttpErrorCode, string?]>> = {
  'no-access': ['no-such-chat'],
  blocked: ['blocked'],
  'not-allowed': ['forbidden'],
  'group-full': ['group-full'],
  'read-only': ['forbidden', 'Nothing can be written into this chat any more.'],
  'id-taken': ['key-reused'],
  'too-large': ['too-large'],
  'slow-down': ['slow-down'],
  'closed-epoch': again,
  restart: again,
  'try-again': again,
}

/** The HTTP answer to a commit that was refused. */
export function refusalOf(reason: CloseReason): HttpError {
  const [code, detail] = refusals[reason] ?? ['bad-request', `The message was refused: ${reason}.`]
  return new HttpError(code, detail)
}
