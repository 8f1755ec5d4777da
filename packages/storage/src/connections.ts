// What both databases offer to the rest: a connection that runs statements in order.
import type { QueryResult } from 'kysely'
import type { Statement } from './statements.ts'

export interface Connection {
  /** Runs the statements in order; a failing one ends the rest and rejects. */
  run(statements: readonly Statement[]): Promise<QueryResult<unknown>[]>
  begin(): Promise<void>
  /** Runs these statements, then COMMIT. @throws NotWritten when one of them fails: then COMMIT was never asked for. */
  commit(last: readonly Statement[]): Promise<void>
  /** Never rejects: a connection on which it fails is not used again. */
  rollback(): Promise<void>
  release(): void
}

/** A transaction whose last statements failed before its COMMIT: nothing of it is stored. */
export class NotWritten extends Error {
  constructor(cause: unknown) {
    super('A statement before COMMIT failed', { cause })
    this.name = 'NotWritten'
  }
}

export interface Connections {
  acquire(): Promise<Connection>
  /** What an error of this database means for whoever asked. */
  kindOf(error: unknown): FailureKind
  close(): Promise<void>
}

/**
 * `conflict`: lost against another transaction, nothing is written, the same may be tried again. `duplicate`: a unique key is taken.
 * `unreachable`: no answer. `other`: these statements will never work.
 */
export type FailureKind = 'conflict' | 'duplicate' | 'unreachable' | 'other'
