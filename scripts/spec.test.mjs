// The comparison of SPEC.md with the tests is proved on planted pages; `npm run verify` runs it on the project.
import { expect, test } from 'vitest'
import { parseSource } from './sources.mjs'
import { checkSpec } from './spec.mjs'

const spec = '- **LED-1** One.\n- **LED-2** Two.\n- **AW-1** Three.\n'
const check = (path, text) => checkSpec(spec, [parseSource(path, text)])

test('each rule stands in a title, however the test is written', () => {
  expect(check('a.test.ts', "test('LED-1, promise 5: x', f); describe.each([1])('AW-1 %i', f); test.each`a`(`LED-2 ${1}`, f)")).toEqual([])
})
test('a rule without a test is named; a mention outside a title is none', () => {
  expect(check('a.test.ts', "// LED-2\ntest('LED-1', () => say('LED-2'))")).toEqual([
    'packages/protocol/SPEC.md: no test has LED-2 in its title',
    'packages/protocol/SPEC.md: no test has AW-1 in its title',
  ])
  expect(check('a.ts', "test('LED-1 LED-2 AW-1', f)")).toHaveLength(3)
})
test('a title that names a rule which is none is named with its line; other codes are not its matter', () => {
  expect(check('a.test.ts', "test('LED-1 LED-2 AW-1', f)\ntest('LED-22, X-4', f)")).toEqual([
    'a.test.ts:2 names LED-22, which is no rule of packages/protocol/SPEC.md',
  ])
})
