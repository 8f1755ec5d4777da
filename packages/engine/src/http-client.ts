// All HTTP of the engine: one function that asks by the typed client, checks the answer's shape, and turns every failure into an EngineError with a code.
import { createClient } from '@skein/http/client'
import { problem } from '@skein/http/session-answers'
import { HttpError, REQUEST_TIMEOUT_MS, unreachable, type Call, type Http } from './http.ts'
import type { Ports, Timer } from './ports.ts'

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
