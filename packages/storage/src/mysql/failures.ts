// What MySQL's and MariaDB's errors mean.
import type { FailureKind } from '../connections.ts'
import { StorageError } from '../types.ts'

/** ER_CHECKREAD, ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK (on a cluster: lost the certification). */
const CONFLICTS = new Set([1020, 1205, 1213])
/** ER_DUP_ENTRY. */
const DUPLICATE = 1062
/** No statement's fault: disk or table full, write error, too many connections, node of a cluster not ready, shutting down, read-only after a fail-over, connection killed, idle for too long. */
const UNREACHABLE = new Set([1021, 1026, 1040, 1047, 1053, 1114, 1290, 1792, 1836, 1927, 4031])
const LOST = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOST|ENET|PROTOCOL_CONNECTION_LOST|PROTOCOL_SEQUENCE_TIMEOUT|POOL_)/

export function mysqlFailure(error: unknown): FailureKind {
  if (error instanceof StorageError) return 'unreachable'
  if (!(error instanceof Error)) return 'other'
  const errno = 'errno' in error ? Number(error.errno) : 0
  if (CONFLICTS.has(errno)) return 'conflict'
  if (errno === DUPLICATE) return 'duplicate'
  const lost = UNREACHABLE.has(errno) || ('code' in error && LOST.test(String(error.code))) || ('fatal' in error && error.fatal === true)
  return lost ? 'unreachable' : 'other'
}
