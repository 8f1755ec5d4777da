// The documents say what is: settings, routes and examples are read from them and held against the code.
import { readFileSync } from 'node:fs'
import { CLOSE_REASONS, HTTP_ERRORS } from '@skein/protocol'
import { expect, test } from 'vitest'
import { settingNames } from './settings.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

test('docs/stable-surface.md names every setting, and no other', () => {
  const [, table = ''] = /## Environment([\s\S]*?)\n## /.exec(read('docs/stable-surface.md')) ?? []
  expect(Array.from(table.matchAll(/^\| `([A-Z_]+)`/gm), ([, name]) => name).sort()).toEqual([...settingNames].sort())
})

test('every code that a document names is in the closed list', () => {
  const codes = new Set([...Object.keys(HTTP_ERRORS), ...Object.keys(CLOSE_REASONS)])
  const named = Array.from(read('docs/stable-surface.md').matchAll(/\b[45]\d\d `([a-z-]+)`/g), ([, code]) => code ?? '')
  expect(named.length).toBeGreaterThan(3)
  expect(named.filter((code) => !codes.has(code))).toEqual([])
})

test('docs/embedding.md shows the page that the browser test opens', () => {
  expect(read('docs/embedding.md')).toContain(`\`\`\`html\n${read('client/dev/example.html')}\`\`\``)
})
