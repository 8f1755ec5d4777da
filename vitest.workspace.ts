// The suffix of a test says what it needs: `.test.ts` nothing, `.mysql.test.ts` a database, `.browser.test.ts` Chromium.
import { defineConfig } from 'vitest/config'

const sources = '{packages/*,api,sync-server,server}/src/**/'

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: [`${sources}*.test.ts`], exclude: ['**/*.contract.test.ts', '**/*.mysql.test.ts', '**/*.browser.test.ts', '**/node_modules/**'] } },
      { test: { name: 'contract-sqlite', include: [`${sources}*.contract.test.ts`], exclude: ['**/node_modules/**'] } },
      {
        test: {
          name: 'contract-mysql',
          include: [`${sources}*.mysql.test.ts`],
          exclude: ['**/node_modules/**'],
          globalSetup: './packages/storage/src/contract/mariadb.setup.ts',
        },
      },
    ],
  },
})
