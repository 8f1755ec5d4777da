// What may go wrong with HTTP. The asking itself (`http-client.ts`) is loaded with the half of the engine that talks to the server.
import type { z } from 'zod'
import { EngineError } from './types.ts'
import type { Client } from '@skein/http/client'

/** An HTTP call that failed; `retryAfterMs` where the server said when to come back. */
export class HttpError extends EngineError {
  readonly status: number
  readonly retryAfterMs: number | null
  constructor(code: string, message: string, status: number, retryAfterMs: number | null = null) {
    super(code, message)
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

/** One request of the typed client, such as `(api) => api.api.me.$get()`. */
export type Call = (api: Client) => Promise<Pick<Response, 'status'>>

/** After these the same request may work later. Who answers without the API's own code is somebody in between, whatever the status. */
export const isPassing = (error: unknown): boolean =>
  error instanceof HttpError && (error.status === 0 || error.status === 429 || error.status >= 500 || error.code === 'bad-answer')

/** The API itself says that the chat is out of reach. */
export const isNoSuchChat = (error: unknown): boolean => error instanceof HttpError && error.code === 'no-such-chat'

/** The API itself says that the token, or the session behind it, is no good. */
export const isNotLoggedIn = (error: unknown): boolean =>
  error instanceof HttpError && (error.code === 'not-logged-in' || error.code === 'session-ended')

export const unreachable = (): HttpError => new HttpError('offline', 'The server cannot be reached.', 0)

/** How long the server wants to be left alone; 0 when it did not say. */
export const retryAfterMs = (error: unknown): number => (error instanceof HttpError ? (error.retryAfterMs ?? 0) : 0)

/** A request is given up when nothing has come for this long; a slow line that still brings something is waited for. */
export const REQUEST_TIMEOUT_MS = 20_000

/** `answer`: the shape that a good answer has. `token`: an access token; none for the routes that log in. */
export type Http = <T>(call: Call, answer: z.ZodType<T>, token?: string) => Promise<T>
