// All HTTP of the engine: one function that asks, checks the answer's shape, and turns every failure into an EngineError with a code.
import type { z } from 'zod'
import type { Ports, Timer } from '../ports.ts'
import { EngineError } from '../types.ts'
import { problem } from './answers.ts'

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

export interface Ask<T> {
  method?: 'GET' | 'POST'
  body?: object
  answer: z.ZodType<T>
  /** An access token; none for the routes that log in. */
  token?: string
}

/** After these the same request may work later. Who answers without the API's own code is somebody in between, whatever the status. */
export const isPassing = (error: unknown): boolean =>
  error instanceof HttpError && (error.status === 0 || error.status === 429 || error.status >= 500 || error.code === 'bad-answer')

/** The API itself says that the chat is out of reach. */
export const isNoSuchChat = (error: unknown): boolean => error instanceof HttpError && error.code === 'no-such-chat'

/** The API itself says that the token, or the session behind it, is no good. */
export const isNotLoggedIn = (error: unknown): boolean =>
  error instanceof HttpError && (error.code === 'not-logged-in' || error.code === 'session-ended')

/** How long the server wants to be left alone; 0 when it did not say. */
export const retryAfterMs = (error: unknown): number => (error instanceof HttpError ? (error.retryAfterMs ?? 0) : 0)

/** A request is given up when nothing has come for this long; a slow line that still brings something is waited for. */
export const REQUEST_TIMEOUT_MS = 20_000

export type Http = <T>(path: string, ask: Ask<T>) => Promise<T>

export function createHttp(server: string, ports: Ports): Http {
  async function send(path: string, init: RequestInit): Promise<{ status: number; retryAfter: string | null; text: string }> {
    const abort = new AbortController()
    const idle = (): Timer => ports.setTimeout(() => abort.abort(), REQUEST_TIMEOUT_MS)
    let timer = idle()
    try {
      const response = await ports.fetch(server + path, { ...init, credentials: 'include', cache: 'no-store', signal: abort.signal })
      const decoder = new TextDecoder()
      let text = ''
      for (const reader = response.body?.getReader(); reader;) {
        ports.clearTimeout(timer)
        timer = idle()
        const { done, value } = await reader.read()
        if (done) break
        text += decoder.decode(value, { stream: true })
      }
      return { status: response.status, retryAfter: response.headers.get('retry-after'), text: text + decoder.decode() }
    } catch {
      throw new HttpError('offline', 'The server cannot be reached.', 0)
    } finally {
      ports.clearTimeout(timer)
    }
  }

  return async (path, { method = 'GET', body, answer, token }) => {
    const headers: Record<string, string> = { accept: 'application/json' }
    if (body) headers['content-type'] = 'application/json'
    if (token) headers['authorization'] = `Bearer ${token}`
    const { status, retryAfter, text } = await send(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
    let json: unknown
    try {
      json = text === '' ? null : JSON.parse(text)
    } catch {
      json = null
    }
    if (status >= 200 && status < 300) {
      const result = answer.safeParse(json)
      if (result.success) return result.data
      throw new HttpError('bad-answer', `The server's answer to ${method} ${path.split('?')[0]} was not understood.`, 502)
    }
    const told = problem.safeParse(json)
    const seconds = Number(retryAfter)
    const wait = retryAfter !== null && Number.isFinite(seconds) ? seconds * 1_000 : null
    if (told.success) throw new HttpError(told.data.code, told.data.detail ?? told.data.title ?? 'The server refused.', status, wait)
    // A proxy in front of a server that is away.
    throw new HttpError(status >= 500 ? 'offline' : 'bad-answer', `The server answered ${status}.`, status, wait)
  }
}
