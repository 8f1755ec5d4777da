// Puts the page together: the engine in this browser, the element over it, the service worker under both.
import { msg } from '@lit/localize'
import { browserPorts, createEngine, indexedDbStores } from '@skein/engine'
import { defineElements } from '../define.ts'
import { ChatApp } from '../elements/chat-app.ts'
import { followAddress, followSession } from './address.ts'
import { followLanguage } from './language.ts'
import { followLook } from './look.ts'
import { followProvider } from './provider-login.ts'
import { followShared } from './shared.ts'
import { callsFor } from '../model/lists.ts'
import { notifying } from '../state/notifying.ts'
import { preferences } from '../state/preferences.ts'
import { registerWorker } from './worker-registration.ts'

defineElements()
const app = document.querySelector('chat-app')
if (!(app instanceof ChatApp)) throw new Error('The page has no <chat-app>')

app.hint = document.querySelector<HTMLMetaElement>('meta[name=skein-demo]')?.content ?? ''
app.engine = createEngine({ server: location.origin, store: indexedDbStores(), ports: browserPorts() })
followLook()
followLanguage()
followShared(app)
followProvider(app, app.engine)
followAddress(app)
followSession(app, app.engine)

// iOS lays its keyboard over the page instead of shrinking it.
const { visualViewport } = globalThis
visualViewport?.addEventListener('resize', () => {
  if (visualViewport.scale !== 1) return
  app.style.height = `${visualViewport.height}px`
  scrollTo(0, 0)
})

const { title } = document
app.engine.subscribe(() => {
  const unread = app.engine?.chats.reduce((sum, chat) => sum + callsFor(chat, Date.now()), 0) ?? 0
  document.title = unread ? `(${unread}) ${title}` : title
  // Of an installed app.
  void navigator.setAppBadge?.(unread).catch(() => {})
})

// Read anew whenever the language changes.
const notice = (text: () => string, label: () => string, press: () => void): NonNullable<ChatApp['notice']> => ({
  get text() {
    return text()
  },
  action: {
    get label() {
      return label()
    },
    press,
  },
})
if (!isSecureContext) {
  const text = (): string =>
    msg('Opened without HTTPS: everything works, but Skein cannot open here without a network, and tabs do not share a connection.')
  app.notice = notice(
    text,
    () => msg('OK'),
    () => (app.notice = null),
  )
} else if (import.meta.env.PROD) {
  registerWorker((takeOver) => {
    app.notice = notice(
      () => msg('A new version of Skein is ready.'),
      () => msg('Reload'),
      takeOver,
    )
  }).catch(() => {
    // Without a worker (a browser may refuse it) all works but opening offline.
  })
  const { engine } = app
  const notify = (): void => {
    if (preferences.notify === 'on')
      void import('./notifications.ts').then(
        ({ startNotifications }) => startNotifications(engine),
        () => {},
      )
  }
  notifying.possible = true
  preferences.subscribe(notify)
  notify()
}
