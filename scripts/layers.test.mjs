// The layer check and the rules are proved on planted violations; `npm run verify` runs them on the project.
import { describe, expect, test } from 'vitest'
import { checkLayers, layers } from './layers.mjs'
import { checkRules } from './rules.mjs'
import { parseSource } from './sources.mjs'

const workspaces = Object.keys(layers).map((folder) => ({
  folder,
  manifest: {
    name: `@skein/${folder.split('/').at(-1)}`,
    exports: { '.': './src/index.ts' },
    dependencies: folder === 'api' ? { hono: '1', yjs: '1' } : {},
  },
}))
const check = (files) =>
  checkLayers(
    Object.entries(files).map(([path, text]) => parseSource(path, text)),
    workspaces,
    ['vitest'],
  )
const lint = (path, text) => checkRules([parseSource(path, text)])

describe('layers', () => {
  test('an import against the arrows names both files', () => {
    expect(check({ 'packages/storage/src/a.ts': `import { x } from '@skein/sync-server'` })).toEqual([
      'packages/storage/src/a.ts:1 imports sync-server/src/index.ts, and packages/storage may depend on packages/protocol only',
    ])
    expect(check({ 'sync-server/src/a.ts': `\nexport type { X } from '@skein/api'` })[0]).toContain('sync-server/src/a.ts:2 imports api/src/index.ts')
    expect(check({ 'packages/protocol/src/a.ts': `type A = import('@skein/engine').Engine` })).toHaveLength(1)
    expect(check({ 'server/src/a.ts': `import { x } from '@skein/sync-server'\nimport { y } from '@skein/api'` })).toEqual([])
  })

  test('a relative path into another package, or a file behind its face', () => {
    expect(check({ 'api/src/a.ts': `import { x } from '../../packages/storage/src/types.ts'` })[0]).toContain(
      'api/src/a.ts:1 imports packages/storage/src/types.ts, past the face of packages/storage',
    )
    expect(check({ 'api/src/a.ts': `import { x } from '@skein/storage/src/types.ts'` })[0]).toContain('past the face of packages/storage')
    expect(check({ 'api/src/a.ts': `const worker = new URL('../../server/src/main.ts', import.meta.url)` })[0]).toContain('server/src/main.ts')
  })

  test('a library that the folder must not know, or does not declare', () => {
    expect(check({ 'api/src/a.ts': `import * as Y from 'yjs'` })).toEqual(['api/src/a.ts:1 imports yjs, and api must not know it'])
    expect(check({ 'api/src/a.ts': `import pino from 'pino'` })).toEqual(['api/src/a.ts:1 imports pino, and api/package.json does not declare it'])
    expect(check({ 'packages/protocol/src/a.ts': `import { readFileSync } from 'fs'` })).toHaveLength(1)
    expect(check({ 'packages/engine/src/a.ts': `import { DatabaseSync } from 'node:sqlite'` })).toHaveLength(1)
    expect(check({ 'packages/engine/src/node/a.ts': `import { DatabaseSync } from 'node:sqlite'` })).toEqual([])
    expect(check({ 'api/src/a.test.ts': `import { test } from 'vitest'\nimport { x } from '@skein/testing'` })).toEqual([])
    expect(check({ 'api/src/a.ts': `import { test } from 'vitest'` })).toHaveLength(1)
  })

  test('a circle, named from file to file', () => {
    const files = { 'api/src/a.ts': `import './b.ts'`, 'api/src/b.ts': `import './c.ts'`, 'api/src/c.ts': `import './a.ts'` }
    expect(check(files)).toEqual(['api/src/a.ts imports api/src/b.ts imports api/src/c.ts imports api/src/a.ts: a circle'])
    expect(check({ 'api/src/a.ts': `import type { B } from './b.ts'`, 'api/src/b.ts': `import './a.ts'` })).toEqual([])
  })
})

describe('rules', () => {
  test('clock and randomness', () => {
    for (const text of ['Date.now()', 'new Date()', 'Math.random()', 'const f = Date.now', `Date['now']()`]) {
      expect(lint('api/src/a.ts', text)).toEqual(['api/src/a.ts:1 the clock and randomness are handed in'])
      expect(lint('api/src/a.test.ts', text)).toEqual([])
      expect(lint('server/src/a.ts', text)).toEqual([])
    }
    expect(lint('api/src/a.ts', 'new Date(5)')).toEqual([])
  })

  test('named columns, one verify function, no suppressions, names', () => {
    expect(lint('api/src/a.ts', 'db.selectFrom("users").selectAll()')).toHaveLength(1)
    expect(lint('api/src/a.ts', 'sql`SELECT * FROM users`')).toHaveLength(1)
    expect(lint('api/src/a.ts', `import { jwtVerify as v } from 'jose'`)).toHaveLength(1)
    expect(lint('packages/auth/src/a.ts', `import { jwtVerify } from 'jose'`)).toEqual([])
    for (const word of ['@ts-ignore', 'eslint-disable-next-line', 'oxlint-disable']) expect(lint('api/src/a.ts', `// ${word}`)).toHaveLength(1)
    for (const name of ['camelCase', 'snake_case', 'utils', 'string-helpers']) expect(lint(`api/src/${name}.ts`, '')).toHaveLength(1)
    expect(lint('api/src/kebab-case.contract.test.ts', '')).toEqual([])
  })
})
