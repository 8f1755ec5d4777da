// The session of an embedded engine: the page says who is logged in, and its tokens are exchanged for the server's. Nothing of anybody else is shown from the moment the page says
// so (W7); what the server answers decides who it is.
import { loggedIn } from '@skein/http/session-answers'
import { HttpError, isPassing, REQUEST_TIMEOUT_MS, type Http } from './http.ts'
import { backoffMs, inBackground, type Ports, type Timer } from './ports.ts'
import { createAsk, EARLY_MS, meOf, whoever, type AccountSession, type Token } from './session.ts'
import { put, type LocalStore } from './store/store.ts'
import { lifetimeMs, subjectOf } from './token-claims.ts'
import { EngineError, type Identity, type KnownMe, type TokenProblem } from './types.ts'

/** At most so long until a token is asked for again: where the server or the page cannot be reached, and where the token was refused. */
const MAX_AWAY_MS = 30_000
const MAX_REFUSED_MS = 300_000

export interface TokenSessionOptions {
  ports: Ports
  http: Http
  /** The device's store, which outlives the person's. */
  device: LocalStore
  identity: Identity
  changed(): void
  /** `user` is another one, or the session works again; resolves when that is shown. `keep`: what waits of who was there is to be kept. */
  entered(keep: boolean): Promise<void>
}

