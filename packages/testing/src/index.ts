// The face of @skein/testing: what a test against Skein needs.
export { createMysqlDatabase, startMariadb, type Mariadb } from './mariadb.ts'
export { RawClient, type Heard } from './raw-client.ts'
export { sha256, startTestServer, type LogLine, type TestServer } from './sync-test-server.ts'
export { SpawnedProcess, spawnSeed, spawnServer } from './spawned-server.ts'
