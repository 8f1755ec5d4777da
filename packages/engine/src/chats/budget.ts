// What a device may hold of all chats, and what goes when it is more.
import type { ChatId } from '@skein/protocol'
import { putChat, type Local } from '../local.ts'
import type { Ports } from '../ports.ts'
import { evict, type Gone } from '../store/evict.ts'

/** What is held of all chats, at most; less where the browser gives little. Rows count with about what they take. */
export const MAX_LOCAL_BYTES = 200 * 1024 * 1024
/** Of the browser's quota, which documents and caches share. */
const QUOTA_SHARE = 0.5

/** The budget in this browser, in bytes. */
export async function budgetBytes(ports: Ports): Promise<number> {
  const quota = await ports.storage?.quotaBytes().catch(() => null)
  return Math.min(MAX_LOCAL_BYTES, Math.floor((quota ?? Infinity) * QUOTA_SHARE))
}

/** Takes out at least `wanted` bytes of what may go, where there is as much; resolves with how many went. `isShown`: in a window of any tab. */
export function evictFrom(local: Local, isShown: (chat: ChatId) => boolean, ports: Ports, wanted: number): Promise<number> {
  const write = async ({ chat, changes, without }: Gone): Promise<boolean> => {
    const row = local.chats.get(chat)
    return row !== undefined && local.commit([...changes, ...putChat(row, without(row))])
  }
  const hasWords = (chat: ChatId): boolean => local.outboxOf(chat).length > 0
  return evict({ chats: local.chats, store: local.store, now: ports.now(), sha256: ports.sha256, hasWords, isShown, alsoKept: false, write }, wanted)
}
