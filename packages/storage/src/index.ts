// The face of @skein/storage.
export * from './types.ts'
export { openStorage, type OpenPorts, type StorageOptions } from './open.ts'
export { CursorError } from './cursors.ts'
export type { Faults } from './context.ts'
export { openDeletionJournal, type JournalFile } from './deletion-journal.ts'
