// What the main thread and the SQLite worker say to each other.

/** A value of a column. */
export type Value = null | number | bigint | string | Uint8Array

export interface WorkerOptions {
  path: string
}

export interface Batch {
  id: number
  /** Statements by number; `texts` brings those that the worker has not seen yet. */
  texts: [number: number, sql: string][]
  statements: [number: number, parameters: Value[], times: number, expect: number | null][]
}

export type StatementResult = { columns: string[]; rows: Value[][] } | { changes: number }

export interface Failure {
  message: string
  /** SQLite's extended result code; 0 when the error is not SQLite's. */
  errcode: number
}

export type FromWorker =
  | { kind: 'open' }
  | { kind: 'in-use'; pid: number | null }
  | { kind: 'failed'; failure: Failure }
  | { kind: 'results'; id: number; results: StatementResult[]; failure: Failure | null }
  | { kind: 'closed' }

export type ToWorker = { kind: 'batch'; batch: Batch } | { kind: 'close' }
