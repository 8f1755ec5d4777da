// The face of @skein/storage.
export * from './types.ts'
export type { Link } from './links.ts'
export type { Identity } from './identities.ts'
export type { ReusedSession } from './reused-sessions.ts'
export { openStorage, type OpenPorts, type StorageOptions } from './open.ts'
export { CursorError } from './cursors.ts'
export type { Faults } from './context.ts'
// For who runs SQLite in another thread than the worker, a simulation say.
export { batchRunner, openSqlite } from './sqlite/core.ts'
export type { SqliteThread, StartThread } from './sqlite/client.ts'
export type { FromWorker, ToWorker } from './sqlite/messages.ts'
export { openDeletionJournal, type JournalFile } from './deletion-journal.ts'
