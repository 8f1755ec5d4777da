// Tries a disk that failed again, now and then: a full one was cleared, say.
import type { Local } from '../local.ts'
import { backoffMs, inBackground, type Ports, type Timer } from '../ports.ts'

export interface DiskReturn {
  /** The disk failed. */
  failed(): void
  /** A last try, since what only memory holds is gone with the page. */
  close(): Promise<void>
}

/** `returned`: the disk is used again. `local` is asked for from the first failure on. */
export function createDiskReturn(local: () => Local, ports: Ports, returned: () => void): DiskReturn {
  let timer: Timer | null = null
  let tries = 0
  let closed = false

  async function look(): Promise<void> {
    timer = null
    if (await local().comeBack()) returned()
    else failed()
  }
  function failed(): void {
    if (!closed) timer ??= ports.setTimeout(() => inBackground(look(), ports), backoffMs(tries++, ports))
  }
  return {
    failed,
    close: async () => {
      closed = true
      if (timer !== null) ports.clearTimeout(timer)
      if (local().store.failed) await local().comeBack()
    },
  }
}