export async function openTokenSession({ ports, http, device, identity, changed, entered }: TokenSessionOptions): Promise<AccountSession> {
  /** As the issuer calls whom the page has named. */
  let subject: string | null = null
  let user: KnownMe | null = null
  let starting = true
  let refused = false
  let problem: TokenProblem | null = null
  let token: Token | null = null
  let renewing: Promise<string> | null = null
  let timer: Timer | null = null
  let attempt = 0
  /** Counts what was asked of the page: what an earlier question brings is of no use any more. */
  let question = 0
  /** Logged out: the page says when somebody is there again. */
  let left = false

  const rowKey = (who: string): string => `person ${who}`
  async function known(who: string | null): Promise<KnownMe | null> {
    const row = who === null ? undefined : await device.get('meta', rowKey(who))
    return row ? (whoever.safeParse(JSON.parse(row.value)).data ?? null) : null
  }
  /** Who waits for a token of somebody who is gone waits no longer: their profile closes only once nobody does. */
  const waiters = new Set<() => void>()
  function release(): void {
    for (const gone of waiters) gone()
    waiters.clear()
  }
  function assertNewest(mine: number): void {
    if (mine !== question) throw new EngineError('session-ended', 'The page has said since who is logged in.')
  }
  /** Shows what this device knows of them, and nothing of who was there. */
  async function turnTo(who: string | null, mine: number, keep = true): Promise<void> {
    if (who === subject && (who === null || user !== null)) return
    subject = who
    user = null
    token = null
    refused = false
    release()
    changed()
    const found = await known(who)
    assertNewest(mine)
    user = found
    await entered(keep)
    assertNewest(mine)
  }
  function settle(why: TokenProblem | null): void {
    starting = false
    problem = why
    changed()
  }

  async function remember(): Promise<void> {
    if (subject !== null && user) await device.write([put('meta', { key: rowKey(subject), value: JSON.stringify(user) })], true)
  }

  /** The page's code: it may throw, hang, or answer with anything. */
  function askPage(): Promise<string | null> {
    return new Promise((resolve, reject) => {
      const late = ports.setTimeout(() => fail(), REQUEST_TIMEOUT_MS)
      const fail = (): void => reject(new HttpError('offline', 'The page has no token just now.', 0))
      const answered = async (): Promise<string | null> => (await identity.getToken()) || null
      answered()
        .then(resolve, fail)
        .finally(() => ports.clearTimeout(late))
    })
  }
  /** `anew`: whoever was there, it is whom the page names now; until its token says so nobody, where it names none. */
  async function exchange(mine: number, anew: boolean): Promise<string> {
    if (anew) await turnTo(identity.subject?.() ?? null, mine)
    const given = await askPage()
    assertNewest(mine)
    if (given === null) {
      await turnTo(null, mine)
      settle(null)
      throw new EngineError('not-logged-in', 'Nobody is logged in to this page.')
    }
    const of = subjectOf(given)
    await turnTo(of, mine)
    const answer = await http((api) => api.api.auth.exchange.$post({ json: { token: given } }), loggedIn)
    assertNewest(mine)
    const before = refused ? null : user
    user = meOf(answer.user)
    token = { value: answer.accessToken, endsAt: ports.now() + lifetimeMs(answer.accessToken) }
    refused = false
    attempt = 0
    settle(null)
    await remember()
    if (before?.id !== answer.user.id) {
      release()
      await entered(true)
    }
    return answer.accessToken
  }
  /** Asks again later where nobody else does: without a person, or with a token that was refused, nothing else runs. */
  function failed(error: EngineError): void {
    const passing = isPassing(error)
    if (!passing) {
      refused = true
      token = null
    }
    settle({ code: error.code, message: error.message })
    if (!user || refused)
      timer = ports.setTimeout(() => inBackground(told(renew()), ports), backoffMs(attempt++, ports, 1_000, passing ? MAX_AWAY_MS : MAX_REFUSED_MS))
  }
  function renew(anew = false): Promise<string> {
    const mine = ++question
    stopWaiting()
    const renewed = exchange(mine, anew)
      .catch((error: unknown) => {
        if (mine === question && error instanceof HttpError) failed(error)
        throw error instanceof HttpError && !isPassing(error) ? new EngineError('session-ended', error.message) : error
      })
      .finally(() => {
        if (mine === question) renewing = null
      })
    renewing = renewed
    return renewed
  }
  /** What goes wrong is told by the state. */
  const told = async (work: Promise<unknown>): Promise<void> => {
    await work.catch((error: unknown) => {
      if (!(error instanceof EngineError)) throw error
    })
  }
  function stopWaiting(): void {
    if (timer !== null) ports.clearTimeout(timer)
    timer = null
  }
  async function currentToken(): Promise<string> {
    if (!user || refused) throw new EngineError('session-ended', 'The page must log in first.')
    if (token && token.endsAt - EARLY_MS > ports.now()) return token.value
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const gone = (): void => reject(new EngineError('session-ended', 'Somebody else is logged in now.'))
    waiters.add(gone)
    ;(renewing ?? renew()).then(resolve, reject).finally(() => waiters.delete(gone))
    return promise
  }
  const expire = (value: string): void => {
    if (token?.value === value) token = null
  }
  async function leave(waiting: 'keep' | 'discard'): Promise<void> {
    stopWaiting()
    const who = subject
    const mine = ++question
    renewing = null
    left = true
    const turned = told(turnTo(null, mine, waiting === 'keep'))
    if (who !== null && waiting === 'discard') await device.write([{ remove: 'meta', key: rowKey(who) }], true)
    await turned
    if (mine === question) settle(null)
  }
  const forbidden = (): Promise<never> => Promise.reject(new EngineError('forbidden', 'The page that this chat stands in logs people in.'))

  const session: AccountSession = {
    get user() {
      return user
    },
    get needsPassword() {
      return refused
    },
    get problem() {
      return problem
    },
    get starting() {
      return starting
    },
    login: forbidden,
    register: forbidden,
    resume: forbidden,
    learn: async (me) => {
      if (user?.id !== me.id) return
      user = me
      changed()
      await remember()
    },
    logout: leave,
    reload: async (discard) => {
      if (discard) await leave('discard')
      else if (!left) await told(renew())
    },
    tokenChanged: () => {
      left = false
      starting = true
      attempt = 0
      return told(renew(true))
    },
    token: currentToken,
    expire,
    ask: createAsk(http, { token: currentToken, expire }),
    retry: () => {
      if (timer !== null) inBackground(told(renew()), ports)
    },
    close: () => {
      question++
      stopWaiting()
    },
  }
  subject = identity.subject?.() ?? null
  user = await known(subject)
  return session
}
