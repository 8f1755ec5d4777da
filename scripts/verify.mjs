// `npm run verify`: types, lint, format, layers and rules. Prints what is wrong and how long each took; everything is checked even when something failed.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkExpected } from './expected.mjs'
import { checkLayers } from './layers.mjs'
import { checkRules } from './rules.mjs'
import { checkSentences } from './sentences.mjs'
import { checkSpec } from './spec.mjs'
import { readDevDependencies, readSources, readWorkspaces, root } from './sources.mjs'

function tool(name, args) {
  const bin = join(root, 'node_modules', name, 'bin', name === 'typescript' ? 'tsc' : name)
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  return status === 0 ? [] : [`${stdout}${stderr}`.trim() || `${name} ended with ${status}`]
}

const checks = {
  'types, pure': () => tool('typescript', ['-p', 'tsconfig.pure.json']),
  'types, node': () => tool('typescript', ['-p', 'tsconfig.node.json']),
  'types, browser': () => tool('typescript', ['-p', 'tsconfig.browser.json']),
  'types, worker': () => tool('typescript', ['-p', 'client/src/worker/tsconfig.json']),
  'types, tests': () => tool('typescript', ['-p', 'tsconfig.test.json']),
  lint: () => tool('oxlint', ['--quiet']),
  format: () => tool('oxfmt', ['--list-different', '.']).map((files) => `${files}\nnot formatted: npm run format`),
  layers: () => checkLayers(readSources(), readWorkspaces(), readDevDependencies()),
  rules: () => checkRules(readSources()),
  sentences: () => checkSentences(readSources()),
  'numbers of docs/expected.md': () => checkExpected(readFileSync(join(root, 'docs/expected.md'), 'utf8'), readSources()),
  'rules of SPEC.md': () => checkSpec(readFileSync(join(root, 'packages/protocol/SPEC.md'), 'utf8'), readSources()),
}

function attempt(check) {
  try {
    return check()
  } catch (error) {
    return [error.message]
  }
}

/** @returns {{ passed: number, failed: number }} */
export function verify() {
  let failed = 0
  for (const [name, check] of Object.entries(checks)) {
    const started = performance.now()
    const problems = attempt(check)
    if (problems.length) failed++
    console.log(`${problems.length ? '✗' : '✓'} ${name} ${((performance.now() - started) / 1000).toFixed(1)} s`)
    for (const problem of problems) console.log(`${problem}\n`)
  }
  return { passed: Object.keys(checks).length - failed, failed }
}

if (import.meta.main) process.exitCode = verify().failed ? 1 : 0
