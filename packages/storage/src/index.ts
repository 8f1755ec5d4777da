// The face of @skein/storage.
export * from './types.ts'
