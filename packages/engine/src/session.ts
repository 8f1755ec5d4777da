// Who is logged in. The person is remembered on the device, the access token only in memory; the refresh token is a cookie that this code never sees.
import { z } from 'zod'
import { userId } from '@skein/protocol'
import type { Ports } from './ports.ts'
import type { LocalStore } from './store/store.ts'
import { expectField, put } from './store/store.ts'
import { anything, loggedIn, loggedInAgain } from '@skein/http/answers'
import { HttpError, isNotLoggedIn, type Call, type Http } from './http.ts'
import { EngineError, type LoggedOutDevice, type Me } from './types.ts'

/** A token is renewed this long before it ends: before the server asks for a new one over the socket. */
const EARLY_MS = 60_000
/** How long a tab waits for its turn with the cookie. */
const TURN_MS = 25_000

/** Who is remembered on the device. */
const whoever = z.object({ id: userId, email: z.string().nullable(), name: z.string(), emailConfirmed: z.boolean().optional() })

interface Token {
  value: string
  endsAt: number
}

/** How long a token lives by its own words, so that a wrong clock on either side does no harm. */
function lifetimeMs(token: string): number {
  try {
    const claims: unknown = JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')))
    const { exp, iat } = claims as { exp?: unknown; iat?: unknown }
    if (typeof exp === 'number' && typeof iat === 'number' && exp > iat) return (exp - iat) * 1_000
  } catch {
    // Not a token that can be read: used until the server refuses it.
  }
  return 60_000
}

export interface Session {
  readonly user: Me | null
  readonly needsPassword: boolean
  login(email: string, password: string): Promise<LoggedOutDevice[]>
  register(email: string, name: string, password: string, invitation?: string): Promise<void>
  /** Forgets the person on this device; the server is told if it can be reached. */
  logout(): Promise<void>
  /** Reads again who is logged in: another tab logged in or out. */
  reload(): Promise<void>
  /** A token that is good for some time yet. @throws EngineError 'offline', 'session-ended' */
  token(): Promise<string>
  /** The token was refused: the next `token()` brings another. */
  expire(token: string): void
  /** Asks with the person's token; renews it once when the server does not take it. */
  ask<T>(call: Call, answer: z.ZodType<T>): Promise<T>
}

export interface SessionOptions {
  ports: Ports
  http: Http
  /** The device's store, which outlives the person's. */
  device: LocalStore
  /** Name of the lock under which tabs renew one at a time (S2). */
  lock: string
  changed(): void
}

export async function openSession({ ports, http, device, lock, changed }: SessionOptions): Promise<Session> {
  async function remembered(): Promise<Me | null> {
    const row = await device.get('meta', 'user')
    return row ? (whoever.safeParse(JSON.parse(row.value)).data ?? null) : null
  }
  let user = await remembered()
  let needsPassword = false
  /** A logout under way: its late answer would take the cookie of whoever logs in next. */
  let farewell: Promise<unknown> = Promise.resolve()
  let token: Token | null = null
  let renewing: Promise<string> | null = null

  /** One tab at a time, since all share the cookie (S2). A tab that sleeps in here is not waited for: the server bears two at once. */
  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (!ports.locks) return work()
    const abort = new AbortController()
    const timer = ports.setTimeout(() => abort.abort(), TURN_MS)
    let begun = false
    const mine = (): Promise<T> => {
      begun = true
      ports.clearTimeout(timer)
      return work()
    }
    try {
      return await ports.locks.hold(lock, abort.signal, mine)
    } catch (error) {
      if (begun) throw error
      return work()
    }
  }
  function accept({ accessToken, user: { id, email, name, emailConfirmed } }: z.infer<typeof loggedIn>): Me {
    token = { value: accessToken, endsAt: ports.now() + lifetimeMs(accessToken) }
    user = { id, email, name, ...(emailConfirmed === undefined ? {} : { emailConfirmed }) }
    needsPassword = false
    return user
  }
  /** Logs in or registers. */
  async function enter(call: Call): Promise<LoggedOutDevice[]> {
    await farewell
    return inTurn(async () => {
      const answer = await http(call, loggedInAgain)
      const entered = accept(answer)
      await device.write([put('meta', { key: 'user', value: JSON.stringify(entered) })], true)
      changed()
      return answer.reused.map(({ device: name, at }) => ({ device: name, at: Date.parse(at) }))
    })
  }

  async function renew(): Promise<string> {
    const whom = user?.id
    try {
      const answer = await inTurn(() => http((api) => api.api.auth.refresh.$post(), loggedIn))
      if (answer.user.id !== whom || user?.id !== whom) throw new HttpError('session-ended', 'Somebody else has logged in on this browser.', 401)
      accept(answer)
      changed()
      return answer.accessToken
    } catch (error) {
      if (error instanceof HttpError && isNotLoggedIn(error) && user?.id === whom) {
        token = null
        needsPassword = true
        changed()
        throw new EngineError('session-ended', error.message)
      }
      throw error
    } finally {
      renewing = null
    }
  }

  async function currentToken(): Promise<string> {
    if (!user || needsPassword) throw new EngineError('session-ended', 'Log in first.')
    if (token && token.endsAt - EARLY_MS > ports.now()) return token.value
    return (renewing ??= renew())
  }

  const expire = (value: string): void => {
    if (token?.value === value) token = null
  }

  return {
    get user() {
      return user
    },
    get needsPassword() {
      return needsPassword
    },
    login: (email, password) => enter((api) => api.api.auth.login.$post({ json: { email, password } })),
    register: async (email, name, password, invite) =>
      void (await enter((api) => api.api.auth.register.$post({ json: { email, name, password, ...(invite ? { invite } : {}) } }))),
    logout: async () => {
      const whom = user?.id
      const value = token?.value
      token = null
      user = null
      needsPassword = false
      const row = await device.get('meta', 'user')
      // Somebody else may have logged in in another tab meanwhile: then neither the name nor the cookie is this person's.
      const mine = row !== undefined && (await remembered())?.id === whom
      if (mine) await device.write([expectField('meta', 'user', 'value', row.value), { remove: 'meta', key: 'user' }], true)
      changed()
      if (!mine) return
      // Nobody waits for the server; offline the cookie stays until it ends, and the person is forgotten here all the same.
      farewell = inTurn(async () => {
        if ((await remembered()) === null) await http((api) => api.api.auth.logout.$post(), anything, value)
      }).catch(() => {})
    },
    reload: async () => {
      const now = await remembered()
      if (now?.id !== user?.id) token = null
      user = now
      // Another tab's password serves this one too.
      needsPassword = false
      changed()
    },
    token: currentToken,
    expire,
    ask: async (call, answer) => {
      const first = await currentToken()
      try {
        return await http(call, answer, first)
      } catch (error) {
        if (!isNotLoggedIn(error)) throw error
        expire(first)
        return http(call, answer, await currentToken())
      }
    },
  }
}
