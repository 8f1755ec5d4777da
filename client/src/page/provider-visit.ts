// Leaving the page for the server's OpenID provider, and coming back.
import type { Engine } from '@skein/engine'
import { isChatId } from '@skein/protocol'
import type { ChatApp } from '../elements/chat-app.ts'
import { failureOfCode, failureText } from '../model/failures.ts'

const START = '/api/auth/oidc/start'
/** This tab left for the provider: an address alone, which anybody may write, logs nobody in. */
const LEFT = 'skein: left for the provider'

export async function arrive(app: ChatApp, engine: Engine, outcome: string): Promise<void> {
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

export async function leave(app: ChatApp, engine: Engine): Promise<void> {
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
