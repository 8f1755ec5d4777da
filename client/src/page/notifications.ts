// Tells of new messages while nobody looks at the page, by its service worker, which knows whether another tab of it is looked at.
import type { ChatItem, Engine } from '@skein/engine'
import { isChatId, type ChatId } from '@skein/protocol'
import { direction, locale } from '../languages/language.ts'
import { callsFor, previewOf } from '../model/lists.ts'
import { preferences } from '../state/preferences.ts'
import type { ToWorker } from '../worker/messages.ts'

const isLookedAt = (): boolean => document.visibilityState === 'visible' && document.hasFocus()

async function tell(message: ToWorker): Promise<void> {
  const { active } = await navigator.serviceWorker.ready
  active?.postMessage(message)
}

function words(chat: ChatItem): string {
  const { who, text } = previewOf(chat)
  return who ? `${who} ${text}` : text
}

let isStarted = false
/** Once for the page; does nothing while the person wants none. */
export function startNotifications(engine: Engine): void {
  if (isStarted) return
  isStarted = true
  /** By chat: the newest message that is nothing new any more. */
  const known = new Map<ChatId, number>()
  const told = new Set<ChatId>()
  const withdraw = (chat: ChatId): void => {
    if (told.delete(chat)) void tell({ is: 'seen', chat })
  }
  function look(isFirst: boolean): void {
    if (engine.session.status !== 'logged-in') {
      for (const chat of told) withdraw(chat)
      known.clear()
      return
    }
    for (const chat of engine.chats) {
      const seq = chat.lastMessage?.seq ?? 0
      const isNew = !isFirst && seq > (known.get(chat.id) ?? 0) && chat.lastMessage?.own === false
      known.set(chat.id, Math.max(seq, known.get(chat.id) ?? 0))
      if (callsFor(chat, Date.now()) === 0) withdraw(chat.id)
      else if (isNew && preferences.notify === 'on' && !isLookedAt()) {
        told.add(chat.id)
        void tell({ is: 'new', chat: chat.id, title: chat.title, words: words(chat), lang: locale(), dir: direction() })
      }
    }
  }
  look(true)
  engine.subscribe(() => look(false))
  navigator.serviceWorker.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const { open } = Object(data) as { open?: unknown }
    if (isChatId(open)) location.hash = open
  })
}
