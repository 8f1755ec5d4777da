// One process for each database: a lock that dies with its process, whatever kills it.
import { DatabaseSync } from 'node:sqlite'

/**
 * An open write transaction on a small database beside the real one. The operating system drops it with the process, unlike a file with a pid;
 * readers of the real database are not kept out; and the owner's pid can be read, since a write transaction does not stop readers.
 */
export function lockDatabase(path: string): { release(): void } | { ownerPid: number | null } {
  const lock = new DatabaseSync(`${path}-lock`)
  try {
    lock.exec('pragma journal_mode = delete; pragma synchronous = off')
    lock.exec('begin immediate; create table if not exists owner (pid integer); delete from owner')
    lock.prepare('insert into owner values (?)').run(process.pid)
    lock.exec('commit; begin immediate')
    return { release: () => lock.close() }
  } catch (error) {
    const ownerPid = isBusy(error) ? readOwner(lock) : undefined
    lock.close()
    if (ownerPid === undefined) throw error
    return { ownerPid }
  }
}

const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5

function readOwner(lock: DatabaseSync): number | null {
  try {
    const pid = lock.prepare('select pid from owner').get()?.['pid']
    return typeof pid === 'number' ? pid : null
  } catch {
    return null // The owner is just writing it.
  }
}
