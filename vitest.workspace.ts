// The suffix of a test says what it needs: `.test.ts` nothing, `.contract.test.ts` SQLite and `.mysql.test.ts` MariaDB (the same suite), `.mariadb.test.ts` MariaDB
// alone, `.simulation.test.ts` time, `.browser.test.ts` Chromium, and e2e/ everything. One project for each; `npm test` runs them in order and counts.
import { defineConfig } from 'vitest/config'

const tests = (suffix: string) => `{packages/*,api,sync-server,server,client,torture,simulation}/src/**/*${suffix}.test.ts`
const e2e = { include: ['e2e/src/**/*.e2e.test.ts'], testTimeout: 600_000, hookTimeout: 180_000, fileParallelism: false }
const mariadb = './packages/storage/src/contract/mariadb.setup.ts'
// Seconds that real processes and databases may take on a busy machine; no test waits for them.
const real = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 60_000 } } }

export default defineConfig({
  test: {
    // What a passed test logged (Hocuspocus says each refusal aloud) is of no use to anybody.
    silent: 'passed-only',
    projects: [
      {
        test: {
          name: 'unit',
          testTimeout: 30_000,
          include: [tests(''), 'scripts/*.test.mjs'],
          exclude: ['contract', 'mysql', 'mariadb', 'simulation', 'browser'].map((suffix) => `**/*.${suffix}.test.ts`),
        },
      },
      { test: { name: 'contract-sqlite', include: [tests('.contract')], ...real } },
      { test: { name: 'contract-mysql', include: [tests('.mysql')], globalSetup: mariadb, ...real } },
      { test: { name: 'mariadb', include: [tests('.mariadb')], globalSetup: mariadb, ...real } },
      { test: { name: 'simulation', include: [tests('.simulation')], testTimeout: 600_000 } },
      { test: { name: 'browser', include: [tests('.browser')], ...real } },
      { test: { name: 'e2e-sqlite', env: { SKEIN_E2E_DATABASE: 'sqlite' }, ...e2e } },
      { test: { name: 'e2e-mysql', env: { SKEIN_E2E_DATABASE: 'mysql' }, ...e2e } },
    ],
  },
})
