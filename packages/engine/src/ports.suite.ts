// Ports for tests: a clock that is turned by hand, numbers from a seed, a server of made-up answers, a socket that never opens.
import { createHash } from 'node:crypto'
import { loadLateParts } from './late.ts'
import type { Ports, Timer } from './ports.ts'

// A load would be no turn of a clock that is turned by hand.
await loadLateParts()

export interface TestClock {
  now(): number
  /** Turns the clock, running what falls due, in order, with everything that follows at once. */
  advance(ms: number): Promise<void>
  /** Lets everything that needs no time happen. */
  settle(): Promise<void>
}

export type Route = (request: {
  path: string
  query: URLSearchParams
  body: unknown
  token: string | null
}) => { status?: number; body?: unknown; headers?: Record<string, string> } | 'unreachable'

export interface TestPorts {
  ports: Ports
  clock: TestClock
  /** Answers by `METHOD /path`; what is not there is a 404. */
  routes: Record<string, Route>
  /** `METHOD /path` of each request so far. */
  asked: string[]
}

class DeafSocket extends EventTarget {
  readonly readyState = 0
  binaryType = ''
  send(): void {}
  close(): void {}
}

export function testPorts(seed = 1): TestPorts {
  let time = 1_700_000_000_000
  let state = seed
  let next = 1
  const timers = new Map<number, { at: number; run: () => void }>()
  const routes: Record<string, Route> = {}
  const asked: string[] = []

  let underWay = 0
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const settle = async (): Promise<void> => {
    for (let quiet = 0; quiet < 5; quiet++) {
      await turn()
      if (underWay > 0) quiet = 0
    }
  }
  const clock: TestClock = {
    now: () => time,
    settle,
    advance: async (ms) => {
      const end = time + ms
      await settle()
      for (;;) {
        const due = [...timers].filter(([, timer]) => timer.at <= end).sort(([a, x], [b, y]) => x.at - y.at || a - b)[0]
        if (!due) break
        const [id, timer] = due
        timers.delete(id)
        time = Math.max(time, timer.at)
        timer.run()
        await settle()
      }
      time = end
    },
  }
  const ports: Ports = {
    fetch: async (url, init) => {
      const { pathname, searchParams } = new URL(url)
      const name = `${init.method ?? 'GET'} ${pathname}`
      asked.push(name)
      const headers = new Headers(init.headers)
      const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : null
      const token = headers.get('authorization')?.slice('Bearer '.length) ?? null
      underWay++
      await turn()
      underWay--
      const answer = routes[name]?.({ path: pathname, query: searchParams, body, token }) ?? { status: 404, body: { code: 'not-found' } }
      if (answer === 'unreachable') throw new TypeError('fetch failed')
      return new Response(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {}), {
        status: answer.status ?? 200,
        headers: answer.headers ?? {},
      })
    },
    WebSocket: DeafSocket as unknown as Ports['WebSocket'],
    now: () => time,
    randomBytes: (count) =>
      Uint8Array.from({ length: count }, () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
        return (state >> 16) & 255
      }),
    setTimeout: (run, ms) => {
      timers.set(next, { at: time + ms, run })
      return next++
    },
    clearTimeout: (timer: Timer) => void timers.delete(Number(timer)),
    sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
  }
  return { ports, clock, routes, asked }
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
/** A token as the server makes them, as far as a client can read it. */
export const tokenOf = (name: string, seconds = 300): string => `${part({ alg: 'EdDSA' })}.${part({ iat: 1_000, exp: 1_000 + seconds })}.${name}`
