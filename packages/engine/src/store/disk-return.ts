// Tries a disk that failed again, now and then: a full one was cleared, say.
import type { Local } from '../local.ts'
import { backoffMs, inBackground, type Ports, type Timer } from '../ports.ts'

export interface DiskReturn {
  /** The disk failed. */
  failed(): void
  /** `lastTry`: what only memory holds is gone with the page. */
  close(lastTry: boolean): Promise<void>
}

/** `returned`: the disk is used again. `local` is asked for from the first failure on. */
export function createDiskReturn(local: () => Local, ports: Ports, returned: () => void): DiskReturn {
  let timer: Timer | null = null
  let tries = 0
  let closed = false

  async function look(): Promise<void> {
    timer = null
    const isBack = await local().comeBack()
    if (closed) return
    if (isBack) returned()
    else failed()
  }
  function failed(): void {
    if (!closed) timer ??= ports.setTimeout(() => inBackground(look(), ports), backoffMs(tries++, ports))
  }
  return {
    failed,
    close: async (lastTry) => {
      closed = true
      if (timer !== null) ports.clearTimeout(timer)
      if (lastTry && local().store.failed) await local().comeBack()
    },
  }
}
