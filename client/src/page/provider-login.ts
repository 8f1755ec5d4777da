// Logging in by the server's OpenID provider: leaving the page for it, and coming back.
import type { Engine } from '@skein/engine'
import { isChatId } from '@skein/protocol'
import type { ChatApp } from '../elements/chat-app.ts'
import { failureOfCode, failureText } from '../model/reasons.ts'

const START = '/api/auth/oidc/start'
/** Stands in the address of who comes back: `entered`, or the code of what went wrong. */
const PARAMETER = 'oidc'
/** This tab left for the provider: an address alone, which anybody may write, logs nobody in. */
const LEFT = 'skein: left for the provider'

/** What came back stands in the address for this one look. */
function takeOutcome(): string | null {
  const url = new URL(location.href)
  const outcome = url.searchParams.get(PARAMETER)
  if (outcome === null) return null
  url.searchParams.delete(PARAMETER)
  history.replaceState(history.state, '', url.pathname + url.search + url.hash)
  return outcome
}

async function arrive(app: ChatApp, engine: Engine): Promise<void> {
  const outcome = takeOutcome()
  if (outcome === null) return
  const hadLeft = sessionStorage.getItem(LEFT) !== null
  sessionStorage.removeItem(LEFT)
  if (outcome !== 'entered') {
    app.entryProblem = failureOfCode(outcome)
    return
  }
  if (!hadLeft) return
  app.entering = true
  try {
    await engine.resume()
  } catch (error) {
    app.entryProblem = failureText(error)
  }
  app.entering = false
}

async function leave(app: ChatApp, engine: Engine): Promise<void> {
  app.entryProblem = ''
  try {
    // Without a network the browser would leave the app for a page that says so.
    await engine.account.loginWays()
  } catch (error) {
    app.entryProblem = failureText(error)
    return
  }
  const chat = location.hash.slice(1)
  const query = new URLSearchParams({ returnTo: isChatId(chat) ? `/#${chat}` : '/' })
  if (app.invitation) query.set('invite', app.invitation)
  sessionStorage.setItem(LEFT, 'yes')
  location.assign(`${START}?${query.toString()}`)
}

/** Before anything else looks at the page's address. */
export function followProvider(app: ChatApp, engine: Engine): void {
  const ask = (): void =>
    void engine.account.loginWays().then(
      (ways) => (app.ways = ways),
      () => addEventListener('online', ask, { once: true }),
    )
  ask()
  app.addEventListener('provider-chosen', () => void leave(app, engine))
  let before = engine.session.status
  engine.subscribe(() => {
    const { status } = engine.session
    if (before === 'logged-out' && status === 'logged-in') app.entryProblem = ''
    before = status
  })
  void arrive(app, engine)
}
