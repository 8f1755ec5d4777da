// The local store's port. Three implementations (IndexedDB, node:sqlite, memory) run one contract suite, store.suite.ts.
import { placeOf, type OutboxRow, type TableName, type Tables } from './rows.ts'

export type Change =
  | { put: TableName; key: string; group: string; order: number; row: object }
  | { remove: TableName; key: string }
  /** Deletes all rows of a group. */
  | { removeGroup: TableName; group: string }
  /** The whole write is refused when the row's field is not this, or (null) when there is such a row. */
  | { expect: TableName; key: string; field: string; is: unknown }

export interface Range {
  group: string
  from?: number
  to?: number
  limit?: number
  newestFirst?: boolean
}

export interface LocalStore {
  get<T extends TableName>(table: T, key: string): Promise<Tables[T] | undefined>
  all<T extends TableName>(table: T): Promise<Tables[T][]>
  /** Rows of a group in order, `from` and `to` included. */
  list<T extends TableName>(table: T, range: Range): Promise<Tables[T][]>
  /**
   * One transaction, in order. `durable`: resolves only once the data would survive a power cut.
   * false: an expectation did not hold, and nothing was written. Rejects when the store failed; nothing was written then either.
   */
  write(changes: readonly Change[], durable: boolean): Promise<boolean>
  /** Resolves when everything that was written is in the store. */
  close(): Promise<void>
}

/** The store was made by a newer program: this one must not touch it. */
export class NewerStore extends Error {}

/** The disk, or the browser's share of it, is full; nothing of the write is stored. */
export class StoreFull extends Error {}

/** Why a store is lost: it closed by itself, another deleted it, or a newer program wants it. */
export type Loss = 'closed' | 'deleted' | 'newer'

export interface StoreFactory {
  /** Opens the store of that name, making it where there is none. `lost` is called when it closes (I2). Rejects rather than hangs (I3), with NewerStore where it is of a newer program. */
  open(name: string, lost: (why: Loss) => void): Promise<LocalStore>
  /** Deletes a store; whoever has it open loses it. */
  remove(name: string): Promise<void>
}

export const put = <T extends TableName>(table: T, row: Tables[T]): Change => ({ put: table, ...placeOf(table, row), row })
/** Refuses the write when the row's field is not as expected any more; `is` null: when there is such a row. */
export const expectField = (table: TableName, key: string, field: string, is: unknown): Change => ({ expect: table, key, field, is })

/** Refuses the write when another tab changed the operation of the outbox, its state or its words. */
export const expectQueued = ({ id, state, operation }: OutboxRow): Change[] => [
  expectField('outbox', id, 'state', state),
  expectField('outbox', id, 'operation', operation),
]

/** Whether an expectation holds for the row that is there. */
export function holds(change: Extract<Change, { expect: TableName }>, row: object | undefined): boolean {
  if (change.is === null) return row === undefined
  return row !== undefined && JSON.stringify((row as Record<string, unknown>)[change.field]) === JSON.stringify(change.is)
}
