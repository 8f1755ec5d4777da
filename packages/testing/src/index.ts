// The face of @skein/testing: what a test against Skein needs.
export { backUp } from './backup.ts'
export { createMysqlDatabase, startMariadb, type Mariadb } from './mariadb.ts'
export { startRedis, type Redis } from './redis.ts'
export { databaseContents } from './database-contents.ts'
export { RawClient, type Heard } from './raw-client.ts'
export { sha256, startTestServer, type LogLine, type TestServer } from './sync-test-server.ts'
export { startSkein, type Skein, type SkeinOptions } from './skein.ts'
export { openCutNetwork, type CutNetwork } from './cut-network.ts'
export { until, type Watchable } from './until.ts'
export {
  providerSettings,
  SpawnedProcess,
  spawnIssuer,
  spawnKeys,
  spawnNpmStart,
  spawnProvider,
  spawnSeed,
  spawnServer,
  spawnServerStandingBy,
  spawnServerWithClock,
  spawnUser,
} from './spawned-server.ts'
