// Taking the leader's number in the local store (see `fence.ts`).
import type { Local } from './local.ts'
import { expectField, put } from './store/store.ts'

/** Where it stands among `meta`. */
export const FENCE_KEY = 'leader'

/** Takes the next number. Memory that stands in for a failed disk knows none: there it is one behind the last that is `known`, and before the disk's next. */
export async function claimFence(local: Local, known: number): Promise<number> {
  for (;;) {
    const before = await local.store.get('meta', FENCE_KEY)
    const last = Math.max(Number(before?.value ?? 0), local.store.failed ? known : 0)
    const next = Math.floor(last) + 1
    const fence = local.store.failed ? (last + next) / 2 : next
    const changes = [expectField('meta', FENCE_KEY, 'value', before?.value ?? null), put('meta', { key: FENCE_KEY, value: String(fence) })]
    if (await local.commit(changes)) return fence
  }
}
