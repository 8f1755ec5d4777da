// The open chat stands in the page's address, so that a reload and the back button do what people expect.
import { isChatId } from '@skein/protocol'
import type { ChatApp } from '../elements/chat-app.ts'

const chatInAddress = () => {
  const id = location.hash.slice(1)
  return isChatId(id) ? id : null
}

export function followAddress(app: ChatApp): void {
  app.chat = chatInAddress()
  addEventListener('popstate', () => (app.chat = chatInAddress()))
  app.addEventListener('chat-chosen', () => {
    // The element has taken the choice over already.
    const wanted = app.chat ? `#${app.chat}` : location.pathname + location.search
    if (app.chat === chatInAddress()) return
    // From one chat to the next is no step back; from the list into a chat is one.
    if (app.chat && location.hash) history.replaceState(null, '', wanted)
    else history.pushState(null, '', wanted)
  })
}
