// The face of @skein/testing: what a test against Skein needs.
export { backUp } from './backup.ts'
export { createMysqlDatabase, startMariadb, type Mariadb } from './mariadb.ts'
export { RawClient, type Heard } from './raw-client.ts'
export { sha256, startTestServer, type LogLine, type TestServer } from './sync-test-server.ts'
export { startSkein, type Skein, type SkeinOptions } from './skein.ts'
export { openCutNetwork, type CutNetwork } from './cut-network.ts'
export { until, type Watchable } from './until.ts'
export { SpawnedProcess, spawnNpmStart, spawnSeed, spawnServer } from './spawned-server.ts'
