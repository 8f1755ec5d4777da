// The comparison of docs/expected.md with the tests is proved on planted pages; `npm run verify` runs it on the project.
import { expect, test } from 'vitest'
import { checkExpected } from './expected.mjs'
import { parseSource } from './sources.mjs'

const page = '# Expected\n\n1. **One.** It is.\n2. **Two.** Not yet: why.\n3. **Three.** It is. Not yet of it: a part.\n4. Four.\n'
const check = (text, path = 'e2e/src/a.e2e.test.ts') => checkExpected(page, [parseSource(path, text)])

test('each number that is built stands in a title that runs on every screen, however it is written', () => {
  expect(check("describe.each(screens)('on $screen', () => test('UX 1 and 3: x', f)); test.each(screens)('UX 3, 4, promise 1: x', f)")).toEqual([])
  expect(check("describe.each(screens)('UX 1, UX 3: x', () => test(`UX 4: ${x}`, f))")).toEqual([])
})
test('a number without a test is named, also where it is shown on one screen alone, elsewhere than end to end, or outside a title', () => {
  const missing = (number) => `docs/expected.md: no end-to-end test on all screens has UX ${number} in its title`
  expect(check("// UX 3\ndescribe.each(screens)('x', () => { test('UX 1: x', () => say('UX 3')) })\ntest('UX 4: x', f)")).toEqual([3, 4].map(missing))
  expect(check("test.each(screens)('UX 1, 3, 4: x', f)", 'client/src/a.browser.test.ts')).toEqual([1, 3, 4].map(missing))
  expect(check("test.each(others)('UX 1, 3, 4: x', f)")).toEqual([1, 3, 4].map(missing))
})
test('a title that names a number which is none is named with its line, wherever it stands', () => {
  const shown = "test.each(screens)('UX 1, 3, 4: of 12 people', f)\n"
  expect(check(`${shown}test('UX 4, 31: x', f)`)).toEqual(['e2e/src/a.e2e.test.ts:2 names UX 31, which is not in docs/expected.md'])
})
