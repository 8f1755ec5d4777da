// Logging in by the server's OpenID provider: whether one can, and the two ends of the way there (`provider-visit.ts`).
import { msg } from '@lit/localize'
import type { Engine } from '@skein/engine'
import type { ChatApp } from '../elements/chat-app.ts'

/** Stands in the address of who comes back: `entered`, or the code of what went wrong. */
const PARAMETER = 'oidc'

/** What came back stands in the address for this one look. */
function takeOutcome(): string | null {
  const url = new URL(location.href)
  const outcome = url.searchParams.get(PARAMETER)
  if (outcome === null) return null
  url.searchParams.delete(PARAMETER)
  history.replaceState(history.state, '', url.pathname + url.search + url.hash)
  return outcome
}

/** Few visits begin or end at the provider. */
const visit = (): Promise<typeof import('./provider-visit.ts')> => import('./provider-visit.ts')

/** Before anything else looks at the page's address. */
export function followProvider(app: ChatApp, engine: Engine): void {
  const ask = (): void =>
    void engine.account.loginWays().then(
      (ways) => (app.ways = ways),
      () => addEventListener('online', ask, { once: true }),
    )
  ask()
  const notLoaded = (): void => void (app.entryProblem = msg('This could not be loaded. Check your connection, then try again.'))
  app.addEventListener('provider-chosen', () => void visit().then(({ leave }) => leave(app, engine), notLoaded))
  let before = engine.session.status
  engine.subscribe(() => {
    const { status } = engine.session
    if (before === 'logged-out' && status === 'logged-in') app.entryProblem = ''
    before = status
  })
  const outcome = takeOutcome()
  if (outcome !== null) void visit().then(({ arrive }) => arrive(app, engine, outcome), notLoaded)
}
