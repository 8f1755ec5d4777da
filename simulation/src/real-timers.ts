// The process's own timers, kept before the simulation takes their place.
export const realImmediate = globalThis.setImmediate
export const realSetTimeout = globalThis.setTimeout
export const realNow = Date.now
