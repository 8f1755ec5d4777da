// A real server, asked out of its own description: whatever comes in, it answers as described, and lives.
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { routes } from '@skein/http'
import { chatId, HTTP_ERRORS, operationId, type HttpErrorCode } from '@skein/protocol'
import { providerSettings, spawnServer, spawnUser } from '@skein/testing'
import { z } from 'zod'
import { requestsOf, type Described, type FuzzRequest } from './fuzz-requests.suite.ts'

const AT_ONCE = 16
const PIECE = 200
const logins = [
  { email: 'ada@example.org', password: 'ada-tries-skein' },
  { email: 'ben@example.org', password: 'ben-tries-skein' },
]
/** Log-in by a provider is offered, and it never answers. */
const NO_PROVIDER = providerSettings('http://127.0.0.1:1')
const problem = z.object({ type: z.string(), title: z.string(), status: z.int(), code: z.string(), detail: z.string() })
const responsesOf = new Map<string, Record<string, { description: string; content?: Record<string, { schema: unknown }> }>>(
  Object.values(routes).map((route) => [`${route.method.toUpperCase()} ${route.path}`, route.responses]),
)
const patternOf = (schema: z.ZodType): string => String((z.toJSONSchema(schema) as { pattern?: string }).pattern)

interface Answer {
  status: number
  type: string
  text: string
  /** Where it leads on to. */
  location?: string | undefined
}

/** What is wrong with an answer; null when it is as described. */
function faultOf(route: string, { status, type, text, location = '' }: Answer): string | null {
  const described = responsesOf.get(route)?.[status]
  if (!described) return `${status} is not described: ${text.slice(0, 200)}`
  if (status >= 500) return `${status}: ${text.slice(0, 200)}`
  if (status === 303) return /^\/\?oidc=[a-z-]+(#[\w-]*)?$/.test(location) ? null : `leads to ${location}`
  const content = Object.entries(described.content ?? {}).find(([name]) => type.startsWith(name))
  if (!content) return `${type} is not described for ${status}`
  if (!/^application\/(problem\+)?json\b/.test(type)) return null
  const body: unknown = JSON.parse(text)
  if (status < 400) {
    const result = (content[1].schema as z.ZodType).safeParse(body)
    return result.success ? null : `the answer does not fit: ${result.error.message.slice(0, 400)}`
  }
  const told = problem.safeParse(body)
  if (!told.success) return `no problem of RFC 9457: ${text.slice(0, 200)}`
  const { code } = told.data
  return Object.hasOwn(HTTP_ERRORS, code) && HTTP_ERRORS[code as HttpErrorCode][0] === status ? null : `${code} is not a code of ${status}`
}

/** Asks `count` times; the tally of statuses. Throws with what was asked when an answer is not as described. */
export async function fuzzServer(env: Record<string, string>, count: number, seed: number): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'skein-fuzz-'))
  const issuer = { ISSUER: 'https://embedder.example', ISSUER_AUDIENCE: 'chat', ISSUER_SECRET: 'x'.repeat(32) }
  const settings = { DATA_DIR: folder, SKEIN_DEMO: '1', RATE_LIMITS: 'off', ...issuer, ...NO_PROVIDER, ...env }
  await using making = spawnUser(settings, ['key', 'Back office'])
  const [, serverKey = ''] = await making.line(/^(skein_\S+)$/m)
  await making.exit
  await using server = spawnServer(settings)
  const url = await server.ready()
  const connect = (): Agent => new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  let agent = connect()

  const ask = (asked: Pick<FuzzRequest, 'method' | 'path' | 'headers' | 'body'>): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const bytes = asked.body === null ? null : Buffer.from(asked.body)
      const headers = { origin: url, ...asked.headers, ...(bytes ? { 'content-length': bytes.length } : {}) }
      const sent = request(url + asked.path, { method: asked.method, agent, headers }, (answer) => {
        let text = ''
        const { location } = answer.headers
        answer.setEncoding('utf8')
        answer.on('data', (part: string) => (text += part))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, type: answer.headers['content-type'] ?? '', text, location }))
        answer.on('error', reject)
      })
      sent.on('error', reject)
      sent.end(bytes)
    })
  const json = { 'content-type': 'application/json' }
  const logIn = async (who: number): Promise<string> => {
    const answer = await ask({ method: 'POST', path: '/api/auth/login', headers: json, body: JSON.stringify(logins[who]) })
    return (JSON.parse(answer.text) as { accessToken: string }).accessToken
  }
  const read = async (path: string, token: string): Promise<unknown> =>
    JSON.parse((await ask({ method: 'GET', path, headers: { authorization: `Bearer ${token}` }, body: null })).text)

  const tokens = [await logIn(0), await logIn(1)]
  const { chats } = (await read('/api/chats', tokens[0] ?? '')) as { chats: { id: string; members: { id: string }[] }[] }
  const chat = chats[0]?.id ?? ''
  const { messages } = (await read(`/api/chats/${chat}/messages`, tokens[0] ?? '')) as { messages: { id: string }[] }
  const document = (await read('/api/openapi.json', '')) as Described
  const ids = {
    [patternOf(chatId)]: [chat, ...(chats[0]?.members.map(({ id }) => id) ?? [])],
    [patternOf(operationId)]: messages.map(({ id }) => id),
  }

  const tally: Record<string, number> = {}
  async function check(index: number, asked: FuzzRequest): Promise<void> {
    const who = index % 8 === 0 ? null : index % 2
    const token = index % 16 === 4 ? serverKey : who === null ? null : (tokens[who] ?? '')
    const headers = token === null ? asked.headers : { ...asked.headers, authorization: `Bearer ${token}` }
    const answer = await ask({ ...asked, headers }).catch((error: unknown) => ({ status: 0, type: '', text: String(error) }))
    const fault = faultOf(asked.route, answer)
    if (fault !== null) {
      const shown = { ...asked, body: asked.body === null ? null : Buffer.from(asked.body).toString('latin1').slice(0, 500) }
      throw new Error(`request ${index} of seed ${seed}: ${fault}\n${JSON.stringify(shown, null, 1)}`)
    }
    tally[answer.status] = (tally[answer.status] ?? 0) + 1
    // A token ends, or somebody's log-out was drawn.
    if (answer.status === 401 && who !== null && answer.text.includes('"not-logged-in"')) tokens[who] = await logIn(who)
  }
  const drawn = requestsOf(document, ids)
  for (let from = 0; from < count; from += PIECE) {
    const piece = fc.sample(drawn, { numRuns: Math.min(PIECE, count - from), seed: seed * 1_000_000 + from })
    // One that idled meanwhile may be closed by now.
    agent.destroy()
    agent = connect()
    let next = 0
    const worker = async (): Promise<void> => {
      for (let n = next++; n < piece.length; n = next++) {
        const asked = piece[n]
        if (asked) await check(from + n, asked)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  }
  agent.destroy()

  expect(await (await fetch(`${url}/health/ready`)).json()).toMatchObject({ checks: { database: 'ok' } })
  const complaints = server.output.split('\n').filter((line) => /"level":(?:"error"|"fatal"|50|60)/.test(line))
  expect(complaints).toEqual([])
  expect(await server.stop('SIGTERM')).toBe(0)
  await rm(folder, { recursive: true, force: true })
  return tally
}
