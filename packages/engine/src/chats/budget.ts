// What a device may hold of all chats.
import type { Ports } from '../ports.ts'

/** What is held of all chats, at most; less where the browser gives little. Rows count with about what they take. */
export const MAX_LOCAL_BYTES = 200 * 1024 * 1024
/** Of the browser's quota, which documents and caches share. */
const QUOTA_SHARE = 0.5

/** The budget in this browser, in bytes. */
export async function budgetBytes(ports: Ports): Promise<number> {
  const quota = await ports.storage?.quotaBytes().catch(() => null)
  return Math.min(MAX_LOCAL_BYTES, Math.floor((quota ?? Infinity) * QUOTA_SHARE))
}
