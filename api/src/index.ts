// The face of @skein/api.
export { createApi } from './api.ts'
export type { ApiDependencies, Logger, SyncPort } from './ports.ts'
