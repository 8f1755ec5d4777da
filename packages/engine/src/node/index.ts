// The face of @skein/engine/node: ports and stores for bots and tests.
export { nodePorts } from './ports.ts'
export { sqliteStores } from './sqlite-store.ts'
