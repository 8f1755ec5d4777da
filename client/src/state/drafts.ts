// What somebody has typed and not sent, by chat. Kept for this tab, so that a reload loses no word.
import type { ChatId, UserId } from '@skein/protocol'

const storageKey = (user: UserId, chat: ChatId): string => `skein-draft:${user}:${chat}`

export function readDraft(user: UserId, chat: ChatId): string {
  try {
    return sessionStorage.getItem(storageKey(user, chat)) ?? ''
  } catch {
    // A page may be denied its storage; the words then live as long as the composer.
    return ''
  }
}

export function writeDraft(user: UserId, chat: ChatId, text: string): void {
  try {
    if (text) sessionStorage.setItem(storageKey(user, chat), text)
    else sessionStorage.removeItem(storageKey(user, chat))
  } catch {
    // As above.
  }
}

/** Nothing of the person is to stay. */
export function forgetDrafts(user: UserId): void {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(`skein-draft:${user}:`)) sessionStorage.removeItem(key)
  } catch {
    // As above.
  }
}
