// DATA_DIR/skein.pid: the process that answers there, for scripts that stop or watch it. No lock; what must not be shared is locked by the storage.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface PidFile extends AsyncDisposable {
  write(): Promise<void>
}

/** Disposing removes what was written, unless another process has put its own there since. */
export function createPidFile(dataDir: string): PidFile {
  const path = join(dataDir, 'skein.pid')
  const text = `${process.pid}\n`
  return {
    write: () => writeFile(path, text),
    async [Symbol.asyncDispose]() {
      if ((await readFile(path, 'utf8').catch(() => null)) === text) await rm(path, { force: true })
    },
  }
}
