// What another app shares with this one, once it is installed (`share_target` of the manifest): the browser opens `share?title=…&text=…&url=…`.
import type { ChatApp } from '../elements/chat-app.ts'

const sharePath = /share$/
/** Kept in this tab: whoever is not logged in may leave the page before they are. */
const SHARED = 'skein: shared by another app'

/** As one text; what stands in another part is not said twice. */
function wordsOf(given: URLSearchParams): string {
  const parts = ['title', 'text', 'url'].flatMap((name) => given.get(name)?.trim() || [])
  return parts.filter((part, at) => !parts.some((other, place) => place !== at && other.includes(part) && (other !== part || place < at))).join('\n')
}

function takeShared(): string {
  try {
    if (sharePath.test(location.pathname)) {
      sessionStorage.setItem(SHARED, wordsOf(new URLSearchParams(location.search)))
      // The words stay in no address and no history.
      history.replaceState(null, '', location.pathname.replace(sharePath, ''))
    }
    return sessionStorage.getItem(SHARED) ?? ''
  } catch {
    // A browser that keeps nothing installs nothing either.
    return ''
  }
}

/** Before anything else looks at the page's address. */
export function followShared(app: ChatApp): void {
  app.shared = takeShared()
  app.addEventListener('share-done', () => sessionStorage.removeItem(SHARED))
}
