// The rules of packages/protocol/SPEC.md against the tests: each rule stands in the title of a test, and no title names a rule that is not there.
import { lineOf, nodesOf } from './sources.mjs'

const ruleName = /\b[A-Z]+-\d+\b/g

/** The name behind a call, so `test` for `test(…)`, `test.each(…)(…)` and `describe.each(…)(…)`. */
export function rootOf(callee) {
  let node = callee
  while (node && node.type !== 'Identifier') node = node.callee ?? node.tag ?? node.object
  return node?.name ?? ''
}

/** What a call of `test` or `describe` is named; empty where that is no text. */
export function titleOf({ arguments: [title] }) {
  if (title?.type === 'TemplateLiteral') return title.quasis.map((quasi) => quasi.value.raw).join(' ')
  return title?.type === 'Literal' && typeof title.value === 'string' ? title.value : ''
}

function* titlesOf({ ast }) {
  for (const node of nodesOf(ast))
    if (node.type === 'CallExpression' && ['test', 'describe'].includes(rootOf(node.callee))) yield { node, text: titleOf(node) }
}

/** One sentence for each rule without a test, and for each title that names a rule which is none. */
export function checkSpec(spec, sources) {
  const rules = new Set([...spec.matchAll(/^- \*\*([A-Z]+-\d+)\*\*/gm)].map(([, name]) => name))
  const families = new Set([...rules].map((name) => name.split('-')[0]))
  const shown = new Set()
  const problems = []
  for (const source of sources) {
    if (!source.isTest) continue
    for (const { node, text } of titlesOf(source)) {
      for (const [name] of text.matchAll(ruleName)) {
        shown.add(name)
        if (families.has(name.split('-')[0]) && !rules.has(name))
          problems.push(`${source.path}:${lineOf(source, node)} names ${name}, which is no rule of packages/protocol/SPEC.md`)
      }
    }
  }
  for (const name of rules) if (!shown.has(name)) problems.push(`packages/protocol/SPEC.md: no test has ${name} in its title`)
  return problems
}
