// All HTTP of the engine: one function that asks by the typed client, checks the answer's shape, and turns every failure into an EngineError with a code.
import type { z } from 'zod'
import type { Ports, Timer } from './ports.ts'
import { EngineError } from './types.ts'
import { problem } from '@skein/http/session-answers'
import { createClient, type Client } from '@skein/http/client'

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

interface Told {
  what: string
  status: number
  retryAfter: string | null
  text: string
}

/** `credentials`: 'omit' where no cookie belongs to the session, so that a page of another origin may ask. */
export function createHttp(server: string, ports: Ports, credentials: 'include' | 'omit' = 'include'): Http {
  async function send(call: Call, token: string | undefined): Promise<Told> {
    const abort = new AbortController()
    const idle = (): Timer => ports.setTimeout(() => abort.abort(), REQUEST_TIMEOUT_MS)
    let timer = idle()
    const told: Told = { what: '', status: 0, retryAfter: null, text: '' }
    const headers = { accept: 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
    // The answer is read here, part by part, and not by the client.
    const read: typeof fetch = async (input, init = {}) => {
      const url = input instanceof Request ? input.url : String(input)
      told.what = `${init.method} ${url.slice(server.length).split('?')[0]}`
      const response = await ports.fetch(url, {
        ...init,
        headers: Object.fromEntries(new Headers(init.headers)),
        credentials,
        cache: 'no-store',
        signal: abort.signal,
      })
      const decoder = new TextDecoder()
      for (const reader = response.body?.getReader(); reader;) {
        ports.clearTimeout(timer)
        timer = idle()
        const { done, value } = await reader.read()
        if (done) break
        told.text += decoder.decode(value, { stream: true })
      }
      told.text += decoder.decode()
      told.status = response.status
      told.retryAfter = response.headers.get('retry-after')
      return response
    }
    try {
      await call(createClient(server, { headers, fetch: read }))
      return told
    } catch {
      throw unreachable()
    } finally {
      ports.clearTimeout(timer)
    }
  }

  return async (call, answer, token) => {
    const { what, status, retryAfter, text } = await send(call, token)
    let json: unknown
    try {
      json = text === '' ? null : JSON.parse(text)
    } catch {
      json = null
    }
    if (status >= 200 && status < 300) {
      const result = answer.safeParse(json)
      if (result.success) return result.data
      throw new HttpError('bad-answer', `The server's answer to ${what} was not understood.`, 502)
    }
    const refused = problem.safeParse(json)
    const seconds = Number(retryAfter)
    const wait = retryAfter !== null && Number.isFinite(seconds) ? seconds * 1_000 : null
    if (refused.success) throw new HttpError(refused.data.code, refused.data.detail ?? refused.data.title ?? 'The server refused.', status, wait)
    // A proxy in front of a server that is away.
    throw new HttpError(status >= 500 ? 'offline' : 'bad-answer', `The server answered ${status}.`, status, wait)
  }
}
