// The open chat stands in the page's address, so that a reload and the back button do what people expect.
import type { Engine } from '@skein/engine'
import { isChatId, isOperationId } from '@skein/protocol'
import type { ChatApp } from '../elements/chat-app.ts'
import type { MailLink } from '../elements/chat-link.ts'

const FROM_LIST = 'skein: from the list'

/** `#<chat>`, or `#<chat>/<message>`. */
const placeInAddress = () => {
  const [chat = '', message = ''] = location.hash.slice(1).split('/')
  if (!isChatId(chat)) return { chat: null, message: null }
  return { chat, message: isOperationId(message) ? message : null }
}
const chatInAddress = () => placeInAddress().chat

/** What links of mails and invitations look like: `/reset#token=…`, `/confirm#token=…`, `/join#invite=…`. */
const linkPath = /(reset|confirm|join)$/

/** A link into a group: `/#join=…`. It is kept in this tab: whoever has no account yet may leave the page before they can join. */
const JOINING = 'skein: joining a group'
function takeJoin(): string {
  const token = new URLSearchParams(location.hash.slice(1)).get('join')
  if (token) clearAddress()
  try {
    if (token) sessionStorage.setItem(JOINING, token)
    return sessionStorage.getItem(JOINING) ?? ''
  } catch {
    // A browser that keeps nothing: it is good until the page is left.
    return token ?? ''
  }
}

function forgetJoin(): void {
  try {
    sessionStorage.removeItem(JOINING)
  } catch {
    // Nothing was kept.
  }
}

function linkInAddress(): { link: MailLink | null; invitation: string } {
  const [, kind] = linkPath.exec(location.pathname) ?? []
  const given = new URLSearchParams(location.hash.slice(1))
  const token = given.get('token')
  const link: MailLink | null = token !== null && (kind === 'reset' || kind === 'confirm') ? { kind, token } : null
  return { link, invitation: (kind === 'join' ? given.get('invite') : null) ?? '' }
}

function followLinks(app: ChatApp): void {
  const read = (): void => void Object.assign(app, linkInAddress(), { join: takeJoin() })
  read()
  addEventListener('popstate', read)
  app.addEventListener('link-done', leaveLink)
  app.addEventListener('join-done', forgetJoin)
}

/** The token does not stay where somebody could see it. */
function leaveLink(): void {
  if (linkPath.test(location.pathname)) history.replaceState(null, '', location.pathname.replace(linkPath, '') + location.search)
}

const clearAddress = () => history.replaceState(null, '', location.pathname + location.search)

export function followAddress(app: ChatApp): void {
  followLinks(app)
  const read = (): void => void Object.assign(app, placeInAddress())
  read()
  addEventListener('popstate', read)
  app.linkTo = (chat, message) => `${location.origin}${location.pathname}${location.search}#${chat}/${message}`
  app.addEventListener('chat-chosen', () => {
    // The element has taken the choice over already.
    const wanted = app.chat ? `#${app.chat}` : location.pathname + location.search
    if (app.chat === chatInAddress()) return
    // From the list into a chat is a step that Back undoes; from one chat to the next is none.
    if (app.chat && !location.hash) history.pushState(FROM_LIST, '', wanted)
    else if (!app.chat && history.state === FROM_LIST) history.back()
    else history.replaceState(history.state, '', wanted)
  })
}

/** The chat that the address names opens once the person who logs in turns out to have it; who logs out leaves no address to the next. */
export function followSession(app: ChatApp, engine: Engine): void {
  let before = engine.session.status
  let arriving = false
  engine.subscribe(() => {
    const { status } = engine.session
    if (before === 'logged-in' && status === 'logged-out') clearAddress()
    if (before === 'logged-out' && status === 'logged-in') arriving = true
    if (status === 'logged-in' && app.invitation) {
      app.invitation = ''
      leaveLink()
    }
    before = status
    // Their chats become known all at once.
    if (!arriving || status !== 'logged-in' || engine.chats.length === 0) return
    arriving = false
    const wanted = chatInAddress()
    if (wanted === null || app.chat !== null) return
    if (engine.chats.some((chat) => chat.id === wanted)) Object.assign(app, placeInAddress())
    else clearAddress()
  })
}
