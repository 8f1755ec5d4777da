// The face of @skein/engine, for browsers. Bots and tests take @skein/engine/node as well.
export * from './types.ts'
export { createEngine, type EngineOptions } from './create-engine.ts'
export { subjectOf } from './token-claims.ts'
/** Loads now what is else loaded when a tab first leads. */
export { loadLateParts } from './late.ts'
export { WINDOW_ITEMS } from './chats/window.ts'
/** When a lost connection is tried again, and whatever else is. */
export { backoffMs, RESTART_SPREAD_MS } from './ports.ts'
export type { Ports, Locks, Channel, DocumentCache, Timer } from './ports.ts'
export { browserPorts } from './browser/ports.ts'
export { indexedDbStores } from './store/indexeddb-store.ts'
export { memoryStores } from './store/memory-store.ts'
export { StoreFull, type LocalStore, type StoreFactory } from './store/store.ts'
