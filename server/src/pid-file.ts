// DATA_DIR/skein.pid: the process that answers there, for scripts that stop or watch it. No lock; what must not be shared is locked by the storage.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Written now; removed on dispose, unless another process has put its own there since. */
export async function writePidFile(dataDir: string): Promise<AsyncDisposable> {
  const path = join(dataDir, 'skein.pid')
  const text = `${process.pid}\n`
  await writeFile(path, text)
  return {
    async [Symbol.asyncDispose]() {
      if ((await readFile(path, 'utf8').catch(() => null)) === text) await rm(path, { force: true })
    },
  }
}
