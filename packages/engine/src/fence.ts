// The leader's number in the local store. Every write of a leader is refused there once another tab has taken a higher one: a tab that was stolen from and wakes up can append nothing (I7).
import { FENCE_KEY as KEY } from './claim-fence.ts'
import type { Local } from './local.ts'
import { EngineClosed, type Ports } from './ports.ts'
import { expectField, type Change } from './store/store.ts'

/** A commit that took longer may have slept on its way: whether the number still holds is looked up again. */
const LEASE_MS = 500

export interface Fence {
  /** Local data as the leader writes it: what is not its to write any more throws EngineClosed. */
  readonly local: Local
  /** false once another tab leads. */
  holds(): Promise<boolean>
}

/** `fence` null where tabs do not know of each other: nothing is checked then. `lost` is called when a write was refused because another tab leads. */
export function openFence(local: Local, fence: number | null, ports: Ports, lost: () => void): Fence {
  if (fence === null) return { local, holds: async () => true }
  const expected = expectField('meta', KEY, 'value', String(fence))
  /** Memory that stands in for a failed disk is this tab's own. */
  const guard = (changes: readonly Change[]): readonly Change[] => (local.store.failed ? changes : [expected, ...changes])
  async function holds(): Promise<boolean> {
    const held = (await local.store.get('meta', KEY))?.value === String(fence) || local.store.failed
    if (!held) lost()
    return held
  }
  async function mustHold(): Promise<void> {
    for (let since = -Infinity; ports.now() - since > LEASE_MS;) {
      since = ports.now()
      if (!(await holds())) throw new EngineClosed('Another tab leads now.')
    }
  }
  const fenced: Partial<Local> = {
    commit: async (changes, durable) => {
      for (;;) {
        const { failed } = local.store
        const since = ports.now()
        const done = await local.commit(() => guard(typeof changes === 'function' ? changes() : changes), durable)
        if (!done || ports.now() - since > LEASE_MS) await mustHold()
        if (done || failed === local.store.failed) return done
      }
    },
    update: async (chat, make) => {
      let tries = 0
      await local.update(chat, async (row) => {
        if (tries++ > 0) await mustHold()
        const changes = await make(row)
        return changes && changes.length > 0 ? guard(changes) : null
      })
    },
  }
  return { local: Object.assign(Object.create(local) as Local, fenced), holds }
}
