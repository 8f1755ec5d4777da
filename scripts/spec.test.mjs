// Every rule of SPEC.md is proved by a test that carries its id in its title, and no title names a rule that is not there.
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const id = /\b(?:ID|DOC|OP|CHECK|LED|CHAIN|CHAT|CLOSE|AW|ERASE)-\d+\b/g

test('SPEC.md and the titles of tests name the same rules', () => {
  const spec = readFileSync(`${root}packages/protocol/SPEC.md`, 'utf8')
  const rules = new Set(Array.from(spec.matchAll(/^- \*\*([A-Z]+-\d+)\*\*/gm), ([, rule]) => rule))
  const titled = new Set()
  const files = globSync(['packages/*/src/**/*.ts', 'sync-server/src/**/*.ts', 'api/src/**/*.ts', 'e2e/src/**/*.ts'], { cwd: root }).filter((file) =>
    /\.(test|suite)\.ts$|\/contract\//.test(file),
  )
  for (const file of files) {
    for (const [title] of readFileSync(root + file, 'utf8').matchAll(/\b(?:test|describe)(?:\.each\([^)]*\))?\(\s*[`'"][^\n]*/g))
      for (const [rule] of title.matchAll(id)) titled.add(rule)
  }
  expect([...rules].filter((rule) => !titled.has(rule))).toEqual([])
  expect([...titled].filter((rule) => !rules.has(rule))).toEqual([])
})
