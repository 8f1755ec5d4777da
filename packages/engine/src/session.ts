// Who is logged in. The person is remembered on the device, the access token only in memory; the refresh token is a cookie that this code never sees.
import { z } from 'zod'
import { userId } from '@skein/protocol'
import { inBackground, type Ports } from './ports.ts'
import type { LocalStore } from './store/store.ts'
import { expectField, put } from './store/store.ts'
import { anything, loggedIn, loggedInAgain, type account } from '@skein/http/session-answers'
import { HttpError, isNotLoggedIn, type Call, type Http } from './http.ts'
import { lifetimeMs } from './token-claims.ts'
import { EngineError, type LoggedOutDevice, type KnownMe, type TokenProblem } from './types.ts'

/** A token is renewed this long before it ends: before the server asks for a new one over the socket. */
export const EARLY_MS = 60_000
/** How long a tab waits for its turn with the cookie. */
const TURN_MS = 25_000

/** Who is remembered on the device. */
export const whoever = z.object({
  id: userId,
  email: z.string().nullable(),
  name: z.string(),
  emailConfirmed: z.boolean().optional(),
  avatarUrl: z.string().nullish(),
})

export const meOf = ({ id, email, name, emailConfirmed, avatarUrl }: z.infer<typeof account>): KnownMe => ({
  id,
  email,
  name,
  avatarUrl,
  ...(emailConfirmed === undefined ? {} : { emailConfirmed }),
})

export interface Token {
  value: string
  endsAt: number
}

/** What runs for one person asks by. */
export interface Session {
  readonly needsPassword: boolean
  /** A token that is good for some time yet. @throws EngineError 'offline', 'session-ended' */
  token(): Promise<string>
  /** The token was refused: the next `token()` brings another. */
  expire(token: string): void
  /** Asks with the person's token; renews it once when the server does not take it. */
  ask: Ask
}

/** The whole of it, with who is logged in. */
export interface AccountSession extends Session {
  readonly user: KnownMe | null
  /** Why the page's token was not taken; null: it was, or none is needed. */
  readonly problem: TokenProblem | null
  /** Nobody knows yet whether somebody is logged in. */
  readonly starting: boolean
  login(email: string, password: string): Promise<LoggedOutDevice[]>
  register(email: string, name: string, password: string, invitation?: string): Promise<void>
  /** Logs in as whom the cookie says, whoever was logged in before. */
  resume(): Promise<void>
  /** The server has said who the person is now; of anybody else it is not taken. */
  learn(me: KnownMe): Promise<void>
  /** Forgets the person on this device; the server is told if it can be reached. */
  logout(waiting: 'keep' | 'discard'): Promise<void>
  /** Reads again who is logged in: another tab logged in or out (`discard`: with nothing of theirs to be kept). */
  reload(discard: boolean): Promise<void>
  /** The page has somebody else, or another token. */
  tokenChanged(): Promise<void>
  /** Tries now what would be tried later. */
  retry(): void
  close(): void
}

export type Ask = <T>(call: Call, answer: z.ZodType<T>) => Promise<T>

export function createAsk(http: Http, { token, expire }: Pick<Session, 'token' | 'expire'>): Ask {
  return async (call, answer) => {
    const first = await token()
    try {
      return await http(call, answer, first)
    } catch (error) {
      if (!isNotLoggedIn(error)) throw error
      expire(first)
      return http(call, answer, await token())
    }
  }
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

export async function openSession({ ports, http, device, lock, changed }: SessionOptions): Promise<AccountSession> {
  async function remembered(): Promise<KnownMe | null> {
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
  /** Another tab may have logged somebody else in, or out. */
  async function learn(me: KnownMe): Promise<void> {
    if (user?.id !== me.id) return
    user = me
    changed()
    const row = await device.get('meta', 'user')
    const value = JSON.stringify(me)
    if (!row || row.value === value || (await remembered())?.id !== me.id) return
    await device.write([expectField('meta', 'user', 'value', row.value), put('meta', { key: 'user', value })], true)
  }
  function accept({ accessToken, user: answered }: z.infer<typeof loggedIn>): KnownMe {
    token = { value: accessToken, endsAt: ports.now() + lifetimeMs(accessToken) }
    user = meOf(answered)
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
      inBackground(learn(accept(answer)), ports)
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
    problem: null,
    starting: false,
    login: (email, password) => enter((api) => api.api.auth.login.$post({ json: { email, password } })),
    register: async (email, name, password, invite) =>
      void (await enter((api) => api.api.auth.register.$post({ json: { email, name, password, ...(invite ? { invite } : {}) } }))),
    learn,
    resume: async () => void (await enter((api) => api.api.auth.refresh.$post())),
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
    ask: createAsk(http, { token: currentToken, expire }),
    tokenChanged: async () => {},
    retry: () => {},
    close: () => {},
  }
}
