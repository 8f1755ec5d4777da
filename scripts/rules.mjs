// Rules of the house that the lint has no word for, each with its reason. One sentence for each place where one is broken.
import { lineOf, nodesOf } from './sources.mjs'

/** The files that implement the ports clock and randomness; everywhere else these are handed in, so that a test can turn them. */
export const portFiles = ['packages/engine/src/browser/ports.ts', 'packages/engine/src/node/ports.ts', 'packages/testing/src/ports.ts']

const handedIn = /^(packages\/|api\/|sync-server\/)/
const property = (node, object, name) =>
  node.type === 'MemberExpression' && node.object.name === object && (node.property.name === name || node.property.value === name)

const rules = [
  {
    // What no test can turn, no test can prove.
    message: 'the clock and randomness are handed in',
    where: (source) => handedIn.test(source.path) && !source.isTest && !portFiles.includes(source.path),
    breaks: (node) =>
      property(node, 'Date', 'now') ||
      property(node, 'Math', 'random') ||
      (node.type === 'NewExpression' && node.callee.name === 'Date' && node.arguments.length === 0) ||
      (node.type === 'CallExpression' && node.callee.name === 'Date'),
  },
  {
    // A column that a later migration adds must not travel to where nobody expects it (a password's hash, say).
    message: 'columns are named, never *',
    where: (source) => !source.isTest,
    breaks: (node) =>
      (node.type === 'MemberExpression' && node.property.name === 'selectAll') ||
      (node.type === 'Literal' && typeof node.value === 'string' && /\bselect\s+\*/i.test(node.value)) ||
      (node.type === 'TemplateElement' && /\bselect\s+\*/i.test(node.value.raw)),
  },
  {
    // jose accepts tokens without audience, end or type unless asked (S1): one function asks.
    message: 'tokens are verified by packages/auth only',
    where: (source) => !source.path.startsWith('packages/auth/') && !source.isTest,
    breaks: (node) => node.type === 'ImportSpecifier' && node.imported.name === 'jwtVerify',
  },
]

const suppression = /(?:es|ox)lint-disable|@ts-(?:ignore|expect-error|nocheck)/
const badName = /(^|\/)[^/]*([A-Z_]|utils?\.|helpers?\.)[^/]*$|(^|\/)(utils?|helpers?)\//

export function checkRules(sources) {
  const problems = []
  for (const source of sources) {
    const applying = rules.filter((rule) => rule.where(source))
    for (const node of nodesOf(source.ast)) {
      for (const rule of applying) if (rule.breaks(node)) problems.push(`${source.path}:${lineOf(source, node)} ${rule.message}`)
    }
    if (badName.test(source.path)) problems.push(`${source.path} files are kebab-case and named after what is in them`)
    // These have to name what they look for.
    if (/^scripts\/(rules|layers\.test)\./.test(source.path)) continue
    for (const [index, line] of source.text.split('\n').entries()) {
      if (suppression.test(line))
        problems.push(`${source.path}:${index + 1} rules are changed in their config, with a reason, not switched off in place`)
    }
  }
  return problems
}
