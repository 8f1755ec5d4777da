// The numbers of docs/expected.md against the end-to-end tests: each one that is built is shown on every screen, and no title names a number that is not there.
import { lineOf, nodesOf } from './sources.mjs'
import { rootOf, titleOf } from './spec.mjs'

/** UX 9; UX 8, 14, 16; UX 3 and 15 */
const mention = /\bUX (\d+(?:(?:, (?:UX )?| and )\d+)*)/g
const numbersIn = (text) => [...text.matchAll(mention)].flatMap(([, numbers]) => numbers.match(/\d+/g).map(Number))

/** What runs for each of the screens of e2e/src/screens.ts. */
function rangesOnScreens(nodes) {
  return nodes
    .filter(({ callee }) => callee.type === 'CallExpression' && callee.callee.property?.name === 'each' && callee.arguments[0]?.name === 'screens')
    .map(({ start, end }) => [start, end])
}

/** One sentence for each number that no test shows, and for each title that names a number which is none. */
export function checkExpected(page, sources) {
  const all = new Set()
  const built = new Set()
  for (const [, number, text] of page.matchAll(/^(\d+)\. (.+)$/gm)) {
    all.add(Number(number))
    if (!/ Not yet: /.test(text)) built.add(Number(number))
  }
  const shown = new Set()
  const problems = []
  for (const source of sources) {
    if (!source.isTest) continue
    const calls = [...nodesOf(source.ast)].filter(({ type, callee }) => type === 'CallExpression' && ['test', 'describe'].includes(rootOf(callee)))
    const ranges = source.path.endsWith('.e2e.test.ts') ? rangesOnScreens(calls) : []
    for (const call of calls) {
      for (const number of numbersIn(titleOf(call))) {
        if (!all.has(number)) problems.push(`${source.path}:${lineOf(source, call)} names UX ${number}, which is not in docs/expected.md`)
        if (ranges.some(([start, end]) => start <= call.start && call.end <= end)) shown.add(number)
      }
    }
  }
  for (const number of built)
    if (!shown.has(number)) problems.push(`docs/expected.md: no end-to-end test on all screens has UX ${number} in its title`)
  return problems
}
