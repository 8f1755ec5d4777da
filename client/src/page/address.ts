// The open chat stands in the page's address, so that a reload and the back button do what people expect.
import { isChatId } from '@skein/protocol'
import type { ChatApp } from '../elements/chat-app.ts'

const FROM_LIST = 'skein: from the list'

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
    // From the list into a chat is a step that Back undoes; from one chat to the next is none.
    if (app.chat && !location.hash) history.pushState(FROM_LIST, '', wanted)
    else if (!app.chat && history.state === FROM_LIST) history.back()
    else history.replaceState(history.state, '', wanted)
  })
}
