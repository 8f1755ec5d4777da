// A disk that can be full: a small tmpfs where one may mount, else a limit on how far the server's process may write.
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const SIZE = '128m'
const MEBIBYTE = 1 << 20

export interface Disk extends AsyncDisposable {
  readonly folder: string
  /** Nothing more can be written to it. `pid`: the process that writes. */
  fill(pid: number): Promise<void>
  free(pid: number): Promise<void>
}

export async function openDisk(folder: string): Promise<Disk> {
  mkdirSync(folder, { recursive: true })
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=700`, 'skein-torture', folder]).then(
    () => true,
    () => false,
  )
  return mounted ? smallDisk(folder) : limitedDisk(folder)
}

/** ENOSPC for everybody. */
function smallDisk(folder: string): Disk {
  const ballast = join(folder, 'ballast')
  const unmount = (): void => void spawnSync('umount', ['-l', folder])
  process.on('exit', unmount)
  return {
    folder,
    fill: async () => {
      const file = await open(ballast, 'w')
      const { bsize } = statfsSync(folder)
      // Much at once, then to the last block, also where somebody else takes or gives room meanwhile.
      for (const block of [Buffer.alloc(MEBIBYTE), Buffer.alloc(bsize)]) {
        try {
          for (;;) await file.write(block)
        } catch {
          // Full.
        }
      }
      await file.close()
    },
    free: async () => rmSync(ballast, { force: true }),
    [Symbol.asyncDispose]: async () => {
      process.off('exit', unmount)
      unmount()
    },
  }
}

/** EFBIG for one process; Node ignores the signal that comes with it. */
function limitedDisk(folder: string): Disk {
  const limit = async (pid: number, bytes: string): Promise<void> => {
    await run('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`])
  }
  return {
    folder,
    fill: (pid) => limit(pid, '1'),
    free: (pid) => limit(pid, 'unlimited').catch(() => {}),
    [Symbol.asyncDispose]: async () => {},
  }
}
