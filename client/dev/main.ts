// The dev page: <chat-app> over the in-memory engine. Tests drive both through driver.ts.
import type { ChatId } from '@skein/protocol'
import { defineElements } from '../src/define.ts'
import { ChatApp } from '../src/elements/chat-app.ts'
import { notifying } from '../src/state/notifying.ts'
import { followLanguage } from '../src/page/language.ts'
import { followLook } from '../src/page/look.ts'
import { scenario } from './scenario.ts'

defineElements()
followLook()
followLanguage()
const options = new URLSearchParams(location.search)
const engine = scenario(options)
// As the app's own page.
notifying.possible = true
const app = document.querySelector('chat-app')
if (app instanceof ChatApp) {
  app.language = options.get('language') ?? ''
  app.engine = engine
  if (options.has('open')) app.chat = (engine as unknown as Record<string, ChatId>)[options.get('open') ?? ''] ?? null
  if (options.has('notice')) app.notice = { text: 'A new version of Skein is ready.', action: { label: 'Reload', press: () => location.reload() } }
  const token = options.get('token')
  const kind = options.get('link')
  if (token !== null && (kind === 'reset' || kind === 'confirm')) app.link = { kind, token }
  const provider = options.get('provider')
  if (provider !== null) app.ways = { registration: options.has('closed') ? 'closed' : 'open', provider: { label: provider } }
  app.entryProblem = options.get('entry-problem') ?? ''
  app.invitation = options.get('invite') ?? ''
  app.join = options.get('join') ?? ''
  if (options.has('hint')) app.hint = 'Demo accounts: ada@example.org and bence@example.org, password "skein-demo".'
}
