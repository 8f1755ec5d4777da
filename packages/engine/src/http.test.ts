import { describe, expect, test } from 'vitest'
import { testPorts, type Route } from './ports.suite.ts'
import { anything, loggedIn, oneChat } from '@skein/http/answers'
import { createHttp } from './http-client.ts'
import { isPassing, REQUEST_TIMEOUT_MS } from './http.ts'

async function failure(route: Route): Promise<unknown> {
  const server = testPorts()
  server.routes['GET /api/me'] = route
  return createHttp('http://x', server.ports)((api) => api.api.me.$get(), loggedIn).catch((error: unknown) => error)
}

describe('an answer that is not as agreed is an expected failure', () => {
  test.each<[string, Route, object, boolean]>([
    ['no server', () => 'unreachable', { code: 'offline', status: 0 }, true],
    ['a proxy’s page', () => ({ status: 502, body: '<html>' }), { code: 'offline', status: 502 }, true],
    ['an answer of another shape', () => ({ body: { accessToken: 5 } }), { code: 'bad-answer' }, true],
    ['no JSON', () => ({ body: 'hello' }), { code: 'bad-answer' }, true],
    [
      'a refusal',
      () => ({ status: 409, body: { code: 'email-taken', detail: 'Taken.' } }),
      { code: 'email-taken', message: 'Taken.', status: 409 },
      false,
    ],
    [
      'too many requests',
      () => ({ status: 429, body: { code: 'slow-down' }, headers: { 'retry-after': '7' } }),
      { code: 'slow-down', retryAfterMs: 7_000 },
      true,
    ],
    ['a status without a word', () => ({ status: 418, body: '' }), { code: 'bad-answer', status: 418 }, true],
  ])('%s', async (_, route, expected, passing) => {
    const error = await failure(route)
    expect(error).toMatchObject(expected)
    expect(isPassing(error)).toBe(passing)
  })

  test('a document’s name that is none is refused', () => {
    const chat = {
      id: 'c'.repeat(26),
      kind: 'direct',
      title: null,
      members: [],
      marks: {},
      document: 'chat/../x',
      lastMessage: null,
      unread: 0,
      rev: 0,
      seq: 0,
    }
    expect(oneChat.safeParse({ chat }).success).toBe(false)
    expect(oneChat.safeParse({ chat: { ...chat, document: `chat/${'c'.repeat(26)}/1-0123456789abcdef` } }).success).toBe(true)
  })

  test.each([5, 20])('an answer of %i parts, each in time, is waited for; one that stops coming is given up', async (parts) => {
    const server = testPorts()
    let sent = 0
    server.ports.fetch = async (_, { signal }) => {
      const body = new ReadableStream<Uint8Array>({
        start: (stream) => {
          signal?.addEventListener('abort', () => stream.error(new Error('aborted')))
          const part = (): void => {
            sent++
            if (sent <= 10) stream.enqueue(new TextEncoder().encode(sent === 1 ? '"' : 'ж'))
            if (sent === parts) {
              stream.enqueue(new TextEncoder().encode('"'))
              stream.close()
            } else if (sent <= 10) server.ports.setTimeout(part, REQUEST_TIMEOUT_MS - 1)
          }
          part()
        },
      })
      return new Response(body)
    }
    const answer = createHttp('http://x', server.ports)((api) => api.api.me.$get(), anything).catch((error: unknown) => error)
    await server.clock.advance(REQUEST_TIMEOUT_MS * 12)
    if (parts === 5) expect(await answer).toBe('жжжж')
    else expect(await answer).toMatchObject({ code: 'offline' })
  })

  test('a server that never answers is given up after a while', async () => {
    const server = testPorts()
    server.ports.fetch = (_, { signal }) => new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))))
    const answer = createHttp('http://x', server.ports)((api) => api.api.me.$get(), loggedIn).catch((error: unknown) => error)
    await server.clock.advance(REQUEST_TIMEOUT_MS)
    expect(await answer).toMatchObject({ code: 'offline' })
  })
})
